"""Mobile numbers in any form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones import InvalidPhone, group_phone, is_stored_phone, mask_phone, normalise_phone
from core.text import ARABIC_DIGITS, PERSIAN_DIGITS


@pytest.mark.parametrize(
    "typed",
    [
        "09121234567",
        "9121234567",
        "+989121234567",
        "00989121234567",
        "989121234567",
        "+98 0912 123 4567",
        "۰۹۱۲۱۲۳۴۵۶۷",
        "٠٩١٢١٢٣٤٥٦٧",
        "+۹۸(۹۱۲)۱۲۳-۴۵۶۷",
        " 0912-123-45-67 ",
        "0912\u2013123\u20134567",
        "0912\u00a0123\u00a04567",
        "\u202a09121234567\u202c",
        "\u200e+98 912 123 4567\u200f",
        "0912.123.4567",
    ],
)
def test_every_usual_form_is_one_number(typed):
    assert normalise_phone(typed) == "09121234567"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("\u200f-", "empty"),
        ("0912123456", "not_a_mobile"),
        ("091212345678", "not_a_mobile"),
        ("02188776655", "not_a_mobile"),
        ("+12025550123", "not_a_mobile"),
        ("0912123456a", "not_a_mobile"),
        ("سارا", "not_a_mobile"),
        ("0912123456²", "not_a_mobile"),
        ("0912123456\U0001d7d9", "not_a_mobile"),  # a digit of mathematics
        ("९१२१२३४५६७", "not_a_mobile"),  # Devanagari
        ("09121234567 09131234567", "not_a_mobile"),
        ("+09121234567", "not_a_mobile"),
        ("0912123456\x00", "not_a_mobile"),
        ("9" * 10_000, "not_a_mobile"),
    ],
)
def test_anything_else_is_refused_in_persian(typed, reason):
    with pytest.raises(InvalidPhone) as refused:
        normalise_phone(typed)

    assert (refused.value.code, refused.value.http_status) == ("validation_error", 400)
    assert refused.value.data == {"reason": reason}
    assert "شماره موبایل" in refused.value.detail


@given(
    number=st.from_regex(r"9[0-9]{9}", fullmatch=True),
    prefix=st.sampled_from(["0", "", "+98", "0098", "98", "+98 0"]),
    digits=st.sampled_from(["0123456789", PERSIAN_DIGITS, ARABIC_DIGITS]),
    mark=st.sampled_from(["", " ", "-", "\u200e"]),
)
def test_form_and_digits_never_change_the_number(number, prefix, digits, mark):
    typed = mark.join(prefix + number).translate(str.maketrans("0123456789", digits))

    assert normalise_phone(typed) == "0" + number


@given(st.text())
def test_what_is_taken_is_stored_form_and_the_rest_is_refused(typed):
    try:
        phone = normalise_phone(typed)
    except InvalidPhone:
        return
    assert is_stored_phone(phone)


def test_masked_and_grouped():
    assert mask_phone("09121234567") == "0912…4567"
    assert mask_phone("") == "…"
    assert group_phone("09121234567") == "0912 123 4567"
    assert group_phone("unknown") == "unknown"
