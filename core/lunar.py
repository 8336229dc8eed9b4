"""The lunar months as the country counts them: the one table behind named days and official holidays. Pure.

To the Jalali year 1405 as the Calendar Centre of the Institute of Geophysics (University of Tehran) gave the months;
from 1406 on reckoned from the new moons (the first evening on which the moon is 18 hours old), so that a month may
begin a day earlier or later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from core.jalali import from_jalali

FIRST_YEAR, LAST_YEAR, LAST_OFFICIAL = 1403, 1410, 1405
"""The Jalali years for which the lunar days are known, and the last of those that are official."""
LAST = -1
"""Of a month: its last day, the 29th or the 30th."""
RAMADAN_1445 = date(2024, 3, 12)
# How long each month is, Muharram first; of 1445 those from Ramadan on.
LENGTHS: dict[int, tuple[int, ...]] = {
    1445: (29, 30, 29, 29),
    1446: (30, 30, 30, 29, 30, 30, 29, 30, 29, 29, 29, 30),
    1447: (29, 30, 30, 29, 30, 30, 30, 29, 30, 29, 29, 29),
    1448: (30, 29, 30, 29, 30, 30, 30, 29, 30, 30, 29, 29),
    1449: (30, 29, 29, 30, 29, 30, 30, 29, 30, 30, 29, 30),
    1450: (29, 30, 29, 29, 30, 29, 30, 29, 30, 30, 30, 29),
    1451: (30, 29, 30, 29, 29, 30, 29, 30, 29, 30, 30, 29),
    1452: (30, 29, 30, 30, 29, 30, 29, 29, 30, 29, 30, 29),
    1453: (30, 30, 29, 30, 29, 30, 30, 29, 30, 29, 29, 30),
}


def _months() -> Iterator[tuple[int, date, int]]:
    start = RAMADAN_1445
    for lengths in LENGTHS.values():
        for month, length in enumerate(lengths, 13 - len(lengths)):
            yield month, start, length
            start += timedelta(days=length)


MONTHS = tuple(_months())
"""Each month in its order: its number, Muharram being 1, its first day, and how many it has."""


@cache
def lunar_days(month: int, day: int, year: int) -> tuple[date, ...]:
    """When the day of the lunar month comes in a Jalali year: once, twice or not at all; `day` may be LAST.

    None for years that the table lacks. A lunar year is eleven days shorter than a Jalali one.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    days = (
        start + timedelta(days=(length if day == LAST else day) - 1)
        for number, start, length in MONTHS
        if number == month
    )
    first, end = from_jalali(year, 1, 1), from_jalali(year + 1, 1, 1)
    return tuple(one for one in days if first <= one < end)
