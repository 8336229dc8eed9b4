"""The canned answers of the club: the list, a new one, one to be changed, and the question before one is deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of, staff_required
from core.errors import AppError, NotFound
from core.forms import set_choices
from desk.manager.settings.forms import SettingsForm
from tickets.canned import (
    LONGEST,
    LONGEST_TITLE,
    PLACEHOLDERS,
    TOO_LONG,
    CannedWords,
    canned_answers,
    delete_canned,
    get_canned,
    in_words,
    save_canned,
)
from tickets.forms import counted
from tickets.models import CannedAnswer
from tickets.office import open_departments


class CannedForm(SettingsForm):
    """A canned answer: what the staff call it, its words, and whose tickets it is for."""

    title = forms.CharField(
        label=gettext_lazy("عنوان"),
        max_length=LONGEST_TITLE,
        help_text=gettext_lazy("کارکنان آن را با این نام می‌بینند؛ عضو نمی‌بیند."),
    )
    text = forms.CharField(
        label=gettext_lazy("متن"),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto", **counted(LONGEST, TOO_LONG)}),
    )
    department = forms.ChoiceField(label=gettext_lazy("واحد"), required=False)

    def __init__(self, data: Any = None, *, one: CannedAnswer | None = None) -> None:
        kept = one.department if one else None
        shown = {"title": one.title, "text": one.text, "department": kept.code if kept else ""} if one else {}
        super().__init__(data, initial=shown)
        departments = {row.code: row.name for row in open_departments()} | ({kept.code: kept.name} if kept else {})
        set_choices(self, "department", [("", _("همهٔ واحدها")), *departments.items()])

    def words(self) -> CannedWords:
        """What was typed."""
        typed = self.cleaned_data
        return CannedWords(typed["title"], typed["text"], typed["department"])


@never_cache
@staff_required("manage_tickets")
@require_safe
def canned(request: HttpRequest) -> HttpResponseBase:
    """All canned answers, by title."""
    return render(
        request, "desk/tickets/canned.html", {"rows": [(one, in_words(one.text)) for one in canned_answers()]}
    )


@never_cache
@staff_required("manage_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def canned_new(request: HttpRequest) -> HttpResponseBase:
    """A canned answer to be added."""
    return _page(request, None)


@never_cache
@staff_required("manage_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def canned_one(request: HttpRequest, canned_id: int) -> HttpResponseBase:
    """A canned answer to be changed."""
    return _page(request, get_canned(canned_id))


@never_cache
@staff_required("manage_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def canned_delete(request: HttpRequest, canned_id: int) -> HttpResponseBase:
    """Ask, then delete it."""
    one = get_canned(canned_id)
    if request.method == "POST":
        delete_canned(canned_id, actor=actor_of(request.user))
        messages.success(request, _("پاسخ آمادهٔ «%(title)s» پاک شد.") % {"title": one.title})
        return redirect("desk:ticket_canned")
    return render(request, "desk/tickets/canned_delete.html", {"one": one, "words": in_words(one.text)})


def _page(request: HttpRequest, one: CannedAnswer | None) -> HttpResponseBase:
    form = CannedForm(request.POST if request.method == "POST" else None, one=one)
    if form.is_bound and form.is_valid():
        try:
            saved = save_canned(form.words(), one.pk if one else None, actor=actor_of(request.user))
        except NotFound:
            raise
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("پاسخ آمادهٔ «%(title)s» ثبت شد.") % {"title": saved.title})
            return redirect("desk:ticket_canned")
    placeholders = [(f"{{{code}}}", label) for code, label in PLACEHOLDERS.items()]
    context = {"form": form, "one": one, "placeholders": placeholders}
    return render(request, "desk/tickets/canned_one.html", context, status=422 if form.errors else 200)
