"""Units of the lines that match: the cheapest, the dearest, and how often something fits into them. Pure.

A unit of a line costs what is left of the line by its quantity: a fraction of a Rial where that does not divide.
Units are kept in runs, as a line may have a million of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Run:
    """So many units of a line, each at this price."""

    line: int
    count: int
    price: Fraction

    @property
    def total(self) -> Fraction:
        return self.count * self.price


def runs_of(matching: Sequence[int], quantities: Sequence[int], left: Sequence[int], *, dearest: bool) -> list[Run]:
    """The units of the matching lines, the dearest or the cheapest first; of equal ones the earlier line's."""
    runs = [Run(index, quantities[index], Fraction(left[index], quantities[index])) for index in matching]
    return sorted(runs, key=lambda run: (-run.price if dearest else run.price, run.line))


def taken(runs: Sequence[Run], skip: int, count: int) -> list[Run]:
    """The units after the first `skip`, `count` of them at most, in the order of the runs."""
    found = []
    for run in runs:
        passed = min(skip, run.count)
        some = min(run.count - passed, count)
        skip, count = skip - passed, count - some
        if some:
            found.append(Run(run.line, some, run.price))
    return found


def count_of(runs: Sequence[Run]) -> int:
    """How many units."""
    return sum(run.count for run in runs)


def total_of(runs: Sequence[Run]) -> Fraction:
    """What they cost together."""
    return sum((run.total for run in runs), Fraction())
