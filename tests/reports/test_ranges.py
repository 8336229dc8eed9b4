"""Ranges in the Jalali calendar, each with an equally long span before it."""

from datetime import date, timedelta

import pytest

from core.errors import ValidationFailed
from core.jalali import from_jalali, to_jalali
from reports.ranges import CHOICES, Span, range_of

AZAR_5 = from_jalali(1405, 9, 5)


def jalali(span):
    return to_jalali(span.first), to_jalali(span.last)


@pytest.mark.parametrize(
    ("choice", "today", "now", "before"),
    [
        ("today", (1405, 9, 5), ((1405, 9, 5), (1405, 9, 5)), ((1405, 9, 4), (1405, 9, 4))),
        ("7d", (1405, 9, 5), ((1405, 8, 29), (1405, 9, 5)), ((1405, 8, 22), (1405, 8, 28))),
        ("30d", (1405, 9, 5), ((1405, 8, 6), (1405, 9, 5)), ((1405, 7, 6), (1405, 8, 5))),
        ("month", (1405, 9, 5), ((1405, 9, 1), (1405, 9, 5)), ((1405, 8, 1), (1405, 8, 5))),
        # Shahrivar has 31 days, the month after Esfand begins a year: the span before never runs into the present one.
        ("month", (1405, 6, 31), ((1405, 6, 1), (1405, 6, 31)), ((1405, 5, 1), (1405, 5, 31))),
        ("month", (1405, 1, 31), ((1405, 1, 1), (1405, 1, 31)), ((1404, 11, 29), (1404, 12, 29))),
        ("season", (1405, 9, 5), ((1405, 7, 1), (1405, 9, 5)), ((1405, 4, 1), (1405, 6, 3))),
        ("year", (1405, 1, 2), ((1405, 1, 1), (1405, 1, 2)), ((1404, 1, 1), (1404, 1, 2))),
        ("nonsense", (1405, 9, 5), ((1405, 8, 6), (1405, 9, 5)), ((1405, 7, 6), (1405, 8, 5))),
    ],
)
def test_ranges(choice, today, now, before):
    found = range_of(choice, from_jalali(*today))

    assert (jalali(found.now), jalali(found.before)) == (now, before)


@pytest.mark.parametrize("choice", CHOICES)
def test_the_span_before_is_as_long_and_ends_earlier_on_every_day_of_two_years(choice):
    for days in range(731):
        found = range_of(choice, date(2024, 3, 1) + timedelta(days=days))

        assert found.now.days == found.before.days
        assert found.before.last < found.now.first


def test_days_of_one_s_own_in_any_digits_and_calendar():
    found = range_of("custom", AZAR_5, first="۱۴۰۵/۸/۱", last="2026-11-21")

    assert jalali(found.now) == ((1405, 8, 1), (1405, 8, 30))
    assert jalali(found.before) == ((1405, 7, 1), (1405, 7, 30))
    assert found.label == "۱۴۰۵/۰۸/۰۱ – ۱۴۰۵/۰۸/۳۰"


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("", "1405/8/1", "from"),
        ("1405/8/1", "دیروز", "to"),
        ("1405/13/1", "1405/12/30", "from"),
        ("1405/8/2", "1405/8/1", "to"),
        ("1400/1/1", "1405/1/1", "to"),
        ("1406/1/1", "1406/1/2", "from"),
        ("۱" * 5000, "1405/8/1", "from"),
    ],
)
def test_wrong_days_are_named(first, last, wrong):
    with pytest.raises(ValidationFailed) as refused:
        range_of("custom", AZAR_5, first=first, last=last)

    assert wrong in refused.value.errors


def test_a_span_s_last_day_is_wholly_inside():
    start, end = Span(AZAR_5, AZAR_5).bounds("Asia/Tehran")

    assert end - start == timedelta(days=1)
    assert start.hour == 20
    assert start.minute == 30
