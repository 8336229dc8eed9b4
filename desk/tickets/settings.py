"""How the club goes about its tickets: departments, hours, holidays, targets, rules and files, each by its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from core.errors import AppError, NotFound
from core.jalali import from_jalali, local_date, to_jalali
from core.language import in_language
from core.lunar import LAST_OFFICIAL
from core.tenancy.scope import club_zone
from core.text import whole_number
from desk.manager.settings.forms import SettingsForm
from desk.tickets.setting_forms import (
    DepartmentForm,
    HolidayForm,
    HoursForm,
    RoomForm,
    RulesForm,
    TargetsForm,
    YearForm,
)
from tickets.departments import archive_department, save_department, shift_department
from tickets.models import Department
from tickets.office import staffed_departments
from tickets.promises import settings_now, targets_now
from tickets.room import room_now, set_room
from tickets.settings import (
    Kind,
    add_holiday,
    add_official,
    drop_holiday,
    holidays_from,
    kinds_of,
    lunar_known,
    set_hours,
    set_rules,
    set_targets,
)

Refused = dict[str, SettingsForm]


@never_cache
@staff_required("manage_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def ticket_settings(request: HttpRequest) -> HttpResponseBase:
    """Each part with a form of its own; what is wrong is said there, and the others stay."""
    refused: Refused = {}
    if request.method == "POST":
        try:
            refused = _act(request)
        except NotFound:
            raise
        except AppError as error:
            messages.error(request, " ".join(error.texts))
            return redirect("desk:ticket_settings")
        if not refused:
            messages.success(request, _("ثبت شد."))
            return redirect("desk:ticket_settings")
    return render(request, "desk/tickets/settings.html", _shown(refused), status=422 if refused else 200)


def _shown(refused: Refused) -> dict[str, Any]:
    now, year = settings_now(), _year()
    departments, holidays = staffed_departments(), holidays_from(from_jalali(year, 1, 1))
    kinds = kinds_of(holidays)
    return {
        "departments": [
            (
                one.department,
                one.people,
                refused.get(f"department{one.department.pk}") or DepartmentForm(department=one.department),
            )
            for one in departments
        ],
        "new_department": refused.get("department") or DepartmentForm(),
        "hours": refused.get("hours") or HoursForm(settings=now),
        "holidays": [(one, kinds.get(one.day, "")) for one in holidays],
        "last_official": LAST_OFFICIAL,
        "holiday": refused.get("holiday") or HolidayForm(),
        "official": refused.get("official") or YearForm(year=year),
        "targets": refused.get("targets") or TargetsForm(targets=targets_now()),
        "rules": refused.get("rules") or RulesForm(settings=now),
        "room": room_now(),
        "room_form": refused.get("room") or RoomForm(settings=now),
    }


def _act(request: HttpRequest) -> Refused:
    """Do what was asked for; the form, by its place on the page, where it is refused."""
    actor, number = actor_of(request.user), whole_number(request.POST.get("id", "")) or 0
    match request.POST.get("act"):
        case "department":
            return _department(request, number or None, actor)
        case "earlier" | "later" as way:
            shift_department(number, by=-1 if way == "earlier" else 1, actor=actor)
        case "archive":
            archive_department(number, actor=actor, now=timezone.now())
        case "holiday":
            day = HolidayForm(request.POST)
            return _done("holiday", day, lambda: add_holiday(**day.cleaned_data, actor=actor))
        case "drop_holiday":
            drop_holiday(number, actor=actor)
        case "official":
            return _official(request, actor)
        case "hours" | "targets" | "rules" | "room" as part:
            return _part(request, part, actor)
        case _:
            raise Http404
    return {}


def _part(request: HttpRequest, part: str, actor: str) -> Refused:
    """Keep one part of the settings as a whole."""
    match part:
        case "hours":
            hours = HoursForm(request.POST, settings=settings_now())
            return _done("hours", hours, lambda: set_hours(hours.hours(), actor=actor))
        case "targets":
            targets = TargetsForm(request.POST, targets=targets_now())
            return _done("targets", targets, lambda: set_targets(targets.hours(), actor=actor))
        case "rules":
            rules = RulesForm(request.POST, settings=settings_now())
            return _done("rules", rules, lambda: set_rules(**rules.cleaned_data, actor=actor))
        case _:
            room = RoomForm(request.POST, settings=settings_now())
            return _done("room", room, lambda: set_room(room.cleaned_data["most_megabytes"], actor=actor))


def _department(request: HttpRequest, department_id: int | None, actor: str) -> Refused:
    row = Department.objects.filter(pk=department_id, archived_at=None).first() if department_id else None
    if department_id and row is None:
        raise NotFound
    form = DepartmentForm(request.POST, department=row)
    place = f"department{department_id}" if department_id else "department"
    return _done(place, form, lambda: save_department(form.words(), actor=actor))


def _official(request: HttpRequest, actor: str) -> Refused:
    form = YearForm(request.POST, year=_year())

    def add() -> None:
        year = form.cleaned_data["year"]
        added = add_official(year, actor=actor)
        messages.info(request, _("%(count)s روز تعطیل افزوده شد.") % {"count": in_language(added)})
        if (known := lunar_known(year)) is None:
            messages.info(request, _("تعطیلی‌های قمری این سال را نمی‌دانیم؛ خودتان بیفزایید."))
        elif known is Kind.RECKONED:
            messages.info(request, _("تعطیلی‌های قمری این سال حساب‌شده‌اند؛ با تقویم رسمی بسنجید."))

    return _done("official", form, add)


def _done(place: str, form: SettingsForm, act: Callable[[], object]) -> Refused:
    if not form.is_valid():
        return {place: form}
    try:
        act()
    except NotFound:
        raise
    except AppError as refused:
        form.refuse(refused)
        return {place: form}
    return {}


def _year() -> int:
    return to_jalali(local_date(timezone.now(), club_zone()))[0]
