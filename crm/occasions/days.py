"""Which day of a member's Jalali year it is: birthdays near a day, and whole years of membership. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

from core.jalali import from_jalali, is_leap, to_jalali
from offers.situation import ESFAND, LEAP_DAY, days_from_birthday

MonthDay = tuple[int, int]


def born_on(days: Iterable[date]) -> set[MonthDay]:
    """The Jalali month and day of birth of whoever has a birthday on one of the days.

    Who was born on 30 Esfand is among those of 29 Esfand in a common year.
    """
    found: set[MonthDay] = set()
    for day in days:
        year, month, number = to_jalali(day)
        found.add((month, number))
        if (month, number) == (ESFAND, LEAP_DAY - 1) and not is_leap(year):
            found.add((ESFAND, LEAP_DAY))
    return found


def year_of_birthday(born: date, today: date) -> int:
    """The Jalali year in which the birthday nearest to the day lies."""
    return to_jalali(today - timedelta(days=days_from_birthday(born, today)))[0]


def years_to_the_day(since: date, today: date) -> int:
    """How many Jalali years it is to the very day; 0 on all other days."""
    (year, month, day), (this_year, *_rest) = to_jalali(since), to_jalali(today)
    if month == ESFAND and day == LEAP_DAY and not is_leap(this_year):
        day -= 1
    return this_year - year if from_jalali(this_year, month, day) == today else 0
