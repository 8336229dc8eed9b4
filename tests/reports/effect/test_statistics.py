"""The statistics hold what they say: on randomised data of known effect, drawn 2,000 times."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from statistics import fmean, variance

import pytest

from reports.effect.enough import Counted, Lack, lack_by_skewness, lack_of
from reports.effect.statistics import Difference, Sums, difference, skewness, slope_of, student_p, student_quantile

CONTROL, TREATED = 200, 400
KNOWN = 120_000


@dataclass(frozen=True)
class Town:
    """People as shops know them: most buy nothing, a few much, and who bought before buys again.

    Of each: what was spent before, what without the offer, what with it.
    """

    before: Sequence[int]
    without: Sequence[int]
    given: Sequence[int]

    @property
    def effect(self) -> float:
        """What the offer truly brings, of a person."""
        return (sum(self.given) - sum(self.without)) / KNOWN


def town(lift: float) -> Town:
    """Baskets are lognormal; the offer makes `lift` more of the people buy."""
    chance = random.Random(f"town {lift}")
    before, without, given = [], [], []
    for _person in range(KNOWN):
        keen = min(0.9, 0.4 * chance.lognormvariate(0, 0.5))
        basket = 1_000_000 * chance.lognormvariate(0, 0.7)
        before.append(int(basket) if chance.random() < keen else 0)
        comes, spends = chance.random(), int(basket * chance.lognormvariate(0, 0.3))
        without.append(spends if comes < keen else 0)
        given.append(spends if comes < keen + lift else 0)
    return Town(before, without, given)


def sums(spent: Sequence[int], before: Sequence[int]) -> Sums:
    return Sums(
        len(spent), sum(spent), sum(before),
        sum(map(mul, spent, spent)), sum(map(mul, before, before)), sum(map(mul, before, spent)),
    )  # fmt: skip


def cubes(group: Sums, spent: Sequence[int], before: Sequence[int], slope: float) -> float:
    mean = group.mean - slope * group.mean_before
    return sum((y - slope * x - mean) ** 3 for y, x in zip(spent, before, strict=True))


def trials(people: Town, times: int) -> list[Difference]:
    """So many randomised trials among the people; those of which a figure is told."""
    chance, found = random.Random("trials"), []
    for _trial in range(times):
        start = chance.randrange(KNOWN - CONTROL - TREATED)
        middle, end = start + CONTROL, start + CONTROL + TREATED
        control = people.without[start:middle], people.before[start:middle]
        treated = people.given[middle:end], people.before[middle:end]
        groups = sums(*treated), sums(*control)
        slope = slope_of(*groups)
        thirds = cubes(groups[0], *treated, slope), cubes(groups[1], *control, slope)
        if lack_by_skewness(skewness(*groups, thirds), smaller=CONTROL) is None:
            found.append(difference(*groups))
    return found


def test_the_interval_holds_the_true_effect_in_95_of_100_trials() -> None:
    people = town(lift=0.08)

    found = trials(people, 2_000)

    assert people.effect > 50_000
    assert len(found) > 1_800
    assert 0.93 <= fmean(one.low <= people.effect <= one.high for one in found) <= 0.97
    assert abs(fmean(one.each for one in found) - people.effect) < 0.05 * people.effect


def test_an_effect_is_called_in_few_trials_where_there_is_none() -> None:
    people = town(lift=0)

    found = trials(people, 500)

    assert people.effect == 0
    assert len(found) > 450
    assert fmean(one.is_clear for one in found) <= 0.07


def test_what_was_spent_before_narrows_the_interval() -> None:
    people = town(lift=0.08)
    control = sums(people.without[:CONTROL], people.before[:CONTROL])
    treated = sums(people.given[CONTROL : CONTROL + TREATED], people.before[CONTROL : CONTROL + TREATED])
    blind = [Sums(group.members, group.y, 0, group.yy, 0, 0) for group in (treated, control)]

    adjusted, plain = difference(treated, control), difference(*blind)

    assert adjusted.high - adjusted.low < 0.97 * (plain.high - plain.low)


def test_without_a_before_it_is_welchs_test() -> None:
    treated, control = [3, 5, 4, 8, 9, 1, 0, 7], [1, 2, 1, 0, 3, 2]
    error = (variance(treated) / 8 + variance(control) / 6) ** 0.5

    found = difference(sums(treated, [0] * 8), sums(control, [0] * 6))

    assert found.each == pytest.approx(fmean(treated) - fmean(control))
    # By the integral of Student's density at 8.842 degrees of freedom, t = 2.549.
    assert (found.high - found.each) / error == pytest.approx(2.2683, abs=0.002)
    assert found.p == pytest.approx(0.0316, abs=0.002)
    assert found.is_clear


@pytest.mark.parametrize(("freedom", "quantile"), [(10, 2.2281), (30, 2.0423), (120, 1.9799), (1e9, 1.95996)])
def test_students_t_is_that_of_the_tables(freedom: float, quantile: float) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(quantile, abs=0.001)
    assert student_p(quantile, freedom) == pytest.approx(0.05, abs=0.002)


def test_sums_of_large_purchases_lose_nothing() -> None:
    """In floats the squares of a hundred million toman would swallow the differences between members."""
    base = 1_000_000_000_000
    spent = [base + one for one in (1, 2, 3, 4)]

    assert sums(spent, [0] * 4).variance(0) == pytest.approx(variance([1, 2, 3, 4]))


def test_groups_that_all_spent_the_same_differ_by_that() -> None:
    found = difference(sums([5] * 40, [0] * 40), sums([3] * 40, [0] * 40))

    assert (found.each, found.low, found.high, found.p) == (2, 2, 2, 0)


@pytest.mark.parametrize(
    ("treated", "control", "days", "lack"),
    [
        (Counted(900, 300), Counted(100, 30), 14, None),
        (Counted(30, 10), Counted(30, 10), 7, None),
        (Counted(300, 100), Counted(22, 10), 14, Lack(members=8)),
        (Counted(300, 100), Counted(40, 10), 3, Lack(days=4)),
        (Counted(300, 100), Counted(40, 4), 10, Lack(days=15)),
        (Counted(300, 100), Counted(40, 0), 10, Lack(days=None)),
        (Counted(300, 100), Counted(40, 0), 2, Lack(days=5)),
        (Counted(9, 1), Counted(1, 0), 0, Lack(members=29, days=7)),
    ],
)
def test_what_is_missing_is_said_in_members_and_days(treated, control, days, lack) -> None:
    assert lack_of(treated, control, days=days) == lack


def test_a_few_large_purchases_ask_for_more_members() -> None:
    assert lack_by_skewness(-0.25, smaller=100) is None
    assert lack_by_skewness(0.5, smaller=100) == Lack(members=300)
