"""How often and for how much an offer would have been given so far in a back-test. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from offers.engine import Used
from offers.rules import Limits


@dataclass
class Uses:
    """Counts what some limit asks about, and nothing else: a club may have a million purchases."""

    limits: Limits
    total: int = 0
    spent: int = 0
    by_member: Counter[int] = field(default_factory=Counter)
    by_day: Counter[tuple[int, date]] = field(default_factory=Counter)
    by_month: Counter[tuple[int, int]] = field(default_factory=Counter)
    spent_by_month: Counter[int] = field(default_factory=Counter)

    def of(self, member: int, day: date, month: int) -> Used:
        """What stands against giving it to the member on the day; `month` is a number that no other month has."""
        return Used(
            self.by_member[member],
            self.by_day[member, day],
            self.by_month[member, month],
            self.total,
            self.spent,
            self.spent_by_month[month],
        )

    def add(self, member: int, day: date, month: int, worth: int) -> None:
        """It is given once more."""
        limits = self.limits
        self.total += 1
        self.spent += worth
        if limits.per_member is not None:
            self.by_member[member] += 1
        if limits.per_member_per_day is not None:
            self.by_day[member, day] += 1
        if limits.per_member_per_month is not None:
            self.by_month[member, month] += 1
        if limits.budget_per_month is not None:
            self.spent_by_month[month] += worth

    def is_over_budget(self, worth: int) -> bool:
        """Whether the budget for all time no longer reaches for so much."""
        return self.limits.budget is not None and self.spent + worth > self.limits.budget
