"""Codes by a pattern: what is drawn, and how hard it is to guess."""

import doctest

import pytest

from offers import patterns
from offers.codes import ALPHABET, LONGEST, normal_coupon_code


def test_its_examples_hold() -> None:
    failed, tried = doctest.testmod(patterns)

    assert (failed, tried > 0) == (0, True)


@pytest.mark.parametrize("pattern", ["XXXX", "TAX-XX", "EXTRA-XXXXXXXXXXXXX", "تولد-XXX-XX"])
def test_what_is_not_drawn_stands_as_written(pattern: str) -> None:
    codes = {patterns.draw(pattern) for _each in range(200)}

    assert len(codes) > 50
    drawn = [place for part in patterns.DRAWN.finditer(pattern) for place in range(*part.span())]
    for code in codes:
        assert len(code) == len(pattern)
        assert all(
            code[place] in ALPHABET if place in drawn else code[place] == one for place, one in enumerate(pattern)
        )
        assert normal_coupon_code(code) == code


def test_the_usual_one_is_unguessable_and_fits_behind_a_word() -> None:
    assert patterns.bits(patterns.USUAL) >= patterns.UNGUESSABLE_BITS
    assert patterns.room("XX") == len(ALPHABET) ** 2 == 1_024
    assert patterns.completed("") == patterns.USUAL
    assert len(patterns.completed("TAVALOD")) < LONGEST
