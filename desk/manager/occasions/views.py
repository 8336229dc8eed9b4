"""Occasions: all that members are told of, each with its switch and days, and the days of the calendar."""

from __future__ import annotations

from datetime import date
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
from club.members.models import Member
from club.programme.named_days import correct_day, named_days
from core.errors import AppError, NotFound, ValidationFailed
from core.forms import JalaliDateField, WholeField
from core.jalali import local_date, to_jalali
from core.lunar import FIRST_YEAR, LAST_OFFICIAL, LAST_YEAR
from core.named_days import LUNAR, NAMES
from core.tenancy.scope import club_zone
from core.text import whole_number
from crm.occasions.timing import set_days
from desk.manager.occasions.rows import Row, all_rows, row_of
from desk.manager.settings.forms import SettingsForm
from sms.editing import set_words
from sms.models import OutboxMessage
from sms.wording import default_text

SHOWN = 20


class DaysForm(SettingsForm):
    """So many days before the occasion."""

    days = WholeField(label=gettext_lazy("روز"), required=True)
    units = {"days": gettext_lazy("روز")}

    def __init__(self, data: Any, *, row: Row) -> None:
        super().__init__(data, initial={"days": row.days})
        field: Any = self.fields["days"]
        field.label, field.least, field.most = row.told.label, row.told.least, row.told.most


class DayForm(SettingsForm):
    """The day on which one of the calendar comes in the club."""

    code = forms.ChoiceField(choices=[(code, name) for code, name in NAMES.items()], widget=forms.HiddenInput)
    given = forms.DateField(widget=forms.HiddenInput, input_formats=["%Y-%m-%d"])
    day = JalaliDateField(label=gettext_lazy("روز درست"))


@never_cache
@staff_required("manage_sms")
@require_safe
def occasions(request: HttpRequest) -> HttpResponseBase:
    """Every occasion with its switch, what is said and when, whom it would reach and what was sent."""
    return render(request, "desk/occasions/list.html", {"page": all_rows(timezone.now())})


@never_cache
@staff_required("manage_sms")
@require_http_methods(["GET", "HEAD", "POST"])
def occasion_told(request: HttpRequest, occasion: str) -> HttpResponseBase:
    """One occasion: how many days before, what is read, and who was told of late."""
    row = _row(occasion)
    form = DaysForm(request.POST or None, row=row) if row.told.days is not None else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            set_days(occasion, form.cleaned_data["days"], actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("ثبت شد."))
            return redirect("desk:occasion_told", occasion)
    context = {"row": row, "form": form, "recent": _recent(occasion)}
    return render(request, "desk/occasions/one.html", context, status=422 if form is not None and form.errors else 200)


@staff_required("manage_sms")
@require_POST
def occasion_switch(request: HttpRequest, occasion: str) -> HttpResponseBase:
    """Tell members of the occasion, or do not."""
    row, on = _row(occasion), request.POST.get("on") == "1"
    text = row.template.text if row.template else default_text(row.kind)
    try:
        set_words(row.kind, text=text, enabled=on, actor=actor_of(request.user))
    except ValidationFailed as refused:
        messages.error(request, " ".join(map(str, refused.texts)))
        return redirect("desk:settings_message", occasion)
    said = _("«%(name)s» از این پس فرستاده می‌شود.") if on else _("«%(name)s» دیگر فرستاده نمی‌شود.")
    messages.success(request, said % {"name": row.name})
    return redirect("desk:occasion_told", occasion) if request.POST.get("from") == "one" else redirect("desk:occasions")


@never_cache
@staff_required("manage_sms")
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponseBase:
    """The named days of a year; those of the moon may be corrected."""
    year = whole_number(request.GET.get("year", "")) or to_jalali(local_date(timezone.now(), club_zone()))[0]
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    refused: DayForm | None = None
    if request.method == "POST":
        refused = _corrected(request)
        if refused is None:
            messages.success(request, _("ثبت شد."))
            return redirect(f"{request.path}?year={year}")
    rows = [
        {
            "day": one,
            "name": NAMES[one.code],
            "is_lunar": one.code in LUNAR,
            "form": _day_form(one.code, one.given, one.first, refused) if one.code in LUNAR else None,
        }
        for one in named_days().of_year(year)
    ]
    context = {
        "rows": rows,
        "year": year,
        "years": range(FIRST_YEAR, LAST_YEAR + 1),
        "is_reckoned": year > LAST_OFFICIAL,
        "refused": refused,
    }
    return render(request, "desk/occasions/calendar.html", context, status=422 if refused else 200)


def _corrected(request: HttpRequest) -> DayForm | None:
    """Note the day that was typed; the form, where it is refused."""
    form = DayForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            correct_day(data["code"], data["given"], data["day"], actor=actor_of(request.user))
        except ValidationFailed as refused:
            form.refuse(refused)
    elif "day" not in form.errors:
        raise NotFound
    return form if form.errors else None


def _day_form(code: str, given: date, day: date, refused: DayForm | None) -> DayForm:
    """The form of a day, with an id of its own; the one that was refused as it was typed."""
    if refused is not None and (refused.data.get("code"), refused.data.get("given")) == (code, given.isoformat()):
        form = refused
    else:
        form = DayForm(initial={"code": code, "given": given, "day": day})
    form.auto_id = f"{code}-{given.isoformat()}-%s"
    return form


def _row(code: str) -> Row:
    row = row_of(code, timezone.now())
    if row is None:
        raise NotFound
    return row


def _recent(code: str) -> list[tuple[OutboxMessage, Member | None]]:
    """The newest messages of the occasion with their members."""
    rows = list(OutboxMessage.objects.filter(kind=code).order_by("-pk")[:SHOWN])
    members = Member.objects.in_bulk([row.member_id for row in rows if row.member_id])
    return [(row, members.get(row.member_id or 0)) for row in rows]
