"""The official holidays of the country in a Jalali year, of the sun and of the moon. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core.jalali import from_jalali
from core.language import listed
from core.lunar import LAST, LAST_OFFICIAL, lunar_days
from core.named_days import NAMES, OF_THE_COUNTRY, NamedDays

SOLAR: tuple[tuple[int, int, Promise], ...] = (
    *((1, day, NAMES["nowruz"]) for day in (1, 2, 3, 4)),
    (1, 12, gettext_lazy("روز جمهوری اسلامی")),
    (1, 13, gettext_lazy("روز طبیعت")),
    (3, 14, gettext_lazy("رحلت امام خمینی")),
    (3, 15, gettext_lazy("قیام ۱۵ خرداد")),
    (11, 22, gettext_lazy("پیروزی انقلاب")),
    (12, 29, gettext_lazy("ملی شدن صنعت نفت")),
)
LUNAR: tuple[tuple[int, int, Promise], ...] = (
    (1, 9, gettext_lazy("تاسوعا")),
    (1, 10, gettext_lazy("عاشورا")),
    (2, 20, gettext_lazy("اربعین")),
    (2, 28, gettext_lazy("رحلت پیامبر، شهادت امام حسن")),
    (2, LAST, gettext_lazy("شهادت امام رضا")),
    (3, 8, gettext_lazy("شهادت امام حسن عسکری")),
    (3, 17, gettext_lazy("میلاد پیامبر و امام صادق")),
    (6, 3, gettext_lazy("شهادت حضرت فاطمه")),
    (7, 13, gettext_lazy("ولادت امام علی")),
    (7, 27, gettext_lazy("مبعث پیامبر")),
    (8, 15, NAMES["mid_shaban"]),
    (9, 21, gettext_lazy("شهادت امام علی")),
    (10, 1, NAMES["fitr"]),
    (10, 2, NAMES["fitr"]),
    (10, 25, gettext_lazy("شهادت امام صادق")),
    (12, 10, NAMES["adha"]),
    (12, 18, NAMES["ghadir"]),
)
A_MONTH = timedelta(days=29)
# The named day by which a club that corrects it says when the month began.
MONTH_OF = {6: "mothers_day", 7: "fathers_day", 8: "mid_shaban", 9: "ramadan", 10: "fitr", 12: "adha"}


@dataclass(frozen=True, order=True)
class OfficialHoliday:
    """A day off of the country; `is_reckoned`: by the moon, and not from the official calendar."""

    day: date
    name: str
    is_reckoned: bool = False


def official_holidays(year: int, named: NamedDays = OF_THE_COUNTRY) -> list[OfficialHoliday]:
    """The days off of the country in a Jalali year, in their order; those of the moon as far as they are known.

    `named` are the days as a club keeps them: where it has moved one of the moon, the others of that month move along.
    Two on one day are one holiday with both names.
    """
    names: dict[date, list[str]] = {}
    reckoned: set[date] = set()
    for month, day, name in SOLAR:
        names.setdefault(from_jalali(year, month, day), []).append(str(name))
    for month, day, name in LUNAR:
        for given in lunar_days(month, day, year):
            own = given + _moved(month, given, named)
            if year > LAST_OFFICIAL and own == given:
                reckoned.add(own)
            names.setdefault(own, []).append(str(name))
    return [OfficialHoliday(day, listed(said), day in reckoned) for day, said in sorted(names.items())]


def _moved(month: int, given: date, named: NamedDays) -> timedelta:
    """By how much the club has moved the month of this day."""
    code = MONTH_OF.get(month)
    for (moved, table), own in named.corrected.items():
        if moved == code and abs(given - table) < A_MONTH:
            return own - table
    return timedelta()
