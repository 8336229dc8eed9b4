"""Which values a condition lets a fact have: sets of whole numbers, or of words, exactly. Pure.

Days stand by their ordinals, tiers by their codes. Of a moment of the day the whole second n stands at 2n, and what
lies between it and the next at 2n + 1, so that hours with and without their first instant are sets of numbers too.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from offers.rules import Condition, Own
from offers.vocabulary import CUSTOM, DAYS_FROM, FACTS

LOWEST, HIGHEST = -(10**18), 10**18
"""Beyond all that a fact may be: where a set reaches them, it is open."""
HALF_SECONDS = 2 * 86_400
Span = tuple[int, int]


@dataclass(frozen=True)
class Numbers:
    """Whole numbers in spans with both their ends, lowest first; `absent`: whether having no value is among them."""

    spans: tuple[Span, ...] = ((LOWEST, HIGHEST),)
    absent: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.spans and not self.absent

    @property
    def low(self) -> int:
        return self.spans[0][0] if self.spans else HIGHEST

    @property
    def high(self) -> int:
        return self.spans[-1][1] if self.spans else LOWEST

    @property
    def count(self) -> int:
        return sum(high - low + 1 for low, high in self.spans)

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.spans)

    def __iter__(self) -> Iterator[int]:
        for low, high in self.spans:
            yield from range(low, high + 1)

    def both(self, other: "Numbers") -> "Numbers":
        """What is in each of the two."""
        spans = sorted(
            (max(low, other_low), min(high, other_high))
            for low, high in self.spans
            for other_low, other_high in other.spans
            if max(low, other_low) <= min(high, other_high)
        )
        return Numbers(tuple(spans), self.absent and other.absent)

    def others(self) -> "Numbers":
        """All that is not in it."""
        spans, start = [], LOWEST
        for low, high in self.spans:
            if start < low:
                spans.append((start, low - 1))
            start = high + 1
        if start <= HIGHEST:
            spans.append((start, HIGHEST))
        return Numbers(tuple(spans), not self.absent)


@dataclass(frozen=True)
class Words:
    """Some words, or all but some; `absent`: whether having no value is among them."""

    some: frozenset[Hashable] = frozenset()
    but: bool = True
    absent: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.some or self.but or self.absent)

    def both(self, other: "Words") -> "Words":
        """What is in each of the two."""
        absent = self.absent and other.absent
        if self.but and other.but:
            return Words(self.some | other.some, True, absent)
        if self.but or other.but:
            listed, barred = (other, self) if self.but else (self, other)
            return Words(listed.some - barred.some, False, absent)
        return Words(self.some & other.some, False, absent)

    def others(self) -> "Words":
        """All that is not in it."""
        return Words(self.some, not self.but, not self.absent)


Values = Numbers | Words
ANY_NUMBER, ANY_WORD = Numbers(absent=True), Words(absent=True)


@dataclass(frozen=True)
class Domains:
    """What a fact may be at all, whatever is asked of it; of tiers those that the club has, with their ranks."""

    ranks: Mapping[str, int] = field(default_factory=dict)

    def of(self, fact: str) -> Values:
        """Every value that the fact may have."""
        if fact.startswith(CUSTOM):
            raise KeyError(fact)  # it depends on what it is held against
        if fact.startswith(DAYS_FROM):
            fact = "days_from_birthday"
        match fact:
            case "tier":
                return Words(frozenset(self.ranks), False, absent=True)
            case "is_first_purchase" | "referred":
                return Words(frozenset({True, False}), False)
            case "visit_number":
                return Numbers(((1, HIGHEST),))
            case "age":
                return Numbers(((0, HIGHEST),), absent=True)
            case "days_from_birthday":
                return Numbers(((-183, 183),), absent=True)
        return BY_KIND[FACTS[fact].kind]

    def met_by(self, condition: Condition) -> Values | None:
        """The values with which the condition holds; None where they cannot be told, as of a member's own figure."""
        fact, op, value = condition.fact, condition.op, condition.value
        if isinstance(value, Own) or op == "every" or is_many(fact):
            return None
        values = value if isinstance(value, tuple) else (value,)
        if fact == "tier" and op in RANKED:
            return self._by_rank(op, [str(code) for code in values])
        if isinstance(values[0], str | bool):
            some = Words(frozenset(values), False)
            return some.others() if op in ("ne", "not_in") else some
        return _numbers(fact, op, [_whole(one) for one in values])

    def _by_rank(self, op: str, codes: list[str]) -> Words:
        if any(code not in self.ranks for code in codes):
            return Words(but=False)
        met = _numbers("tier", op, [self.ranks[code] for code in codes])
        return Words(frozenset(code for code, rank in self.ranks.items() if rank in met), False)


RANKED = ("gt", "gte", "lt", "lte", "between")
BY_KIND: dict[str, Values] = {
    "money": Numbers(((0, HIGHEST),)),
    "count": Numbers(((0, HIGHEST),)),
    "days": ANY_NUMBER,
    "weekday": Numbers(((0, 6),)),
    "month": Numbers(((1, 12),)),
    "day": Numbers(((1, 31),)),
    "time": Numbers(((0, HALF_SECONDS - 1),)),
    "date": Numbers(),
    "word": ANY_WORD,
}


def is_many(fact: str) -> bool:
    """Whether a member has many of it, as tags."""
    return fact in FACTS and FACTS[fact].kind == "many"


def _whole(value: Any) -> int:
    return value.toordinal() if isinstance(value, date) else int(value)


def _numbers(fact: str, op: str, values: list[int]) -> Numbers:
    """The whole numbers that meet the operator."""
    step = 2 if fact == "time" else 1
    low, high = values[0] * step, values[-1] * step
    match op:
        case "gt":
            return Numbers(((low + 1, HIGHEST),))
        case "gte":
            return Numbers(((low, HIGHEST),))
        case "lt":
            return Numbers(((LOWEST, low - 1),))
        case "lte":
            return Numbers(((LOWEST, low),))
        case "between" if fact != "time":
            return Numbers(((low, high),)) if low <= high else Numbers(())
        case "between":
            # The end of hours is excluded, and they may run over midnight.
            return Numbers(((low, high - 1),)) if low < high else Numbers(((LOWEST, high - 1), (low, HIGHEST)))
    some = _points(values)
    return some.others() if op in ("ne", "not_in") else some


def _points(values: list[int]) -> Numbers:
    """Exactly these."""
    spans: list[Span] = []
    for one in sorted(set(values)):
        if spans and spans[-1][1] == one - 1:
            spans[-1] = (spans[-1][0], one)
        else:
            spans.append((one, one))
    return Numbers(tuple(spans))
