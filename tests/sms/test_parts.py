"""Parts and price of a text, as Iranian panels count them."""

import doctest

import pytest

from sms import parts as module
from sms.parts import is_unicode, length, parts, price, with_opt_out


@pytest.mark.parametrize(
    ("letter", "count", "expected"),
    [
        *[("س", n, p) for n, p in [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4), (268, 4)]],
        *[("س", n, p) for n, p in [(269, 5), (900, 14)]],
        *[("a", n, p) for n, p in [(1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)]],
        *[("€", n, p) for n, p in [(80, 1), (81, 2), (153, 2), (154, 3)]],
        *[("🙂", n, p) for n, p in [(35, 1), (36, 2), (67, 2), (68, 3)]],
        ("", 1, 0),
    ],
)
def test_parts(letter, count, expected):
    assert parts(letter * count) == expected


@pytest.mark.parametrize(
    ("text", "units", "wide"),
    [
        ("hello", 5, False),
        ("{a}[b]~\\^|€", 11 + 9, False),
        ("می‌شود", 6, True),
        ("۱۲۳", 3, True),
        ("123", 3, False),
        ("abc\n", 4, False),
        ("سلام €", 6, True),
        ("a🙂", 3, True),
        ("\ud800", 1, True),
    ],
)
def test_length(text, units, wide):
    assert (length(text), is_unicode(text)) == (units, wide)


def test_one_persian_letter_makes_a_latin_text_unicode():
    assert parts("a" * 160) == 1
    assert parts("a" * 159 + "ی") == 3


def test_price():
    assert price("س" * 71, unicode_rial=1_200, latin_rial=3_000) == 2_400
    assert price("a" * 161, unicode_rial=1_200, latin_rial=3_000) == 6_000
    assert price("", unicode_rial=1_200, latin_rial=3_000) == 0


@pytest.mark.parametrize("already", ["سلام\nلغو۱۱", "سلام\nلغو ۱۱", "سلام\nلغو11", "سلام لغو۱۱\n"])
def test_the_opt_out_line_is_not_written_twice(already):
    assert with_opt_out(already) == already


def test_the_opt_out_line_counts_in_the_length():
    assert with_opt_out("س" * 64) == "س" * 64 + "\nلغو۱۱"
    assert parts(with_opt_out("س" * 64)) == 1
    assert parts(with_opt_out("س" * 65)) == 2


def test_the_examples_of_the_module():
    assert doctest.testmod(module).failed == 0
