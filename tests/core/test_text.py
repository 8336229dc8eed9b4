"""Digits, letters and invisible marks of Persian text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import clean_name, latin_digits, persian_digits, search_key


@pytest.mark.parametrize(
    ("typed", "latin"),
    [("۰۱۲۳۴۵۶۷۸۹", "0123456789"), ("٠١٢٣٤٥٦٧٨٩", "0123456789"), ("09۱٢", "0912"), ("الف", "الف"), ("", "")],
)
def test_persian_and_arabic_digits_become_latin(typed, latin):
    assert latin_digits(typed) == latin


def test_digits_become_persian_and_marks_stay():
    assert persian_digits("1,405.5 و ٦") == "۱,۴۰۵.۵ و ۶"
    assert persian_digits(1405) == "۱۴۰۵"


@pytest.mark.parametrize(
    "typed",
    [
        "علیرضا کاظمی",
        "عليرضا كاظمي",  # Arabic keyboard
        "علی‌رضا کاظمی",  # half-space
        "  عَلیرِضا   کاظِمی ",
        "علیـــرضا کاظمى",
        "\u202bعلیرضا\u200f کاظمی\u202c",
        "علیرضا\u00a0کاظمی",
        "ﻋﻠﯿﺮﺿﺎ ﮐﺎﻇﻤﯽ",  # presentation forms of old systems
    ],
)
def test_every_spelling_of_a_name_has_one_key(typed):
    assert search_key(typed) == "علیرضا کاظمی"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("آرزو", "ارزو"),
        ("فاطمة", "فاطمه"),
        ("خانۀ سبز", "خانه سبز"),
        ("خانهٔ سبز", "خانه سبز"),
        ("رؤیا", "رویا"),
        ("SARA Mohammadi ۱۲", "sara mohammadi 12"),
        ("a\x00b", "ab"),
        ("\ud800سارا", "سارا"),
    ],
)
def test_search_key_folds(typed, key):
    assert search_key(typed) == key


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  سارا   محمدی ", "سارا محمدی"),
        ("علي‌رضا", "علی‌رضا"),  # the half-space stays as entered
        ("كافه موسى ۲4٣", "کافه موسی ۲4٣"),
        ("\u200cسارا\u200c \u200c\u200cمحمدی", "سارا محمدی"),
        ("سارا\u200c\u200cبانو", "سارا\u200cبانو"),
        ("سارا\x00\x07", "سارا"),
        ("\u202eسارا\u2066", "سارا"),
        ("سارا\nمحمدی\t", "سارا محمدی"),
        ("\ud800", ""),
    ],
)
def test_clean_name_keeps_letters_and_drops_what_cannot_be_seen(typed, clean):
    assert clean_name(typed) == clean


@given(st.text())
def test_key_and_name_are_stable_and_can_be_stored(typed):
    for once in (search_key(typed), clean_name(typed)):
        assert "\x00" not in once
        once.encode()
    assert search_key(search_key(typed)) == search_key(typed)
    assert clean_name(clean_name(typed)) == clean_name(typed)


@given(st.text())
def test_digits_there_and_back(typed):
    assert latin_digits(persian_digits(typed)) == latin_digits(typed)
