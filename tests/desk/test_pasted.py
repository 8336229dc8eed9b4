"""Phones that people paste, however they wrote them."""

import pytest

from desk.manager.pasted import phones_in

ONE, TWO = "09120001001", "09120001005"


@pytest.mark.parametrize(
    "text",
    [
        "0912 000 1001\n(0912)0001005",
        "۰۹۱۲۰۰۰۱۰۰۱، +98 912 000 1005",
        "سارا, 0912-000-1001, 12\nعلی,989120001005",
        "\u20660912 000 1001\u2069\t\u200e00989120001005",
        "9120001001;9120001005",
        "0912 000 1001 0912 000 1005",
        "0912\u00a0000\u00a01001 و 0912 000 1005",
    ],
)
def test_phones_are_found_in_any_form(text: str) -> None:
    assert phones_in(text) == ([ONE, TWO], [])


@pytest.mark.parametrize("text", ["02188776655", "091200010012", "0812000100"])
def test_what_looks_like_a_phone_and_is_no_mobile_is_told(text: str) -> None:
    assert phones_in(f"{text}\n{ONE}") == ([ONE], [text])


def test_sums_and_dates_are_no_phones() -> None:
    assert phones_in("1405/09/02, 12000, ردیف 3") == ([], [])
