"""Named days of the country: those of the sun by rule, those of the moon by the table, and what a club corrects."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from core.jalali import from_jalali, to_jalali, weekday
from core.lunar import FIRST_YEAR, LAST_YEAR
from core.named_days import CODES, LUNAR, OF_THE_COUNTRY, SOLAR, NamedDays, given_days


@pytest.mark.parametrize(
    ("code", "year", "day"),
    [
        ("nowruz", 1406, date(2027, 3, 21)),
        ("yalda", 1405, date(2026, 12, 21)),
        ("chaharshanbe_suri", 1405, date(2027, 3, 16)),
        ("chaharshanbe_suri", 1403, date(2025, 3, 18)),
        ("mothers_day", 1404, date(2025, 12, 11)),
        ("fathers_day", 1403, date(2025, 1, 14)),
        ("ramadan", 1403, date(2025, 3, 2)),
        ("fitr", 1404, date(2025, 3, 31)),
        ("ghadir", 1403, date(2024, 6, 25)),
    ],
)
def test_a_day_of_a_year_is_where_the_calendar_of_the_country_has_it(code: str, year: int, day: date) -> None:
    assert given_days(code, year) == [day]
    assert code in OF_THE_COUNTRY.on(day)


def test_every_day_has_a_rule_or_a_table_of_all_years() -> None:
    assert {*SOLAR, *LUNAR, "chaharshanbe_suri"} == set(CODES)
    assert given_days("fitr", LAST_YEAR + 1) == []


@pytest.mark.parametrize("code", sorted(LUNAR))
def test_a_lunar_year_is_354_or_355_days(code: str) -> None:
    days = [day for year in range(FIRST_YEAR, LAST_YEAR + 1) for day in given_days(code, year)]

    assert {(later - day).days for day, later in pairwise(days)} <= {353, 354, 355, 356}


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_the_months_of_a_year_agree_with_each_other(year: int) -> None:
    """Ramadan has 29 or 30 days, and from Adha to Ghadir it is eight."""
    for one in OF_THE_COUNTRY.of_year(year):
        length = (one.last - one.first).days + 1
        assert length in (29, 30) if one.code == "ramadan" else length == 1
    assert given_days("ghadir", year) == [day + timedelta(days=8) for day in given_days("adha", year)]
    assert weekday(given_days("chaharshanbe_suri", year)[0]) == 3


def test_a_day_may_come_twice_in_a_year() -> None:
    assert [to_jalali(day)[1:] for day in given_days("fitr", 1405)] == [(1, 1), (12, 19)]


def test_a_corrected_day_comes_on_the_clubs_and_ends_ramadan_there() -> None:
    given, own = from_jalali(1405, 12, 19), from_jalali(1405, 12, 20)
    days = NamedDays({("fitr", given): own})

    assert days.on(given) == {"ramadan"}
    assert days.on(own) == {"fitr"}
    assert [one for one in days.of_year(1405) if one.is_corrected] == [
        one for one in days.within(own, own) if one.code == "fitr"
    ]
    assert OF_THE_COUNTRY.on(given) == {"fitr"}
