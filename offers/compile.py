"""An index over many offers: from a situation straight to the few that can match it. Pure.

Each offer is a bit. A condition that must hold for an offer stands in a column of its fact: from the fact's value the
column gives the bits of all offers that it lets through, by one look into a sorted list or a dictionary. The columns'
bits, taken together, are the offers whose conditions of that kind hold; what the index does not know (`any`, `not`,
shares of own figures, fields of the club's own) is asked of those few alone.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from offers.judging import by_rank, holds
from offers.rules import AllOf, AnyOf, Condition, Group, LiveOffer, Of, Own
from offers.situation import Basket, Person, Situation
from offers.vocabulary import BENEFITS, FACTS, OF_FIELDS

Bits = int
Range = tuple[Any, bool, Any, bool]
"""From a value, with it or without, to another; None is open."""
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
        self.columns: dict[tuple[str, Of | int | None], _Ordered | _Many] = {}
        self.needs_codes: Bits = 0
        self.by_code: dict[str, Bits] = {}
        self.rests: list[Group | None] = []
        for place, offer in enumerate(offers):
            self._add(1 << place, offer)
        self.everyone = (1 << len(offers)) - 1
        for column in self.columns.values():
            column.close(self.everyone)

    def _add(self, bit: Bits, offer: LiveOffer) -> None:
        seen: Counter[tuple[str, Of | int | None]] = Counter()
        rest: list[Group] = []
        for part in necessary(offer.terms.when):
            if not isinstance(part, Condition) or not _is_indexed(part):
                rest.append(part)
                continue
            key = part.fact, part.of
            if key not in self.columns:
                self.columns[key] = _Many() if FACTS[part.fact].kind == "many" else _Ordered()
            self.columns[key].add(bit, part, seen[key])
            seen[key] += 1
        self._add_codes(bit, codes_needed(offer))
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
        for (fact, of), column in self.columns.items():
            left &= column.let_through(here.value(fact, of), here)
        offers, rests = self.offers, self.rests
        return [offers[place] for place in _places(left) if (rest := rests[place]) is None or holds(rest, here)]

    def _of_basket(self, here: Situation) -> Bits:
        found = 0
        for line in here.basket.lines if here.basket else ():
            found |= self.by_code.get(line.product, 0)
            for group in line.groups:
                found |= self.by_code.get(group, 0)
        return found


class _Ordered:
    """The conditions on a fact whose values stand in an order; of each value it is known whom it lets through."""

    def __init__(self) -> None:
        self.slots: list[list[tuple[Range, Bits]]] = []
        """The first condition of each offer, the second, and so on: what they let through, by offer."""
        self.multiples: dict[int, Bits] = {}
        """By number, the offers that want a multiple of it."""
        self.ranked: dict[Condition, Bits] = {}
        """By condition on a tier's rank, which the club may change, the offers that have it."""
        self.needing: Bits = 0
        """Offers that a member without a value does not get."""

    def add(self, bit: Bits, condition: Condition, slot: int) -> None:
        if condition.op not in BARRED:
            self.needing |= bit
        while slot >= len(self.slots):
            self.slots.append([])
        if condition.op == "every":
            _put(self.multiples, (condition.value,), bit)
        elif condition.fact == "tier" and condition.op not in (*LISTED, *BARRED):
            _put(self.ranked, (condition,), bit)
        else:
            self.slots[slot] += [(one, bit) for one in _ranges_of(condition)]

    def close(self, everyone: Bits) -> None:
        """Sweep the bounds once: what is let through at each bound and between it and the next."""
        ranges = [one for slot in self.slots for one, _bit in slot]
        bounds = {bound for low, _, high, _ in ranges for bound in (low, high) if bound is not None}
        self.bounds: list[Any] = sorted(bounds)
        self.through = [everyone] * (2 * len(bounds) + 1)
        for slot in self.slots:
            for place, bits in enumerate(self._swept(slot, everyone)):
                self.through[place] &= bits
        self.without_value = everyone & ~self.needing
        self.slots.clear()

    def _swept(self, slot: Sequence[tuple[Range, Bits]], everyone: Bits) -> Iterator[Bits]:
        begins: dict[int, Bits] = {}
        ends: dict[int, Bits] = {}
        now = everyone
        for (low, with_low, high, with_high), bit in slot:
            now &= ~bit
            begin = 0 if low is None else self._place(low) + (not with_low)
            end = len(self.through) if high is None else self._place(high) + with_high
            if begin < end:
                _put(begins, (begin,), bit)
                _put(ends, (end,), bit)
        for place in range(len(self.through)):
            now = (now & ~ends.get(place, 0)) | begins.get(place, 0)
            yield now

    def _place(self, value: Any) -> int:
        """Where a value stands: odd on a bound, even between two."""
        bounds = self.bounds
        place = bisect_left(bounds, value)
        return 2 * place + (place < len(bounds) and bounds[place] == value)

    def let_through(self, value: Any, here: Situation) -> Bits:
        """The offers without a condition here, and those whose conditions hold for the value."""
        if value is None:
            return self.without_value
        found = self.through[self._place(value)]
        for number, bits in self.multiples.items():
            if value % number or value <= 0:
                found &= ~bits
        for condition, bits in self.ranked.items():
            if not by_rank(condition.op, value, condition.value, here):
                found &= ~bits
        return found


