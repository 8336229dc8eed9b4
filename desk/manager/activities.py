"""Noting what members did beyond buying, what came of it, and the types of it that offers are made on."""

from __future__ import annotations

from datetime import timedelta
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

from accounts.rights import actor_of, can, staff_required
from club.members.models import Member
from club.members.selectors import find_members
from club.purchases.awarded import gifts_of
from core.errors import AppError, ValidationFailed
from core.errors_page import LOST, from_database
from core.forms import JalaliDateField, PersianForm
from core.idempotency import new_key
from core.jalali import day_bounds, local_date
from core.tables.writing import Column
from core.tenancy.scope import club_zone
from core.text import whole_number
from crm.occasions.activities import Activity, add_type, change_type, get_occasion, record_activity
from crm.occasions.models import Occasion
from crm.occasions.naming import name_of
from crm.occasions.selectors import activities as done
from crm.occasions.selectors import type_names, types
from crm.occasions.undoing import take_back_occasion
from desk.cashier.forms import STALE
from desk.cashier.offers import LABELS
from desk.files import file_links, list_file
from desk.manager.record import actors, named

SHOWN = 30
MOST_ALIKE = 2
NOON = timedelta(hours=12)
COLUMNS = (
    Column(gettext_lazy("زمان"), attrgetter("occurred_at"), "moment"),
    Column(gettext_lazy("فعالیت"), attrgetter("name")),
    Column(gettext_lazy("موبایل"), attrgetter("member.phone")),
    Column(gettext_lazy("عضو"), attrgetter("member.full_name")),
    Column(gettext_lazy("امتیاز"), attrgetter("points"), "number"),
    Column(gettext_lazy("یادداشت"), attrgetter("note")),
    Column(gettext_lazy("پس گرفته‌شده"), attrgetter("taken_back_at"), "moment"),
    Column(gettext_lazy("چه کسی"), attrgetter("actor_name")),
)


class ActivityForm(PersianForm):
    """Who did what, and when."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    who = forms.CharField(
        label=gettext_lazy("عضو"),
        max_length=60,
        help_text=gettext_lazy("موبایل، چهار رقم آخر، کارت یا نام"),
    )
    type = forms.ChoiceField(label=gettext_lazy("چه کرد"))
    day = JalaliDateField(label=gettext_lazy("روز"), required=False, help_text=gettext_lazy("خالی: همین حالا"))
    note = forms.CharField(label=gettext_lazy("یادداشت"), required=False, max_length=200)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds: Any = self.fields["type"]
        kinds.choices = [(one.code, one.name) for one in types(in_use=True)]
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
        kinds.widget.attrs["class"] = "select"

    def clean_key(self) -> str:
        """A key of visible characters only."""
        key: str = self.cleaned_data["key"]
        if not all("!" <= letter <= "~" for letter in key):
            raise forms.ValidationError(STALE)
        return key

    def clean_who(self) -> int:
        """The one member who is meant."""
        found = find_members(self.cleaned_data["who"], limit=MOST_ALIKE)
        if not found:
            raise forms.ValidationError(_("عضوی با این نشانی نیست."))
        if len(found) > 1:
            raise forms.ValidationError(_("چند عضو با این نشانی هست؛ موبایل کامل را بنویسید."))
        return found[0].id

    def activity(self) -> Activity:
        """What is to be noted; only of a valid form. Another day than today counts from its noon."""
        data, zone = self.cleaned_data, club_zone()
        day, today = data["day"], local_date(timezone.now(), zone)
        at = None if day is None or day == today else day_bounds(day, zone)[0] + NOON
        return Activity(data["who"], data["type"], at, note=data["note"])


@never_cache
@staff_required("record_purchase")
@require_http_methods(["GET", "HEAD", "POST"])
def activities(request: HttpRequest) -> HttpResponseBase:
    """Note what a member did; and what was noted lately, the newest first."""
    form, status = ActivityForm(initial={"key": new_key(), "who": _who(request)}), 200
    if request.method == "POST":
        form = ActivityForm(request.POST)
        made = _noted(request, form) if form.is_valid() else None
        if made:
            return redirect("desk:occasion", made)
        status = 422
    before = whole_number(request.GET.get("before", ""))
    rows = done().order_by("-pk")
    found = list(rows.filter(pk__lt=before)[: SHOWN + 1] if before else rows[: SHOWN + 1])
    shown = found[:SHOWN]
    names = type_names()
    context = {
        "form": form,
        "has_types": bool(form.fields["type"].choices),  # type: ignore[attr-defined]
        "rows": [(row, name_of(row.trigger, names), _points(row)) for row in shown],
        "older": shown[-1].pk if len(found) > SHOWN else None,
        "is_first": before is None,
        "files": file_links(request, "desk:activities_file"),
    }
    return render(request, "desk/activities.html", context, status=status)


@never_cache
@staff_required("record_purchase")
@require_safe
def activities_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Everything that was noted, the newest first."""
    names = type_names()
    rows = named(list(done().order_by("-pk")))
    for row in rows:
        row.name, row.points = name_of(row.trigger, names), _points(row)  # type: ignore[attr-defined]
    return list_file(request, COLUMNS, rows, form=form, title=_("فعالیت‌ها"), name="activities")


