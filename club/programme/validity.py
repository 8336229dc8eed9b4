"""When what is earned becomes usable and when it ends: pure, in the club's local days."""

from datetime import datetime, timedelta

from club.programme.rules import Period, Programme
from core.jalali import day_bounds, end_of_period, local_date


def usable_span(unit: str, programme: Programme, at: datetime, zone: str) -> tuple[datetime, datetime | None]:
    """(usable from, end) of what is earned at the moment in a club of this time zone; an end of None never comes.

    `valid_days` count from when it becomes usable to the end of that local day, `valid_to` ends with that Jalali
    period; the first of them ends it (api.md). An end is the first instant at which it is gone.
    """
    after_hours, days, to = _settings(unit, programme)
    begin = at + timedelta(hours=after_hours)
    ends = []
    if days is not None:
        ends.append(day_bounds(local_date(begin, zone) + timedelta(days=days), zone)[1])
    if to is not None:
        ends.append(day_bounds(end_of_period(local_date(begin, zone), to), zone)[1])
    return begin, min(ends, default=None)


def idle_days(unit: str, programme: Programme) -> int | None:
    """After how many days without a purchase what is earned ends; None for never."""
    return programme.points_idle_days if unit == "points" else programme.credit_idle_days


def _settings(unit: str, programme: Programme) -> tuple[int, int | None, Period | None]:
    if unit == "points":
        return programme.points_usable_after_hours, programme.points_valid_days, programme.points_valid_to
    return programme.credit_usable_after_hours, programme.credit_valid_days, programme.credit_valid_to
