"""Which tier a member's figures reach: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol, TypeVar


@dataclass(frozen=True)
class Step:
    """A tier with what the member has of its metric within its window (Rial, points or visits)."""

    code: str
    name: str
    rank: int
    metric: str
    threshold: int
    points_factor_bp: int
    extra_credit_bp: int
    reached: int
    window_days: int | None = None


def step_of(steps: Sequence[Step], code: str) -> Step | None:
    """The step with this code."""
    return next((step for step in steps if step.code == code), None)


def fitting(steps: Sequence[Step]) -> Step | None:
    """The highest step whose threshold is reached; None where there is none."""
    return max((step for step in steps if step.reached >= step.threshold), key=lambda step: step.rank, default=None)


def after_gain(steps: Sequence[Step], held: str, floor: str = "") -> str:
    """The code held after the figures rose: never below what is held or the floor."""
    candidates = [step for step in (fitting(steps), step_of(steps, held), step_of(steps, floor)) if step]
    return max(candidates, key=lambda step: step.rank).code if candidates else ""


def with_purchase(steps: Sequence[Step], *, net: int, points: int, visits: int = 1) -> tuple[Step, ...]:
    """The steps with a purchase counted in."""
    gain = {"spent": net, "points": points, "visits": visits}
    return tuple(replace(step, reached=step.reached + gain[step.metric]) for step in steps)


def without(steps: Sequence[Step], lost: Mapping[str, int], *, age: timedelta) -> tuple[Step, ...]:
    """The steps when so much of each metric is undone, `age` after it was gained.

    Spending and visits count while they lie within the window; points leave when they are taken back.
    """
    return tuple(
        replace(step, reached=step.reached - lost[step.metric])
        if step.metric == "points" or step.window_days is None or age < timedelta(days=step.window_days)
        else step
        for step in steps
    )


def next_step(steps: Sequence[Step], held: str) -> Step | None:
    """The step above the one held, None at the top."""
    rank = getattr(step_of(steps, held), "rank", None)
    above = [step for step in steps if rank is None or step.rank > rank]
    return min(above, key=lambda step: step.rank, default=None)


class Rewarding(Protocol):
    """A tier by its place and what it gives, in basis points."""

    @property
    def rank(self) -> int: ...
    @property
    def points_factor_bp(self) -> int: ...
    @property
    def extra_credit_bp(self) -> int: ...


Tier = TypeVar("Tier", bound=Rewarding)


def less_for_higher(tiers: Sequence[Tier]) -> list[tuple[Tier, Tier]]:
    """Tiers that give less points or less credit than a lower one, each with the nearest such one, from the lowest."""
    ordered = sorted(tiers, key=lambda tier: tier.rank)
    found = []
    for place, tier in enumerate(ordered):
        more = [below for below in reversed(ordered[:place]) if _gives_more(below, tier)]
        found += [(tier, below) for below in more[:1]]
    return found


def _gives_more(one: Rewarding, other: Rewarding) -> bool:
    return one.points_factor_bp > other.points_factor_bp or one.extra_credit_bp > other.extra_credit_bp
