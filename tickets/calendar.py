"""The hours in which a club works, and how much of a span of time they are: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.jalali import TEHRAN, weekday

DAY = 24 * 60
FARTHEST_DAYS = 3 * 366
"""A promise is never looked for further ahead than this; a calendar without hours ends there."""

Span = tuple[int, int]
"""From and to, in minutes of the local day; 1440 is its end."""


@dataclass(frozen=True)
class WorkingCalendar:
    """The spans of each weekday (0 Saturday to 6 Friday), the local days without work, and whose clock it is."""

    hours: Mapping[int, Sequence[Span]]
    holidays: frozenset[date] = field(default_factory=frozenset)
    zone: str = TEHRAN

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments; nothing where the end comes first."""
        total = timedelta()
        for opens, closes in self._spans(start):
            if opens >= end:
                break
            total += max(timedelta(), min(closes, end) - max(opens, start))
        return total

    def after(self, start: datetime, work: timedelta) -> datetime:
        """The moment when so much working time has passed since `start`."""
        left, closes = work, start
        for opens, closes in self._spans(start):
            here = closes - max(opens, start)
            if here >= left:
                return max(opens, start) + left
            left -= max(timedelta(), here)
        return closes

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working spans from the day of `start` on, in their order; those before its hour included."""
        first = start.astimezone(ZoneInfo(self.zone)).date()
        for days in range(FARTHEST_DAYS):
            for opens, closes in self._of_day(first + timedelta(days=days)):
                if closes > start:
                    yield opens, closes

    def _of_day(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day not in self.holidays:
            for opens, closes in self.hours.get(weekday(day), ()):
                yield self._at(day, opens), self._at(day, closes)

    def _at(self, day: date, minute: int) -> datetime:
        day, minute = (day + timedelta(days=1), 0) if minute == DAY else (day, minute)
        return datetime.combine(day, time(*divmod(minute, 60)), ZoneInfo(self.zone)).astimezone(UTC)
