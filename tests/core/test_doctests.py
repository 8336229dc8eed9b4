"""The examples in the docstrings of the pure modules hold."""

import doctest

import pytest

from core import jalali, money, phones, text


@pytest.mark.parametrize("module", [jalali, money, phones, text], ids=lambda module: module.__name__)
def test_examples_hold(module):
    failed, tried = doctest.testmod(module)

    assert (failed, tried > 0) == (0, True)
