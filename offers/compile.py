"""An index over many offers: from a situation straight to the few that can match it. Pure.

Each offer is a bit. A condition that must hold for an offer stands in a column of its fact: from the fact's value the
column gives the bits of all offers that it lets through, by one look into a sorted list or a dictionary. The columns'
bits, taken together, are the offers whose conditions of that kind hold; what the index does not know (`any`, `not`,
shares of own figures, fields of the club's own) is asked of those few alone.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from offers.judging import by_rank, holds
from offers.rules import AllOf, AnyOf, Condition, Group, LiveOffer, Of, Own
from offers.situation import Basket, Person, Situation
from offers.vocabulary import BENEFITS, CUSTOM

Bits = int
LISTED = ("eq", "in", "has")
BARRED = ("ne", "not_in")
LINES = ("amount_of", "quantity_of")
EMPTY_HANDED = Situation(datetime(2026, 1, 1, tzinfo=UTC), "UTC", Person(), Basket(()))


class Index:
    """The live offers by their triggers. Built once for a set of offers, which it keeps in their order."""

    def __init__(self, offers: Sequence[LiveOffer]) -> None:
        self.offers = tuple(offers)

    @cached_property
    def _by_trigger(self) -> dict[str, "_Part"]:
        parts: dict[str, list[LiveOffer]] = {}
        for offer in self.offers:
            parts.setdefault(offer.terms.trigger, []).append(offer)
        return {trigger: _Part(part) for trigger, part in parts.items()}

    def matching(self, trigger: str, here: Situation) -> list[LiveOffer]:
        """The offers of the trigger whose conditions hold; of lines that the basket has none of, there is none."""
        part = self._by_trigger.get(trigger)
        return part.matching(here) if part else []


class _Part:
    """The offers of one trigger."""

    def __init__(self, offers: Sequence[LiveOffer]) -> None:
        self.offers = offers
        self.columns: dict[tuple[str, Hashable, int], _Column] = {}
        self.needs_codes: Bits = 0
        self.by_code: dict[str, Bits] = {}
        self.rests: list[Group | None] = []
        for place, offer in enumerate(offers):
            self._add(1 << place, offer)
        self.everyone = (1 << len(offers)) - 1
        self.facts: dict[tuple[str, Hashable], list[_Column]] = {}
        for (fact, of, _slot), column in self.columns.items():
            column.close(self.everyone)
            self.facts.setdefault((fact, of), []).append(column)

    def _add(self, bit: Bits, offer: LiveOffer) -> None:
        slots: dict[tuple[str, Hashable], int] = {}
        rest: list[Group] = []
        for part in _necessary(offer.terms.when):
            key = _column_of(part)
            if key is None:
                rest.append(part)
                continue
            slot = slots[key] = slots.get(key, -1) + 1
            self.columns.setdefault((*key, slot), _Column(*key)).add(bit, part)  # type: ignore[arg-type]
        self._add_codes(bit, _codes_needed(offer))
        self.rests.append(AllOf(tuple(rest)) if rest else None)

    def _add_codes(self, bit: Bits, codes: frozenset[str]) -> None:
        if codes:
            self.needs_codes |= bit
        for code in codes:
            self.by_code[code] = self.by_code.get(code, 0) | bit

    def matching(self, here: Situation) -> list[LiveOffer]:
        left = self.everyone
        if self.needs_codes:
            left &= ~self.needs_codes | self._of_basket(here)
        for (fact, of), columns in self.facts.items():
            value = here.value(fact, of)  # type: ignore[arg-type]
            for column in columns:
                left &= column.let_through(value, here)
        offers, rests = self.offers, self.rests
        return [offers[place] for place in _places(left) if rests[place] is None or holds(rests[place], here)]

    def _of_basket(self, here: Situation) -> Bits:
        found = 0
        for line in here.basket.lines if here.basket else ():
            found |= self.by_code.get(line.product, 0)
            for group in line.groups:
                found |= self.by_code.get(group, 0)
        return found


@dataclass
class _Column:
    """One condition of each offer that has one on this fact."""

    fact: str
    of: Of | int | None

    def __post_init__(self) -> None:
        self.members: Bits = 0
        self.anyway: Bits = 0
        """Those without a condition here, and those that only keep some values out."""
        self.listed: dict[Any, Bits] = {}
        """By value, whom it lets through."""
        self.barred: dict[Any, Bits] = {}
        """By value, whom it keeps out: all others with `ne` or `not_in` it lets through."""
        self.unless: Bits = 0
        self.multiples: dict[int, Bits] = {}
        self.ranked: dict[Condition, Bits] = {}
        self.ranges: list[tuple[Any, bool, Any, bool, Bits]] = []
        self.bounds: list[Any] = []
        self.through: list[Bits] = []

    def add(self, bit: Bits, condition: Condition) -> None:
        self.members |= bit
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        if condition.op in LISTED:
            _put(self.listed, values, bit)
        elif condition.op in BARRED:
            self.unless |= bit
            _put(self.barred, values, bit)
        elif condition.op == "every":
            _put(self.multiples, values, bit)
        elif self.fact == "tier":
            _put(self.ranked, (condition,), bit)
        else:
            self.ranges += [(*part, bit) for part in _ranges_of(condition)]

    def close(self, everyone: Bits) -> None:
        """Sweep the bounds once: what is let through at each bound and between it and the next."""
        bounds = {bound for low, _, high, _, _ in self.ranges for bound in (low, high) if bound is not None}
        self.bounds = sorted(bounds)
        begins: dict[int, Bits] = {}
        ends: dict[int, Bits] = {}
        for low, with_low, high, with_high, bit in self.ranges:
            begin = 0 if low is None else self._place(low) + (not with_low)
            end = 2 * len(bounds) + 1 if high is None else self._place(high) + with_high
            if begin < end:
                _put(begins, (begin,), bit)
                _put(ends, (end,), bit)
        now = 0
        for place in range(2 * len(bounds) + 1):
            now = (now & ~ends.get(place, 0)) | begins.get(place, 0)
            self.through.append(now)
        self.anyway = everyone & ~self.members | self.unless

    def _place(self, value: Any) -> int:
        """Where a value stands: odd on a bound, even between two."""
        place = bisect_left(self.bounds, value)
        return 2 * place + (place < len(self.bounds) and self.bounds[place] == value)

    def let_through(self, value: Any, here: Situation) -> Bits:
        """The offers without a condition here, and those whose condition holds for the value."""
        found = self.anyway
        if value is None:
            return found
        if isinstance(value, frozenset):
            return found & ~_any_of(self.barred, value) | _any_of(self.listed, value)
        if self.barred:
            found &= ~self.barred.get(value, 0)
        if self.listed:
            found |= self.listed.get(value, 0)
        if self.bounds:
            found |= self.through[self._place(value)]
        for number, bits in self.multiples.items():
            if value % number == 0 and value > 0:
                found |= bits
        for condition, bits in self.ranked.items():
            if by_rank(condition.op, value, condition.value, here):
                found |= bits
        return found


def _places(bits: Bits) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    digits = f"{bits:b}"
    last = len(digits) - 1
    digit = digits.rfind("1")
    while digit >= 0:
        yield last - digit
        digit = digits.rfind("1", 0, digit)


def _put(places: dict[Any, Bits], keys: Iterable[Any], bit: Bits) -> None:
    for key in keys:
        places[key] = places.get(key, 0) | bit


def _any_of(listed: dict[Any, Bits], values: Iterable[Any]) -> Bits:
    found = 0
    for value in values:
        found |= listed.get(value, 0)
    return found


def _necessary(group: Group) -> Iterator[Group]:
    """Parts that must all hold."""
    match group:
        case AllOf(parts):
            for part in parts:
                yield from _necessary(part)
        case AnyOf((only,)):
            yield from _necessary(only)
        case _:
            yield group


def _column_of(part: Group) -> tuple[str, Hashable] | None:
    """The column in which the condition stands; None where the index does not know it."""
    if not isinstance(part, Condition) or isinstance(part.value, Own) or part.fact.startswith(CUSTOM):
        return None
    if part.fact in LINES and part.of is not None:
        return None  # there are as many of these as there are groups; the codes of the basket find them
    return part.fact, part.of


def _codes_needed(offer: LiveOffer) -> frozenset[str]:
    """Codes of which the basket must have one for the offer to give anything; empty where any basket does."""
    benefit = offer.terms.benefit
    if benefit.of and not benefit.of.negated and (BENEFITS[benefit.kind].needs_purchase or benefit.per_quantity):
        return benefit.of.codes
    asked = (part for part in _necessary(offer.terms.when) if isinstance(part, Condition) and part.fact in LINES)
    for part in asked:
        of, is_own = part.of, isinstance(part.value, Own)
        if isinstance(of, Of) and not of.negated and not is_own and not holds(part, EMPTY_HANDED):
            return of.codes
    return frozenset()


def _ranges_of(condition: Condition) -> list[tuple[Any, bool, Any, bool]]:
    """(from, with it, to, with it), twice for hours over midnight; None is open."""
    value: Any = condition.value
    match condition.op:
        case "gt":
            return [(value, False, None, False)]
        case "gte":
            return [(value, True, None, False)]
        case "lt":
            return [(None, False, value, False)]
        case "lte":
            return [(None, False, value, True)]
    low, high = value
    if condition.fact != "time":
        return [(low, True, high, True)]
    return [(low, True, high, False)] if low < high else [(low, True, None, False), (None, False, high, False)]
