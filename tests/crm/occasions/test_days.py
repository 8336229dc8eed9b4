"""Which day of the Jalali year it is for a member: 30 Esfand, Nowruz, days over the year's end."""

from datetime import date, timedelta

import pytest

from core.jalali import from_jalali
from crm.occasions.days import born_on, year_of_birthday, years_to_the_day

# 1403 is a leap year, 1404 and 1405 are common ones.
LEAP_DAY = from_jalali(1403, 12, 30)


@pytest.mark.parametrize(
    ("day", "born"),
    [
        ((1403, 12, 29), {(12, 29)}),
        ((1403, 12, 30), {(12, 30)}),
        ((1404, 12, 29), {(12, 29), (12, 30)}),
        ((1405, 1, 1), {(1, 1)}),
        ((1405, 6, 31), {(6, 31)}),
    ],
)
def test_30_esfand_is_kept_on_the_29th_of_a_common_year(day: tuple[int, int, int], born: set[tuple[int, int]]) -> None:
    assert born_on([from_jalali(*day)]) == born


def test_a_birthday_of_next_year_belongs_to_next_year_even_days_before() -> None:
    nowruz, born = from_jalali(1405, 1, 1), from_jalali(1370, 1, 1)

    assert year_of_birthday(born, nowruz - timedelta(days=3)) == 1405
    assert year_of_birthday(born, nowruz) == 1405
    assert year_of_birthday(from_jalali(1370, 12, 28), nowruz + timedelta(days=3)) == 1404


def test_every_day_of_a_year_has_the_birthdays_of_all_366() -> None:
    for year, length in ((1403, 366), (1404, 365)):
        start = from_jalali(year, 1, 1)
        assert len(born_on(start + timedelta(days=number) for number in range(length))) == 366


@pytest.mark.parametrize(
    ("since", "today", "years"),
    [
        (LEAP_DAY, from_jalali(1404, 12, 29), 1),
        (LEAP_DAY, from_jalali(1405, 1, 1), 0),
        (LEAP_DAY, LEAP_DAY, 0),
        (from_jalali(1400, 1, 1), from_jalali(1405, 1, 1), 5),
        (from_jalali(1400, 1, 1), date(2026, 3, 20), 0),
        (from_jalali(1403, 12, 29), from_jalali(1404, 12, 29), 1),
    ],
)
def test_an_anniversary_is_the_same_day_of_a_later_jalali_year(since: date, today: date, years: int) -> None:
    assert years_to_the_day(since, today) == years
