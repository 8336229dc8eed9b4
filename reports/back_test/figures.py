"""What a back-test found: the figures as pages and programs show them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

from core.jalali import weekday
from core.money import BP, round_half_up
from reports.ranges import Span

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """A week from Saturday on: in how many purchases it was given, and for how much."""

    first: date
    purchases: int
    cost: int


@dataclass(frozen=True)
class Displaced:
    """An offer that was given then, and in whose place the other would have come."""

    offer: int
    name: str
    times: int
    saved: int


@dataclass(frozen=True)
class Sample:
    """What was looked at of all purchases: of each so many members one."""

    every: int
    purchases: int


@dataclass(frozen=True)
class BackTest:
    """What an offer would have brought in the days of a span. Money is whole Rial, `cost` the worth of what it gives.

    `net`: of the purchases in which it was given; `sales`: of all purchases of members, less what was refunded.
    `lasts_days`: full days until the budget no longer reached; None without one, or where it lasts. Of a sample the
    figures are reckoned up to the whole.
    """

    span: Span
    members: int
    purchases: int
    cost: int
    net: int
    sales: int
    weeks: tuple[Week, ...]
    displaced: tuple[Displaced, ...]
    lasts_days: int | None
    margin_bp: int | None
    looked_at: int
    budget: int | None = None
    sample: Sample | None = None
    missed: int = field(default=0, compare=False)
    """The purchases that matched and got nothing: another offer was worth more, or nothing was left of it."""

    @property
    def cost_share_bp(self) -> int:
        """The cost as a share of all sales of the span, in basis points."""
        return round_half_up(self.cost * BP, self.sales) if self.sales else 0

    @property
    def lift_bp(self) -> int | None:
        """By how much these purchases must grow to pay for it: cost ÷ (margin × their net), in basis points."""
        earned = self.net * (self.margin_bp or 0)
        return round_half_up(self.cost * BP * BP, earned) if earned else None

    @property
    def saved(self) -> int:
        """What the offers cost then in whose place it comes."""
        return sum(one.saved for one in self.displaced)

    @property
    def net_cost(self) -> int:
        """What it costs more than what it comes in the place of."""
        return self.cost - self.saved

    @property
    def budget_days(self) -> int | None:
        """For how many days the budget is enough at this pace; None without a budget or a pace."""
        if self.lasts_days is not None:
            return self.lasts_days
        return int(Fraction(self.budget * self.span.days, self.cost)) if self.budget is not None and self.cost else None


@lru_cache(maxsize=2_000)
def saturday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=weekday(day))


def weeks_of(span: Span, found: dict[date, tuple[int, int]], *, times: int = 1) -> tuple[Week, ...]:
    """Every week of the span, with what was found of it."""
    first, weeks = saturday(span.first), []
    while first <= span.last:
        purchases, cost = found.get(first, (0, 0))
        weeks.append(Week(first, purchases * times, cost * times))
        first += WEEK
    return tuple(weeks)


def in_order(displaced: Sequence[Displaced]) -> tuple[Displaced, ...]:
    """What saves the most first."""
    return tuple(sorted(displaced, key=lambda one: (-one.saved, -one.times, one.offer)))
