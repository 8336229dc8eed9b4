"""A higher tier gives at least what a lower one does, or is pointed out."""

import pytest

from club.tiers.ladder import Step, less_for_higher


def step(code: str, rank: int, factor_bp: int = 10_000, credit_bp: int = 0) -> Step:
    return Step(code, code, rank, "spent", rank, factor_bp, credit_bp, reached=0)


@pytest.mark.parametrize(
    ("gold", "platinum", "found"),
    [
        ((20_000, 100), (20_000, 100), []),
        ((20_000, 100), (25_000, 200), []),
        ((20_000, 100), (19_999, 200), [("platinum", "gold")]),
        ((20_000, 100), (25_000, 99), [("platinum", "gold")]),
        ((14_000, 100), (14_500, 100), [("gold", "silver"), ("platinum", "silver")]),
    ],
)
def test_each_tier_that_gives_less_is_named_with_the_nearest_that_gives_more(gold, platinum, found) -> None:
    ladder = [
        step("platinum", 3, *platinum),
        step("bronze", 0),
        step("gold", 2, *gold),
        step("silver", 1, 15_000),
    ]

    assert [(one.code, below.code) for one, below in less_for_higher(ladder)] == found


def test_a_ladder_without_steps_slights_nobody() -> None:
    assert less_for_higher([]) == []
