"""Jalali days, months and years; days of Asia/Tehran through its summer times."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jalali import (
    InvalidDate,
    day_bounds,
    end_of_period,
    format_date,
    format_datetime,
    format_time,
    from_jalali,
    is_leap,
    local_date,
    month_bounds,
    month_length,
    parse_jalali,
    relative_day,
    to_jalali,
    weekday,
)

TEHRAN = ZoneInfo("Asia/Tehran")
FIRST, LAST = from_jalali(1300, 1, 1), from_jalali(1500, 12, 29)
days = st.dates(FIRST, LAST)

# 1 Farvardin of the official calendar.
NOWRUZ = {
    1300: (1921, 3, 21), 1358: (1979, 3, 21), 1375: (1996, 3, 20), 1399: (2020, 3, 20), 1400: (2021, 3, 21),
    1401: (2022, 3, 21), 1402: (2023, 3, 21), 1403: (2024, 3, 20), 1404: (2025, 3, 21), 1405: (2026, 3, 21),
    1406: (2027, 3, 21), 1407: (2028, 3, 20), 1408: (2029, 3, 20), 1409: (2030, 3, 21), 1410: (2031, 3, 21),
    1411: (2032, 3, 20), 1412: (2033, 3, 20), 1413: (2034, 3, 21), 1414: (2035, 3, 21), 1415: (2036, 3, 20),
}  # fmt: skip


@pytest.mark.parametrize(("year", "gregorian"), NOWRUZ.items())
def test_nowruz(year, gregorian):
    assert from_jalali(year, 1, 1) == date(*gregorian)


def test_leap_years_follow_the_33_year_cycle():
    leap = {year for year in range(1300, 1501) if year % 33 in {1, 5, 9, 13, 17, 22, 26, 30}}

    assert {year for year in range(1300, 1501) if is_leap(year)} == leap
    assert {1391, 1395, 1399, 1403, 1408, 1412} <= leap


def test_every_day_from_1300_to_1500_there_and_back_without_a_gap():
    day, expected = FIRST, (1300, 1, 1)
    while day <= LAST:
        assert to_jalali(day) == expected
        assert from_jalali(*expected) == day
        year, month, number = expected
        day += timedelta(days=1)
        if number < month_length(year, month):
            expected = (year, month, number + 1)
        else:
            expected = (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)


@pytest.mark.parametrize(
    ("year", "month", "length"),
    [(1405, 1, 31), (1405, 6, 31), (1405, 7, 30), (1405, 11, 30), (1405, 12, 29), (1403, 12, 30)],
)
def test_month_lengths(year, month, length):
    assert month_length(year, month) == length


@pytest.mark.parametrize(("year", "month", "day"), [(1405, 0, 1), (1405, 13, 1), (1405, 7, 31), (1404, 12, 30)])
def test_no_such_jalali_day(year, month, day):
    with pytest.raises(ValueError):
        from_jalali(year, month, day)


def test_the_week_begins_on_saturday():
    assert weekday(date(2026, 3, 21)) == 0  # Nowruz of 1405 was a Saturday
    assert [weekday(date(2026, 3, 21) + timedelta(days=n)) for n in range(7)] == list(range(7))


def test_a_day_of_tehran_begins_at_half_past_eight_of_the_evening_before_in_utc():
    start, end = day_bounds(date(2026, 11, 22))

    assert start == datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    assert end == datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert local_date(start) == local_date(end - timedelta(microseconds=1)) == date(2026, 11, 22)
    assert local_date(end) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2022, 3, 22), 23),  # the last spring forward: 00:00 became 01:00
        (date(2022, 9, 21), 25),  # the last fall back: 24:00 became 23:00
        (date(2005, 3, 22), 23),
        (date(2006, 3, 22), 24),  # 2006 and 2007 had no summer time
        (date(2023, 3, 22), 24),  # none since
        (date(2026, 3, 22), 24),
    ],
)
def test_days_of_tehran_s_summer_time_history(day, hours):
    start, end = day_bounds(day)

    assert end - start == timedelta(hours=hours)


def test_summer_time_moved_the_start_of_the_day():
    assert day_bounds(date(2022, 7, 1))[0] == datetime(2022, 6, 30, 19, 30, tzinfo=UTC)
    assert day_bounds(date(2023, 7, 1))[0] == datetime(2023, 6, 30, 20, 30, tzinfo=UTC)


def test_days_join_without_gap_or_overlap_from_1970_to_2040():
    day = date(1970, 1, 1)
    while day < date(2040, 1, 1):
        start, end = day_bounds(day)
        assert local_date(start) == day == local_date(end - timedelta(microseconds=1))
        assert local_date(start - timedelta(microseconds=1)) == day - timedelta(days=1)
        assert end == day_bounds(day + timedelta(days=1))[0]
        day += timedelta(days=1)


@given(st.datetimes(datetime(1921, 3, 22), datetime(2120, 1, 1), timezones=st.just(UTC)))
def test_every_instant_lies_in_its_own_day(moment):
    start, end = day_bounds(local_date(moment))

    assert start <= moment < end


def test_month_bounds_are_half_open():
    start, end = month_bounds(1404, 12)

    assert (start, end) == (day_bounds(from_jalali(1404, 12, 1))[0], day_bounds(from_jalali(1404, 12, 29))[1])
    assert end == month_bounds(1405, 1)[0]


@pytest.mark.parametrize(
    ("day", "period", "end"),
    [
        ((1405, 9, 1), "month", (1405, 9, 30)),
        ((1405, 9, 30), "month", (1405, 9, 30)),
        ((1405, 12, 1), "month", (1405, 12, 29)),
        ((1403, 12, 1), "month", (1403, 12, 30)),
        ((1405, 1, 1), "season", (1405, 3, 31)),
        ((1405, 6, 31), "season", (1405, 6, 31)),
        ((1405, 7, 1), "season", (1405, 9, 30)),
        ((1405, 10, 1), "season", (1405, 12, 29)),
        ((1405, 1, 1), "year", (1405, 12, 29)),
        ((1403, 1, 1), "year", (1403, 12, 30)),
    ],
)
def test_end_of_period(day, period, end):
    assert end_of_period(from_jalali(*day), period) == from_jalali(*end)


@given(days, st.sampled_from(["month", "season", "year"]))
def test_the_end_of_a_period_is_its_own_end_and_tomorrow_begins_another(day, period):
    end = end_of_period(day, period)

    assert end >= day
    assert end_of_period(end, period) == end
    assert to_jalali(end + timedelta(days=1))[2] == 1
    assert end_of_period(end + timedelta(days=1), period) > end


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("long", "۱ آذر ۱۴۰۵"),
        ("short", "۱ آذر"),
        ("numeric", "۱۴۰۵/۰۹/۰۱"),
        ("weekday", "یکشنبه ۱ آذر ۱۴۰۵"),
        ("month", "آذر ۱۴۰۵"),
    ],
)
def test_dates_in_words(style, text):
    assert format_date(date(2026, 11, 22), style) == text
    assert format_date(datetime(2026, 11, 21, 20, 30, tzinfo=UTC), style) == text


def test_the_last_moment_of_yesterday_in_tehran_is_yesterday():
    moment = datetime(2026, 11, 21, 20, 29, 59, tzinfo=UTC)

    assert format_date(moment) == "۳۰ آبان ۱۴۰۵"
    assert format_datetime(moment) == "۳۰ آبان ۱۴۰۵، ۲۳:۵۹"
    assert format_time(moment) == "۲۳:۵۹"
    assert format_date(moment, tz="Asia/Tokyo") == "۱ آذر ۱۴۰۵"


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="aware"):
        local_date(datetime(2026, 11, 22))
    with pytest.raises(ValueError, match="aware"):
        format_datetime(datetime(2026, 11, 22))


@pytest.mark.parametrize(
    ("day", "text"),
    [
        ((1405, 9, 1), "امروز"),
        ((1405, 8, 30), "دیروز"),
        ((1405, 9, 2), "فردا"),
        ((1405, 8, 29), "۲ روز پیش"),
        ((1405, 8, 24), "۷ روز پیش"),
        ((1405, 8, 23), "۲۳ آبان"),
        ((1405, 9, 8), "۷ روز دیگر"),
        ((1405, 9, 30), "۳۰ آذر"),
        ((1404, 9, 1), "۱ آذر ۱۴۰۴"),
    ],
)
def test_relative_day(day, text):
    now = datetime(2026, 11, 22, 20, 29, tzinfo=UTC)  # 23:59 of 1 Azar in Tehran

    assert relative_day(from_jalali(*day), now) == text


def test_an_hour_ago_may_be_yesterday():
    now = datetime(2026, 11, 22, 0, 10, tzinfo=TEHRAN)

    assert relative_day(now - timedelta(hours=1), now) == "دیروز"


@pytest.mark.parametrize(
    "typed",
    [
        "1405/9/1",
        "1405/09/01",
        "۱۴۰۵-۰۹-۰۱",
        "١٤٠٥/٩/١",
        "1405.9.1",
        "1405 9 1",
        " \u200e1405/9/1\u200f ",
        "14050901",
        "۱ آذر ۱۴۰۵",
        "1 آذر 1405",
        "2026-11-22",
        "2026/11/22",
        "20261122",
    ],
)
def test_a_day_in_any_usual_form(typed):
    assert parse_jalali(typed) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        (" \u200f", "empty"),
        ("فردا", "not_a_date"),
        ("1405/9", "not_a_date"),
        ("5/9/1", "not_a_date"),
        ("1405/9/1/2", "not_a_date"),
        ("1405//9/1", "not_a_date"),
        ("NaN", "not_a_date"),
        ("1 نوامبر 1405", "not_a_date"),
        ("1405/9/1\x00", "not_a_date"),
        ("9" * 100_000, "not_a_date"),
        ("1405/13/1", "no_such_day"),
        ("1405/0/1", "no_such_day"),
        ("1405/7/31", "no_such_day"),
        ("1405/9/0", "no_such_day"),
        ("1404/12/30", "no_such_day"),
        ("۳۱ آذر ۱۴۰۵", "no_such_day"),
        ("2026-02-29", "no_such_day"),
        ("0000-01-01", "no_such_day"),
        ("0099/1/1", "out_of_range"),
        ("1700/1/1", "out_of_range"),
        ("9999-12-31", "out_of_range"),
    ],
)
def test_what_is_no_day_is_refused_in_persian(typed, reason):
    with pytest.raises(InvalidDate) as refused:
        parse_jalali(typed)

    assert (refused.value.code, refused.value.http_status) == ("validation_error", 400)
    assert refused.value.data == {"reason": reason}
    assert refused.value.detail


def test_a_missing_day_says_how_long_the_month_is():
    with pytest.raises(InvalidDate) as refused:
        parse_jalali("1404/12/30")

    assert refused.value.detail == "اسفند ۱۴۰۴ ۲۹ روز دارد."


@given(days, st.sampled_from(["long", "numeric"]))
def test_what_is_printed_can_be_typed_again(day, style):
    assert parse_jalali(format_date(day, style)) == day
    assert parse_jalali(day.isoformat()) == day


@given(st.text(st.sampled_from("0123456789۰۱۲۳۴۵۶۷۸۹/-. آذرmay"), max_size=12))
def test_whatever_is_typed_is_a_day_or_refused(typed):
    try:
        day = parse_jalali(typed)
    except InvalidDate:
        return
    assert isinstance(day, date)
