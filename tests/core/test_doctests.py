"""The examples in the docstrings of the pure modules hold."""

import doctest

import pytest

from core import jalali, money, phones, text
from core.tables import headers, reading, writing, xlsx_files


@pytest.mark.parametrize(
    "module", [jalali, money, phones, text, headers, reading, writing, xlsx_files], ids=lambda module: module.__name__
)
def test_examples_hold(module):
    failed, tried = doctest.testmod(module)

    assert (failed, tried > 0) == (0, True)
