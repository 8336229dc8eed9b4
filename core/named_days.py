"""Days of the country that have a name: on which days of the Jalali calendar they fall. Pure.

Solar ones come by a rule every year, lunar ones as the table of months has them (`core/lunar.py`), which may be a day
off from 1406 on; who knows better corrects them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.jalali import from_jalali, is_leap, to_jalali, weekday
from core.lunar import lunar_days

MonthDay = tuple[int, int]
A_MONTH, LONGEST = timedelta(days=30), timedelta(days=33)
"""How long Ramadan is, and may become where its ends are corrected."""

NAMES: dict[str, Promise] = {
    "nowruz": _("نوروز"),
    "nature_day": _("سیزده‌به‌در"),
    "workers_day": _("روز کارگر"),
    "teachers_day": _("روز معلم"),
    "doctors_day": _("روز پزشک"),
    "employees_day": _("روز کارمند"),
    "childrens_day": _("روز کودک"),
    "students_day": _("روز دانشجو"),
    "yalda": _("شب یلدا"),
    "engineers_day": _("روز مهندس"),
    "sepandarmazgan": _("سپندارمذگان"),
    "chaharshanbe_suri": _("چهارشنبه‌سوری"),
    "nurses_day": _("روز پرستار"),
    "mothers_day": _("روز مادر"),
    "fathers_day": _("روز پدر"),
    "girls_day": _("روز دختر"),
    "mid_shaban": _("نیمهٔ شعبان"),
    "ramadan": _("ماه رمضان"),
    "fitr": _("عید فطر"),
    "adha": _("عید قربان"),
    "ghadir": _("عید غدیر"),
}
SOLAR: dict[str, MonthDay] = {
    "nowruz": (1, 1),
    "nature_day": (1, 13),
    "workers_day": (2, 11),
    "teachers_day": (2, 12),
    "doctors_day": (6, 1),
    "employees_day": (6, 4),
    "childrens_day": (7, 16),
    "students_day": (9, 16),
    "yalda": (9, 30),
    "engineers_day": (12, 5),
    "sepandarmazgan": (12, 5),
}
# By month and day of the lunar year, Muharram being 1.
LUNAR: dict[str, MonthDay] = {
    "nurses_day": (5, 5),
    "mothers_day": (6, 20),
    "fathers_day": (7, 13),
    "girls_day": (11, 1),
    "mid_shaban": (8, 15),
    "ramadan": (9, 1),
    "fitr": (10, 1),
    "adha": (12, 10),
    "ghadir": (12, 18),
}
CODES = tuple(NAMES)


@dataclass(frozen=True, order=True)
class NamedDay:
    """One coming of a named day: on `first`, or from it to `last`. `given` is where the table has it."""

    first: date
    last: date
    code: str
    given: date

    @property
    def is_corrected(self) -> bool:
        return self.first != self.given


def given_days(code: str, year: int) -> list[date]:
    """When the day comes in a Jalali year, by rule or table; none for lunar ones of years that the table lacks."""
    if code in SOLAR:
        return [from_jalali(year, *SOLAR[code])]
    if code in LUNAR:
        return list(lunar_days(*LUNAR[code], year))
    return [_last_tuesday(year)]


def _last_tuesday(year: int) -> date:
    """The evening before the last Wednesday of the year."""
    last = from_jalali(year, 12, 30 if is_leap(year) else 29)
    return last - timedelta(days=(weekday(last) - 4) % 7 + 1)


@dataclass(frozen=True)
class NamedDays:
    """The days of the table, with those that a club keeps otherwise: by code and the day of the table, its own."""

    corrected: Mapping[tuple[str, date], date] = field(default_factory=dict)

    def of_year(self, year: int) -> list[NamedDay]:
        """All that the table has for the Jalali year, in their order."""
        return sorted(one for code in CODES for one in self._coming(code, year))

    def within(self, first: date, last: date) -> list[NamedDay]:
        """Those that begin from the first day to the last, in their order."""
        years = range(to_jalali(first)[0] - 1, to_jalali(last)[0] + 2)
        return [one for year in years for one in self.of_year(year) if first <= one.first <= last]

    def on(self, day: date) -> frozenset[str]:
        """The codes of what the day is."""
        near = self.within(day - LONGEST, day)
        return frozenset(one.code for one in near if one.first <= day <= one.last)

    def _coming(self, code: str, year: int) -> Iterator[NamedDay]:
        for given in given_days(code, year):
            first = self.corrected.get((code, given), given)
            yield NamedDay(first, self._end_of_ramadan(first) if code == "ramadan" else first, code, given)

    def _end_of_ramadan(self, first: date) -> date:
        """The day before the Fitr that follows; where none is known, thirty days."""
        year = to_jalali(first)[0]
        fitrs = [given for each in (year, year + 1) for given in given_days("fitr", each)]
        ends = [self.corrected.get(("fitr", one), one) for one in fitrs]
        after = [one for one in ends if first < one <= first + LONGEST]
        return min(after, default=first + A_MONTH) - timedelta(days=1)


OF_THE_COUNTRY = NamedDays()
"""As the table has them."""
