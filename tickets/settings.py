"""How a club goes about its tickets: working hours, targets of each priority, the rules, and its holidays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from club.programme.named_days import named_days
from core import audit
from core.errors import NotFound, Text, ValidationFailed
from core.holidays import official_holidays
from core.jalali import to_jalali
from core.lunar import FIRST_YEAR, LAST_OFFICIAL, LAST_YEAR
from core.text import clean_name
from tickets.calendar import DAY, Span
from tickets.models import Holiday, Priority, ServiceTarget, TicketSettings
from tickets.promises import HOUR, settings_now, targets_now

SETTINGS = "ticketsettings:1"
MOST_SPANS = 2
MOST_HOURS, MOST_WARNING, MOST_DAYS = 1_000, 2_880, 90
LONGEST_NAME = 60
FIRST_HOLIDAYS, LAST_HOLIDAYS = 1400, 1499


class Kind(StrEnum):
    """Where a day of the country comes from."""

    OFFICIAL = "official"
    RECKONED = "reckoned"


@transaction.atomic
def set_hours(hours: Mapping[int, Sequence[Span]], *, actor: str) -> None:
    """Work in these spans of each weekday, 0 being Saturday. Raises ValidationFailed (day0 to day6).

    What was promised already stays promised.
    """
    errors: dict[str, list[Text]] = {}
    for day, spans in hours.items():
        ends = [minute for span in spans for minute in span]
        if len(spans) > MOST_SPANS:
            errors[f"day{day}"] = [_("هر روز تا دو نوبت جا دارد.")]
        elif any(opens > closes for opens, closes in spans):
            errors[f"day{day}"] = [
                _("نوبت پس از آغازش تمام می‌شود؛ پس از نیمه‌شب را در روز بعد بنویسید: «۲۰ تا ۲۴» و روز بعد «۰ تا ۲».")
            ]
        elif ends != sorted(set(ends)) or (ends and not 0 <= ends[0] < ends[-1] <= DAY):
            errors[f"day{day}"] = [_("هر نوبت پس از آغازش و پیش از نوبت بعد تمام می‌شود.")]
    if not errors and not any(hours.values()):
        errors["day0"] = [_("دست‌کم یک روز ساعت کاری بنویسید.")]
    if errors:
        raise ValidationFailed(errors)
    kept = {str(day): [list(span) for span in hours[day]] for day in sorted(hours) if hours[day]}
    _save({"hours": kept}, actor=actor)


@transaction.atomic
def set_rules(*, warns_before: int, closes_after: int, shares_out: bool, actor: str) -> None:
    """Warn so many working minutes before, close what was solved after so many days, share out new ones or not.

    Raises ValidationFailed by field.
    """
    errors: dict[str, list[Text]] = {}
    if not 1 <= warns_before <= MOST_WARNING:
        errors["warns_before"] = [_("عددی از ۱ تا ۲٬۸۸۰ بنویسید.")]
    if not 1 <= closes_after <= MOST_DAYS:
        errors["closes_after"] = [_("عددی از ۱ تا ۹۰ بنویسید.")]
    if errors:
        raise ValidationFailed(errors)
    _save({"warns_before": warns_before, "closes_after": closes_after, "shares_out": shares_out}, actor=actor)


@transaction.atomic
def set_targets(hours: Mapping[str, tuple[int, int]], *, actor: str) -> None:
    """Promise these working hours to the first answer and to the solution, by priority.

    Holds for new tickets and new priorities. Raises ValidationFailed (answer_low, solve_low, …).
    """
    errors: dict[str, list[Text]] = {}
    for priority, (answer, solve) in hours.items():
        if priority not in Priority.values or not 1 <= answer <= MOST_HOURS:
            errors[f"answer_{priority}"] = [_("عددی از ۱ تا ۱٬۰۰۰ بنویسید.")]
        elif not answer <= solve <= MOST_HOURS:
            errors[f"solve_{priority}"] = [_("مهلت حل از مهلت نخستین پاسخ کمتر نیست و تا ۱٬۰۰۰ ساعت است.")]
    if errors:
        raise ValidationFailed(errors)
    before = targets_now()
    for priority, (answer, solve) in hours.items():
        values = {"answer_minutes": answer * HOUR, "solve_minutes": solve * HOUR}
        ServiceTarget.objects.update_or_create(priority=priority, defaults=values)
    said = [
        {name: f"{one // HOUR} / {two // HOUR}" for name, (one, two) in of.items()} for of in (before, targets_now())
    ]
    audit.record("ticket.targets", actor=actor, target=SETTINGS, before=said[0], after=said[1])


def holidays_from(day: date) -> list[Holiday]:
    """The holidays from that day on, in their order."""
    return list(Holiday.objects.filter(day__gte=day).order_by("day"))


@transaction.atomic
def add_holiday(day: date, name: str, *, actor: str) -> Holiday:
    """Nobody answers on this local day. Raises ValidationFailed (day, name)."""
    name = clean_name(name)
    if not name or len(name) > LONGEST_NAME:
        raise ValidationFailed({"name": [_("نام تعطیلی را بنویسید؛ تا ۶۰ نویسه.")]})
    try:
        with transaction.atomic():
            row: Holiday = Holiday.objects.create(day=day, name=name)
    except IntegrityError as error:
        raise ValidationFailed({"day": [_("این روز را پیش‌تر تعطیل کرده‌اید.")]}) from error
    audit.record("ticket.holiday", actor=actor, target=SETTINGS, before={}, after=_told(row))
    return row


@transaction.atomic
def drop_holiday(holiday_id: int, *, actor: str) -> None:
    """Work on that day after all. Raises NotFound."""
    row = Holiday.objects.filter(pk=holiday_id).first()
    if row is None:
        raise NotFound
    before = _told(row)
    row.delete()
    audit.record("ticket.holiday", actor=actor, target=SETTINGS, before=before, after={})


def kinds_of(rows: Sequence[Holiday]) -> dict[date, Kind]:
    """What the calendar of the country says of the days of these holidays; no entry for the club's own."""
    named = named_days()
    official = [one for year in {to_jalali(row.day)[0] for row in rows} for one in official_holidays(year, named)]
    return {one.day: Kind.RECKONED if one.is_reckoned else Kind.OFFICIAL for one in official}


