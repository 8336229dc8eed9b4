"""The working hours of a day as people type them."""

import pytest
from django.core.exceptions import ValidationError

from desk.tickets.hours import SpansField


def minutes(*hours: float) -> list[tuple[int, int]]:
    ends = [int(hour * 60) for hour in hours]
    return list(zip(ends[::2], ends[1::2], strict=True))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", []),
        ("  ", []),
        ("۹ تا ۱۳", minutes(9, 13)),
        ("٩ تا ١٣", minutes(9, 13)),
        ("9-13", minutes(9, 13)),
        ("09:00 – 13:30", minutes(9, 13.5)),
        ("۹ تا ۱۳ و ۱۶:۳۰ تا ۲۰", minutes(9, 13, 16.5, 20)),
        ("۹تا۱۳،۱۶تا۲۰", minutes(9, 13, 16, 20)),
        ("9 to 13 and 16 to 20", minutes(9, 13, 16, 20)),
        ("۱۸ تا ۰", minutes(18, 24)),
        ("۰ تا ۲۴", minutes(0, 24)),
    ],
)
def test_hours_are_read_in_any_digits_and_with_any_word_between(typed: str, read: list[tuple[int, int]]) -> None:
    assert SpansField().clean(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "۱۰۰",
            "۱۰۰ تا ۲۰",
            "۹ تا ۱۳۰",
            "۹",
            "۹ ۱۳",
            "۹ و ۱۳",
            "تا ۱۳",
            "۹ تا",
            "۹ تا ۱۳ تا ۱۶",
            "۹ تا ۱۳ و",
            "صبح تا شب",
        ),
        *("۹:۵ تا ۱۳", "۹:۳۰۰ تا ۱۳", "۹::۳۰ تا ۱۳", "۹.۳۰ تا ۱۳", "-۹ تا ۱۳", "۹ تا ۱۳ ۱۶ تا ۲۰", "9am-5pm", "۱۰۲۴"),
        *("۲۵ تا ۲۶", "۹ تا ۲۴:۰۱", "۹:۶۰ تا ۱۰"),
    ],
)
def test_what_can_be_read_two_ways_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        SpansField().clean(typed)
