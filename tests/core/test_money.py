"""Whole Rial inside, the club's unit for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    MAX_BIGINT,
    UNITS,
    InvalidAmount,
    format_money,
    money_words,
    parse_money,
    percent_of,
    persian_words,
    round_half_up,
    share_out,
    unit_name,
)
from core.text import ARABIC_DIGITS, PERSIAN_DIGITS

amounts = st.integers(0, MAX_BIGINT)
units = st.sampled_from(sorted(UNITS))


@pytest.mark.parametrize(
    ("numerator", "denominator", "step", "rounded"),
    [
        (0, 3, 1, 0),
        (5, 2, 1, 3),
        (4, 3, 1, 1),
        (-5, 2, 1, -3),
        (1_234, 1, 10, 1_230),
        (1_235, 1, 10, 1_240),
        (12_349, 10, 10, 1_230),
        (12_350, 10, 10, 1_240),
        (149, 1, 100, 100),
        (150, 1, 100, 200),
        (MAX_BIGINT * 10_000, 10_000, 1, MAX_BIGINT),
    ],
)
def test_a_half_is_rounded_up(numerator, denominator, step, rounded):
    assert round_half_up(numerator, denominator, step) == rounded


@pytest.mark.parametrize(("denominator", "step"), [(0, 1), (-1, 1), (1, 0), (1, -10)])
def test_rounding_refuses_what_has_no_meaning(denominator, step):
    with pytest.raises(ValueError, match="above zero"):
        round_half_up(1, denominator, step)


@pytest.mark.parametrize(
    ("amount", "rate_bp", "step", "part"),
    [
        (600_000, 2000, 10, 120_000),
        (600_000, 750, 10, 45_000),
        (333, 1000, 1, 33),
        (335, 1000, 1, 34),
        (6_000_050, 1000, 10, 600_010),
        (0, 500, 10, 0),
        (100, 0, 10, 0),
    ],
)
def test_percent_of(amount, rate_bp, step, part):
    assert percent_of(amount, rate_bp, step=step) == part


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (10, [6, 3, 1], [6, 3, 1]),
        (1, [1, 1], [1, 0]),
        (7, [0, 3, 4], [0, 3, 4]),
        (5, [3, 0, 3], [3, 0, 2]),
        (10, [1, 2, 4], [1, 3, 6]),  # remainders 3/7, 6/7, 5/7: the two largest get the rest
        (0, [5, 5], [0, 0]),
        (0, [], []),
        (0, [0, 0], [0, 0]),
    ],
)
def test_share_out_by_largest_remainder(total, weights, shares):
    assert share_out(total, weights) == shares


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [2, -1]), (1, []), (1, [0, 0])])
def test_share_out_refuses(total, weights):
    with pytest.raises(ValueError, match=r"negative|no weight"):
        share_out(total, weights)


@given(total=amounts, weights=st.lists(amounts, min_size=1, max_size=30).filter(any))
def test_shares_add_up_and_stay_near_their_exact_part(total, weights):
    shares = share_out(total, weights)

    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        exact, rest = divmod(total * weight, sum(weights))
        assert share in ((exact, exact + 1) if rest else (exact,))
        if total <= sum(weights):
            assert share <= weight


@given(numerator=st.integers(), denominator=st.integers(1, 10**9), step=st.sampled_from([1, 10, 100, 1000]))
def test_rounding_is_to_the_nearest_step_and_mirrors(numerator, denominator, step):
    rounded = round_half_up(numerator, denominator, step)

    assert rounded % step == 0
    assert abs(rounded * denominator - numerator) * 2 <= denominator * step
    assert round_half_up(-numerator, denominator, step) == -rounded


@pytest.mark.parametrize(
    ("typed", "toman", "rial"),
    [
        ("600000", 6_000_000, 600_000),
        ("۶۰۰٬۰۰۰", 6_000_000, 600_000),
        ("٦٠٠٠٠٠", 6_000_000, 600_000),
        ("600,000", 6_000_000, 600_000),
        ("۶۰۰،۰۰۰", 6_000_000, 600_000),
        ("600 000", 6_000_000, 600_000),
        ("1\u00a0600\u00a0000", 16_000_000, 1_600_000),
        ("1, 600, 000", 16_000_000, 1_600_000),
        (" \u200e۱۲٬۰۰۰\u200f ", 120_000, 12_000),
        ("0012", 120, 12),
        ("0", 0, 0),
        ("۰۰", 0, 0),
    ],
)
def test_any_digits_and_group_marks_are_read_in_the_club_s_unit(typed, toman, rial):
    assert parse_money(typed, "toman") == toman
    assert parse_money(typed, "rial") == rial


def test_the_unit_s_own_name_may_follow_and_another_s_may_not():
    assert parse_money("۲۵۰٬۰۰۰ " + unit_name("toman"), "toman") == 2_500_000
    with pytest.raises(InvalidAmount):
        parse_money("۲۵۰٬۰۰۰ " + unit_name("rial"), "toman")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("\u200f", "empty"),
        ("NaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("1e309", "not_a_number"),
        ("1e5", "not_a_number"),
        ("0x10", "not_a_number"),
        ("دویست هزار", "not_a_number"),
        ("12a", "not_a_number"),
        (".", "not_a_number"),
        ("-", "not_a_number"),
        ("+5", "not_a_number"),
        ("1_000", "not_a_number"),
        ("5 - 3", "not_a_number"),
        ("12,34", "not_a_number"),
        ("1,23,456", "not_a_number"),
        ("²", "not_a_number"),
        ("१२३", "not_a_number"),
        ("12\x00", "not_a_number"),
        ("12.5", "fraction"),
        ("۱۲٫۵", "fraction"),
        ("12/5", "fraction"),
        ("1,200.00", "fraction"),
        ("5.", "fraction"),
        ("-500", "negative"),
        ("−۵۰۰", "negative"),
        ("500-", "negative"),
        ("- 1,000", "negative"),
        ("-1.5", "negative"),
        (str(MAX_BIGINT + 1), "too_large"),
        ("9" * 30, "too_large"),
        ("9" * 100_000, "too_large"),
    ],
)
def test_anything_else_is_refused_in_persian(typed, reason):
    for unit in UNITS:
        with pytest.raises(InvalidAmount) as refused:
            parse_money(typed, unit)

        assert (refused.value.code, refused.value.http_status) == ("validation_error", 400)
        assert refused.value.data == {"reason": reason}
        assert "مبلغ" in refused.value.detail


def test_the_largest_amount_of_each_unit():
    assert parse_money(str(MAX_BIGINT), "rial") == MAX_BIGINT
    assert parse_money(str(MAX_BIGINT // 10), "toman") == MAX_BIGINT // 10 * 10
    with pytest.raises(InvalidAmount):
        parse_money(str(MAX_BIGINT // 10 + 1), "toman")


@given(whole=amounts, unit=units, digits=st.sampled_from(["0123456789", PERSIAN_DIGITS, ARABIC_DIGITS]))
def test_what_is_printed_can_be_typed_again(whole, unit, digits):
    rial = whole // UNITS[unit].rial * UNITS[unit].rial

    assert parse_money(format_money(rial, unit), unit) == rial
    assert parse_money(str(whole // UNITS[unit].rial).translate(str.maketrans("0123456789", digits)), unit) == rial


@given(st.text(), units)
def test_whatever_is_typed_is_an_amount_or_refused(typed, unit):
    try:
        amount = parse_money(typed, unit)
    except InvalidAmount:
        return
    assert 0 <= amount <= MAX_BIGINT


@pytest.mark.parametrize(
    ("rial", "toman_text", "rial_text"),
    [
        (0, "۰", "۰"),
        (2_450_000, "۲۴۵٬۰۰۰", "۲٬۴۵۰٬۰۰۰"),
        (125, "۱۲٫۵", "۱۲۵"),
        (5, "۰٫۵", "۵"),
        (-1_000, "\u200e−۱۰۰", "\u200e−۱٬۰۰۰"),
        (MAX_BIGINT, "۹۲۲٬۳۳۷٬۲۰۳٬۶۸۵٬۴۷۷٬۵۸۰٫۷", "۹٬۲۲۳٬۳۷۲٬۰۳۶٬۸۵۴٬۷۷۵٬۸۰۷"),
    ],
)
def test_money_is_printed_exactly_in_the_club_s_unit(rial, toman_text, rial_text):
    assert format_money(rial, "toman") == toman_text
    assert format_money(rial, "rial") == rial_text


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "صفر"),
        (13, "سیزده"),
        (20, "بیست"),
        (21, "بیست و یک"),
        (100, "صد"),
        (999, "نهصد و نود و نه"),
        (1_000, "هزار"),
        (1_001, "هزار و یک"),
        (2_000, "دو هزار"),
        (21_000, "بیست و یک هزار"),
        (1_000_000, "یک میلیون"),
        (1_001_000, "یک میلیون و یک هزار"),
        (1_250_017, "یک میلیون و دویست و پنجاه هزار و هفده"),
        (3_000_000_000, "سه میلیارد"),
    ],
)
def test_numbers_in_words(number, words):
    assert persian_words(number) == words


def test_money_in_words_with_its_unit():
    assert money_words(2_000_000, "toman") == "دویست هزار تومان"
    assert money_words(125, "toman") == "دوازده تومان و پنج ریال"
    assert money_words(5, "toman") == "پنج ریال"
    assert money_words(0, "toman") == "صفر تومان"
    assert money_words(-1_200, "rial") == "منفی هزار و دویست ریال"


@given(amounts)
def test_any_amount_can_be_said(number):
    assert persian_words(number)
    assert "  " not in persian_words(number)


@pytest.mark.parametrize("number", [-1, MAX_BIGINT + 1])
def test_words_refuse_what_is_no_amount(number):
    with pytest.raises(ValueError, match="2\\*\\*63"):
        persian_words(number)
