"""The days off of the country, held against what the official calendars of three years printed."""

from datetime import timedelta

import pytest

from core.holidays import official_holidays
from core.jalali import from_jalali, to_jalali
from core.lunar import FIRST_YEAR, LAST_YEAR, MONTHS
from core.named_days import NamedDays

SOLAR = {(1, 1), (1, 2), (1, 3), (1, 4), (1, 12), (1, 13), (3, 14), (3, 15), (11, 22), (12, 29)}
# As the Public Culture Council announced them.
BY_MOON = {
    1403: "1/13 1/22 1/23 2/15 3/28 4/5 4/25 4/26 6/4 6/12 6/14 6/22 6/31 9/15 10/25 11/9 11/26",
    1404: "1/2 1/11 1/12 2/4 3/16 3/24 4/14 4/15 5/23 5/31 6/2 6/10 6/19 9/3 10/13 10/27 11/15 12/20",
    1405: "1/1 1/2 1/25 3/6 3/14 4/3 4/4 5/13 5/21 5/22 5/30 6/8 8/22 10/2 10/16 11/4 12/9 12/19 12/20",
}


@pytest.mark.parametrize("year", BY_MOON)
def test_the_official_years_have_just_the_days_of_the_printed_calendar(year: int) -> None:
    by_moon = {(int(month), int(day)) for month, day in (one.split("/") for one in BY_MOON[year].split())}

    days = official_holidays(year)

    assert {to_jalali(one.day)[1:] for one in days} == SOLAR | by_moon and len(days) == 26
    assert days == sorted(days) and not any(one.is_reckoned for one in days)


def test_ashura_follows_tasua_and_two_on_one_day_are_one_with_both_names() -> None:
    names = {to_jalali(one.day): one.name for year in (1404, 1405) for one in official_holidays(year)}

    assert (names[1404, 4, 14], names[1404, 4, 15]) == ("تاسوعا", "عاشورا")
    assert names[1405, 3, 14] == "رحلت امام خمینی، عید غدیر" and max(map(len, names.values())) <= 60


def test_later_years_are_reckoned_and_unknown_ones_have_the_days_of_the_sun_alone() -> None:
    for year in range(1406, LAST_YEAR + 1):
        assert {to_jalali(one.day)[1:] for one in official_holidays(year) if not one.is_reckoned} <= SOLAR
        assert 23 <= len(official_holidays(year)) <= 28
    for year in (FIRST_YEAR - 1, LAST_YEAR + 1):
        assert {to_jalali(one.day)[1:] for one in official_holidays(year)} == SOLAR
    assert {length for _month, _start, length in MONTHS} == {29, 30}


def test_where_a_club_has_moved_a_day_of_the_moon_the_month_moves_along() -> None:
    table = from_jalali(1405, 12, 19)
    own = NamedDays({("fitr", table): table + timedelta(days=1)})

    moved = {
        one.name: to_jalali(one.day)[1:] for one in official_holidays(1405, own) if one.day > from_jalali(1405, 11, 30)
    }

    assert moved == {"شهادت امام علی": (12, 9), "عید فطر": (12, 21), "ملی شدن صنعت نفت": (12, 29)}
    assert from_jalali(1405, 12, 19) not in {one.day for one in official_holidays(1405, own)}
