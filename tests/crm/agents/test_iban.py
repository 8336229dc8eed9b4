"""Account numbers of Iranian banks."""

import pytest

from crm.agents.iban import InvalidIban, grouped_iban, normal_iban


@pytest.mark.parametrize(
    "typed",
    [
        "IR062960000000100324200001",
        "ir06 2960 0000 0010 0324 2000 01",
        "۰۶-۲۹۶۰-۰۰۰۰-۰۰۱۰-۰۳۲۴-۲۰۰۰-۰۱",
        "IR۰۶۲۹۶۰۰۰۰۰۰۰۱۰۰۳۲۴۲۰۰۰۰۱",
    ],
)
def test_a_number_is_read_in_any_digits_with_gaps_and_without_its_country(typed: str) -> None:
    assert normal_iban(typed) == "IR062960000000100324200001"
    assert grouped_iban(normal_iban(typed)) == "IR06 2960 0000 0010 0324 2000 01"


@pytest.mark.parametrize("place", range(2, 26))
def test_no_digit_can_be_mistyped(place: int) -> None:
    right = "IR062960000000100324200001"
    wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
    with pytest.raises(InvalidIban):
        normal_iban(wrong)


@pytest.mark.parametrize("typed", ["IR06", "DE89370400440532013000", "IR0629600000001003242000011", "x" * 400])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidIban):
        normal_iban(typed)


def test_nothing_is_no_number() -> None:
    assert normal_iban("  ") == ""