class _Many:
    """The conditions on a fact that has many values at once, as tags."""

    def __init__(self) -> None:
        self.slots: list[tuple[dict[Any, Bits], dict[Any, Bits]]] = []
        """By value, whom it lets through and whom it keeps out: of the first condition of each offer, and so on."""
        self.wanting: list[Bits] = []
        """Offers whose condition there wants some value."""

    def add(self, bit: Bits, condition: Condition, slot: int) -> None:
        while slot >= len(self.slots):
            self.slots.append(({}, {}))
            self.wanting.append(0)
        values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        if condition.op in BARRED:
            _put(self.slots[slot][1], values, bit)
        else:
            self.wanting[slot] |= bit
            _put(self.slots[slot][0], values, bit)

    def close(self, everyone: Bits) -> None:
        self.anyway = [everyone & ~bits for bits in self.wanting]

    def let_through(self, values: Iterable[Any], _here: Situation) -> Bits:
        """The offers without a condition here, and those whose conditions hold for the values."""
        found = -1
        for anyway, (listed, barred) in zip(self.anyway, self.slots, strict=True):
            found &= (anyway | _any_of(listed, values)) & ~_any_of(barred, values)
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


def necessary(group: Group) -> Iterator[Group]:
    """Parts that must all hold."""
    match group:
        case AllOf(parts):
            for part in parts:
                yield from necessary(part)
        case AnyOf((only,)):
            yield from necessary(only)
        case _:
            yield group


def _is_indexed(part: Condition) -> bool:
    """Whether the condition stands in a column."""
    if isinstance(part.value, Own) or part.fact.startswith(OF_FIELDS):
        return False
    # There are as many of these as there are groups; the codes of the basket find them.
    return part.fact not in LINES or part.of is None


def codes_needed(offer: LiveOffer) -> frozenset[str]:
    """Codes of which the basket must have one for the offer to give anything; empty where any basket does."""
    benefit = offer.terms.benefit
    if benefit.of and not benefit.of.negated and (BENEFITS[benefit.kind].needs_purchase or benefit.per_quantity):
        return benefit.of.codes
    asked = (part for part in necessary(offer.terms.when) if isinstance(part, Condition) and part.fact in LINES)
    for part in asked:
        of, is_own = part.of, isinstance(part.value, Own)
        if isinstance(of, Of) and not of.negated and not is_own and not holds(part, EMPTY_HANDED):
            return of.codes
    return frozenset()


def _ranges_of(condition: Condition) -> list[Range]:
    """Where the values lie for which it holds."""
    value: Any = condition.value
    values = sorted(value) if isinstance(value, tuple) else [value]
    match condition.op:
        case "gt":
            return [(value, False, None, False)]
        case "gte":
            return [(value, True, None, False)]
        case "lt":
            return [(None, False, value, False)]
        case "lte":
            return [(None, False, value, True)]
        case "ne" | "not_in":
            return [(low, False, high, False) for low, high in pairwise([None, *values, None])]
        case "between" if condition.fact != "time":
            return [(value[0], True, value[1], True)]
        case "between":
            start, end = value
            late, early = (start, True, None, False), (None, False, end, False)
            return [(start, True, end, False)] if start < end else [late, early]
    return [(one, True, one, True) for one in values]