@never_cache
@staff_required("record_purchase")
@require_safe
def occasion(request: HttpRequest, occasion_id: int) -> HttpResponseBase:
    """What came of one occasion: what was given, and why the rest was not."""
    return _occasion_page(request, get_occasion(occasion_id))


@never_cache
@staff_required("adjust_value")
@require_POST
def occasion_take_back(request: HttpRequest, occasion_id: int) -> HttpResponseBase:
    """Take back what was given, with a reason."""
    reason = request.POST.get("reason", "").strip()
    try:
        take_back_occasion(occasion_id, reason=reason, actor=actor_of(request.user), now=timezone.now())
    except ValidationFailed as refused:
        found = get_occasion(occasion_id)
        return _occasion_page(request, found, error=" ".join(map(str, refused.texts)), reason=reason)
    messages.success(request, _("هدیه پس گرفته شد."))
    return redirect("desk:occasion", occasion_id)


def _occasion_page(request: HttpRequest, row: Occasion, *, error: str = "", reason: str = "") -> HttpResponseBase:
    told = [
        {**one, "label": LABELS.get(one["outcome"], "")}
        for one in row.considered
        if one["outcome"] not in ("applied", "held_out")
    ]
    people = actors([row.actor, row.taken_back_by])
    context = {
        "row": row,
        "name": name_of(row.trigger, type_names()),
        "gifts": list(zip(gifts_of(row.awards), row.awards, strict=True)),
        "told": told,
        "by": people.get(row.actor, ""),
        "taken_back_by": people.get(row.taken_back_by, ""),
        "may_take_back": can(request.user, "adjust_value") and row.awards and not row.taken_back_at,
        "error": error,
        "reason": reason,
    }
    return render(request, "desk/occasion.html", context, status=422 if error else 200)


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def activity_types(request: HttpRequest) -> HttpResponseBase:
    """The types of activity, and a new one."""
    said, errors = {"code": "", "name": ""}, dict[str, str]()
    if request.method == "POST":
        said = {name: request.POST.get(name, "").strip() for name in said}
        try:
            made = add_type(**said, actor=actor_of(request.user))
        except AppError as refused:
            errors = _by_field(refused)
        else:
            messages.success(request, _("«%(name)s» ساخته شد؛ اکنون پیشنهادی بر آن بسازید.") % {"name": made.name})
            return redirect("desk:activity_types")
    context = {"rows": types(), "said": said, "errors": errors}
    return render(request, "desk/activity_types.html", context, status=422 if errors else 200)


@never_cache
@staff_required("manage_offers")
@require_POST
def activity_type(request: HttpRequest, type_id: int) -> HttpResponseBase:
    """Call a type otherwise, or use it no more or again."""
    try:
        change_type(
            type_id,
            name=request.POST.get("name", ""),
            is_active=request.POST.get("is_active") == "on",
            actor=actor_of(request.user),
        )
    except ValidationFailed as refused:
        messages.error(request, " ".join(map(str, refused.texts)))
    else:
        messages.success(request, _("ثبت شد."))
    return redirect("desk:activity_types")


def _by_field(refused: AppError) -> dict[str, str]:
    if isinstance(refused, ValidationFailed):
        return {name: " ".join(map(str, texts)) for name, texts in refused.errors.items()}
    return {"code": str(refused.detail)}


def _noted(request: HttpRequest, form: ActivityForm) -> int | None:
    """The occasion made; None where it was refused, and the form says why."""
    try:
        receipt = record_activity(
            form.activity(), actor=actor_of(request.user), key=form.cleaned_data["key"], now=timezone.now()
        )
    except ValidationFailed as refused:
        for name, texts in refused.errors.items():
            form.add_error({"occurred_at": "day"}.get(name, name), [str(text) for text in texts])
    except (AppError, *LOST) as error:
        found = error if isinstance(error, AppError) else from_database(error)
        form.add_error(None, str(found.detail))
    else:
        return receipt.id
    return None


def _who(request: HttpRequest) -> str:
    """The mobile of the member that the link named."""
    member_id = whole_number(request.GET.get("member", ""))
    member = Member.objects.filter(pk=member_id).first() if member_id else None
    return (member.phone or member.card or "") if member else ""


def _points(row: Occasion) -> int:
    return sum(award.get("points", 0) for award in row.awards)
