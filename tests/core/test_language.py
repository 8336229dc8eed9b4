"""Numbers, dates, money and lists as the reader's language writes them."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from core.charts import short
from core.jalali import format_date, format_datetime, parse_jalali, relative_day
from core.language import grouped, in_language, listed
from core.money import english_words, format_money, money_words, parse_money, unit_name

DAY = date(2026, 11, 22)


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(("language", "digits"), [("fa", "۱٬۲۸۰٫۵٪"), ("en", "1,280.5%"), ("en-us", "1,280.5%")])
def test_digits_and_marks_are_those_of_the_language(language, digits):
    with translation.override(language):
        assert in_language("1٬280٫5٪") == digits


def test_without_a_language_it_is_persian():
    with translation.override(None):
        assert grouped(1280) == "۱٬۲۸۰"


def test_english_says_dates_by_the_jalali_calendar(english):
    assert format_date(DAY) == "1 Azar 1405"
    assert format_date(DAY, "weekday") == "Sunday 1 Azar 1405"
    assert format_date(DAY, "numeric") == "1405/09/01"
    assert format_datetime(datetime(2026, 11, 22, 12, 35, tzinfo=UTC)) == "1 Azar 1405, 16:05"
    assert relative_day(date(2026, 11, 20), datetime(2026, 11, 22, 8, tzinfo=UTC)) == "2 days ago"


def test_a_day_is_read_in_either_language_whatever_is_spoken():
    for language in ("fa", "en"):
        with translation.override(language):
            assert parse_jalali("1 Azar 1405") == parse_jalali("۱ آذر ۱۴۰۵") == DAY


def test_english_says_money_with_commas_and_the_name_of_its_unit(english):
    assert (format_money(2_450_000, "toman"), unit_name("toman")) == ("245,000", "Toman")
    assert format_money(125, "toman") == "12.5"
    assert money_words(2_000_000, "toman") == "two hundred thousand Toman"
    assert short(1_400_000) == "1.4 million"


@pytest.mark.parametrize("typed", ["250,000 Toman", "250,000 toman", "۲۵۰٬۰۰۰ تومان", "250000"])
def test_the_unit_may_be_typed_in_either_language(typed):
    assert parse_money(typed, "toman") == 2_500_000


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (21, "twenty-one"),
        (100, "one hundred"),
        (1_001, "one thousand and one"),
        (1_100, "one thousand one hundred"),
        (875_000, "eight hundred and seventy-five thousand"),
        (2**63 - 1, english_words(2**63 - 1)),
    ],
)
def test_numbers_are_put_in_english_words(number, words):
    assert english_words(number) == words
    assert "  " not in english_words(number)


def test_a_list_has_the_comma_of_its_language(english):
    assert listed(["a", "b"]) == "a, b"
    with translation.override("fa"):
        assert listed(["الف", "ب"]) == "الف، ب"
