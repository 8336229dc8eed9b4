"""The club's rules for the staff: a draft, a look at it beside the version before, and who accepted what."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.members.models import RulesVersion
from club.members.rulebook import (
    LONGEST,
    acceptances,
    count_members,
    draft_of_rules,
    drop_draft,
    publish_rules,
    published_rules,
    published_versions,
    rules_before,
    save_draft,
    withdraw_rules,
)
from core.errors import Conflict, ValidationFailed
from core.forms import JalaliDateField, PersianForm
from core.jalali import format_date, local_date
from core.keyset import every
from core.language import in_language
from core.prose import blocks, changes
from core.tables.writing import Column
from core.tenancy.scope import current_club
from core.text import whole_number
from desk.files import file_links, list_file
from desk.manager.record import actors

ROWS, CHUNK = 50, 500
ACCEPTED = (
    Column(gettext_lazy("زمان"), attrgetter("at"), "moment"),
    Column(gettext_lazy("نام"), attrgetter("member.full_name")),
    Column(gettext_lazy("موبایل"), attrgetter("member.phone")),
    Column(gettext_lazy("از کجا"), lambda row: _("هنگام عضویت") if row.source == "join" else _("پنل عضو")),
    Column(gettext_lazy("نشانی اینترنتی"), attrgetter("address")),
)


class DraftForm(PersianForm):
    """The text as it is written."""

    text = forms.CharField(
        label=gettext_lazy("متن"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"class": "input rules-text", "rows": 18}),
        error_messages={"required": gettext_lazy("متن قوانین را بنویسید.")},
    )


class PublishForm(PersianForm):
    """The day from which the draft holds."""

    starts_on = JalaliDateField(label=gettext_lazy("از روز"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["starts_on"].widget.attrs["class"] = "input"


@never_cache
@staff_required("manage_joining")
@require_safe
def rules(request: HttpRequest) -> HttpResponseBase:
    """Every version, the draft, and how many accepted each."""
    versions, draft = published_versions(timezone.now(), counted=True, withdrawn=True), draft_of_rules()
    names = actors([*(one.rules.published_by for one in versions), *([draft.written_by] if draft else [])])
    context = {
        "rows": [(one, names[one.rules.published_by]) for one in versions],
        "draft": draft,
        "draft_by": names[draft.written_by] if draft else "",
        "members": count_members(),
    }
    return render(request, "desk/rules.html", context)


@never_cache
@staff_required("manage_joining")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponseBase:
    """The draft to write on; a new one begins with the text of the newest version."""
    if request.POST.get("act") == "drop":
        drop_draft(actor=actor_of(request.user))
        messages.success(request, _("پیش‌نویس پاک شد."))
        return redirect("desk:rules")
    begun = draft_of_rules() or rules_before(None)
    typed = request.POST if request.method == "POST" else None
    form, status = DraftForm(typed, initial={"text": begun.text if begun else ""}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _saved(request, form):
            return redirect("desk:rules_publish" if request.POST.get("act") == "look" else "desk:rules_draft")
    return render(request, "desk/rules_draft.html", {"form": form, "kept": draft_of_rules()}, status=status)


@never_cache
@staff_required("manage_joining")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest) -> HttpResponseBase:
    """The draft as members will read it, what changes by it, and the day from which it holds."""
    kept, now = draft_of_rules(), timezone.now()
    if kept is None:
        return redirect("desk:rules")
    earlier = rules_before(None)
    today = local_date(now, current_club().time_zone)
    first = max(today, earlier.starts_on) if earlier and earlier.starts_on else today
    typed = request.POST if request.method == "POST" else None
    form, status = PublishForm(typed, initial={"starts_on": first}), 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _published(request, form):
            return redirect("desk:rules")
    context = {"form": form, "earlier": earlier, "members": count_members(), **_texts(kept, earlier)}
    return render(request, "desk/rules_publish.html", context, status=status)


@never_cache
@staff_required("manage_joining")
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponseBase:
    """A published version: its text, what it changed, and who accepted it."""
    shown = published_rules(number, withdrawn=True)
    earlier = rules_before(shown)
    before = whole_number(request.GET.get("before", ""))
    rows = acceptances(shown, before=before, limit=ROWS + 1)
    versions = published_versions(timezone.now(), counted=True, withdrawn=True)
    one = next(one for one in versions if one.rules == shown)
    context = {
        "one": one,
        "rules": shown,
        "earlier": earlier,
        "rows": rows[:ROWS],
        "older": rows[ROWS - 1].pk if len(rows) > ROWS else None,
        "is_first": before is None,
        "files": file_links(request, "desk:rules_file", number),
        "members": count_members(),
        "by": actors([shown.published_by])[shown.published_by],
        **_texts(shown, earlier),
    }
    return render(request, "desk/rules_version.html", context)


@staff_required("manage_joining")
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take a version back before its day."""
    try:
        is_draft = withdraw_rules(number, actor=actor_of(request.user), now=timezone.now())
    except Conflict as refused:
        messages.error(request, refused.detail)
        return redirect("desk:rules_version", number)
    told = {"number": in_language(number)}
    if is_draft:
        messages.success(request, _("نسخهٔ %(number)s پس گرفته شد و متنش پیش‌نویس است.") % told)
    else:
        messages.success(request, _("نسخهٔ %(number)s پس گرفته شد؛ پیش‌نویسی که دارید سر جایش است.") % told)
    return redirect("desk:rules")


@never_cache
@staff_required("manage_joining")
@require_safe
def version_file(request: HttpRequest, number: int, form: str) -> HttpResponseBase:
    """Everybody who accepted the version."""
    shown = published_rules(number, withdrawn=True)
    rows = every(lambda before: acceptances(shown, before=before, limit=CHUNK), attrgetter("pk"))
    title, name, asked = _("پذیرش‌های قوانین"), f"rules-{number}", {"number": str(number)}
    return list_file(request, ACCEPTED, rows, form=form, title=title, name=name, asked=asked)


def _texts(shown: RulesVersion, earlier: RulesVersion | None) -> dict[str, Any]:
    """The text in blocks, and beside the version before."""
    return {"blocks": blocks(shown.text), "changes": changes(earlier.text, shown.text) if earlier else []}


def _saved(request: HttpRequest, form: DraftForm) -> bool:
    try:
        save_draft(form.cleaned_data["text"], actor=actor_of(request.user), now=timezone.now())
    except ValidationFailed as refused:
        form.add_error("text", refused.errors["text"])
        return False
    if request.POST.get("act") != "look":
        messages.success(request, _("پیش‌نویس نگه داشته شد؛ اعضا هنوز نمی‌بینند."))
    return True


def _published(request: HttpRequest, form: PublishForm) -> bool:
    try:
        done = publish_rules(form.cleaned_data["starts_on"], actor=actor_of(request.user), now=timezone.now())
    except ValidationFailed as refused:
        form.add_error("starts_on", refused.errors["starts_on"])
        return False
    told = {"number": in_language(done.number or ""), "day": format_date(form.cleaned_data["starts_on"])}
    messages.success(request, _("نسخهٔ %(number)s منتشر شد؛ از %(day)s در ورود بعدی از اعضا پرسیده می‌شود.") % told)
    return True