def lunar_known(year: int) -> Kind | None:
    """Whether the lunar days of the Jalali year are official, reckoned, or not known."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return Kind.RECKONED if year > LAST_OFFICIAL else Kind.OFFICIAL


@transaction.atomic
def add_official(year: int, *, actor: str) -> int:
    """Take the country's days off of a Jalali year, the moon's as the club has corrected them; those there stay.

    Returns how many are new. Raises ValidationFailed (year).
    """
    if not FIRST_HOLIDAYS <= year <= LAST_HOLIDAYS:
        raise ValidationFailed({"year": [_("سالی از ۱۴۰۰ تا ۱۴۹۹ بنویسید.")]})
    before = Holiday.objects.count()
    rows = [Holiday(day=one.day, name=one.name) for one in official_holidays(year, named_days())]
    Holiday.objects.bulk_create(rows, ignore_conflicts=True)
    added: int = Holiday.objects.count() - before
    audit.record("ticket.holidays", actor=actor, target=SETTINGS, before={}, after={"year": year, "added": added})
    return added


def _save(values: dict[str, Any], *, actor: str) -> None:
    now = settings_now()
    before = {name: getattr(now, name) for name in values}
    TicketSettings.objects.update_or_create(defaults=values)
    audit.record("ticket.settings", actor=actor, target=SETTINGS, before=before, after=values)


def _told(row: Holiday) -> dict[str, str]:
    return {"day": row.day.isoformat(), "name": row.name}
