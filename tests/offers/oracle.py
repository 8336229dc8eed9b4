"""The rules of the REST API read plainly and slowly: unit by unit, every set tried, nothing shared with the engine.

Only conditions are left out: which offers match is given. Money is whole Rial.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from offers.rules import LiveOffer
from offers.situation import Line
from tests.offers.stand import CLUB, Rule

Units = list[tuple[int, Fraction]]
"""Each unit of the basket: its line and what is left of its price."""


@dataclass
class Plain:
    """A basket, the rule it earns by, and the club's cap."""

    lines: Sequence[Line]
    rule: Rule
    max_discount_bp: int | None = None

    def apply(self, offers: Sequence[LiveOffer]) -> dict[int, int]:
        """What each offer is worth that gives anything, applied together: by id."""
        queue = sorted(offers, key=lambda offer: (-offer.terms.priority, offer.id))
        left = [line.gross for line in self.lines]
        gross = sum(left)
        room = gross if self.max_discount_bp is None else gross * self.max_discount_bp // 10_000
        worth: dict[int, int] = {}
        for offer in queue:
            if offer.terms.benefit.kind in ("discount_percent", "discount_amount", "fixed_price", "buy_x_get_y"):
                off = self._off(offer, left)
                if sum(off) > room:
                    off = _parts(room, [Fraction(part) for part in off])
                room -= sum(off)
                left = [rest - part for rest, part in zip(left, off, strict=True)]
                worth[offer.id] = sum(off)
        exact = sum(Fraction(net, self.rule.rial_per_point) for net in left) * self.rule.factor_bp / 10_000
        for offer in queue:
            if offer.id not in worth:
                credit, points = self._earned(offer, left)
                whole = floor(exact + points) - floor(exact)
                exact += points if whole else 0
                worth[offer.id] = credit + whole * CLUB.point_worth
        return {number: value for number, value in worth.items() if value}

    def decide(self, offers: Sequence[LiveOffer]) -> set[int]:
        """The ids of those that apply."""
        worth = {offer.id: self.apply([offer]).get(offer.id, 0) for offer in offers}
        able = [offer for offer in offers if worth[offer.id]]

        def best_of(stacking: str) -> list[LiveOffer]:
            some = [offer for offer in able if offer.terms.stacking == stacking]
            kinds = {"d": 0, "f": 0, "b": 0, "c": 1, "p": 2}
            return sorted(some, key=lambda one: (-worth[one.id], kinds[one.terms.benefit.kind[0]], one.id))[:1]

        together = [*best_of("best"), *(offer for offer in able if offer.terms.stacking == "always")]
        given, alone = self.apply(together), best_of("alone")
        if alone and worth[alone[0].id] > sum(given.values()):
            return {alone[0].id}
        return set(given)

    def _off(self, offer: LiveOffer, left: Sequence[int]) -> list[int]:
        benefit = offer.terms.benefit
        units = self._units(offer, left)
        none = [0] * len(left)
        cheapest = sorted(units, key=lambda unit: (unit[1], unit[0]))
        dearest = sorted(units, key=lambda unit: (-unit[1], unit[0]))
        if not units:
            return none
        chosen = {"cheapest_matching": cheapest[:1], "dearest_matching": dearest[:1]}.get(benefit.applies_to, units)
        if benefit.kind == "discount_percent":
            return self._share(_step(_sum(chosen) * (benefit.percent_bp or 0) / 10_000, benefit.most), chosen)
        if benefit.kind == "discount_amount":
            times = self._times(offer, _sum(units), len(units))
            target = self._all_units(left) if benefit.applies_to == "basket" else chosen
            return self._share((benefit.amount or 0) * times, target)
        if benefit.kind == "buy_x_get_y":
            buy, get = benefit.buy or 0, benefit.get or 0
            sets = min(len(units) // (buy + get), benefit.repeat or len(units))
            free = cheapest[: sets * get]
            return self._share(_step(_sum(free) * (benefit.percent_bp or 10_000) / 10_000, None), free)
        size, total = benefit.quantity or 1, none
        for start in range(min(len(units) // size, benefit.repeat or len(units))):
            some = dearest[start * size : (start + 1) * size]
            part = self._share(max(0, _step(_sum(some), None) - (benefit.amount or 0)), some)
            total = [one + other for one, other in zip(total, part, strict=True)]
        return total

    def _earned(self, offer: LiveOffer, left: Sequence[int]) -> tuple[int, Fraction]:
        benefit = offer.terms.benefit
        units = self._units(offer, left)
        ordered = sorted(units, key=lambda unit: (unit[1], unit[0]))
        if benefit.applies_to == "cheapest_matching":
            chosen = ordered[:1]
        elif benefit.applies_to == "dearest_matching":
            chosen = sorted(units, key=lambda unit: (-unit[1], unit[0]))[:1]
        else:
            chosen = units
        base = _sum(chosen)
        times = self._times(offer, _sum(units), sum(self.lines[index].quantity for index in self._matching(offer)))
        if benefit.kind == "credit_percent":
            whole = base * self.rule.credit_bp / 10_000 if benefit.of_credit == "base_credit" else base
            return _step(whole * (benefit.percent_bp or 0) / 10_000, benefit.most), Fraction()
        if benefit.kind == "credit_amount":
            return (benefit.amount or 0) * times, Fraction()
        if benefit.kind == "points_factor":
            return 0, base / self.rule.rial_per_point * ((benefit.factor_bp or 0) - 10_000) / 10_000
        return 0, Fraction((benefit.points or 0) * times)

    def _times(self, offer: LiveOffer, amount: Fraction, quantity: int) -> int:
        benefit, times = offer.terms.benefit, 1
        if benefit.per_amount:
            times = floor(amount) // benefit.per_amount
        if benefit.per_quantity:
            times = quantity // benefit.per_quantity
        return times if benefit.repeat is None else min(times, benefit.repeat)

    def _matching(self, offer: LiveOffer) -> list[int]:
        of = offer.terms.benefit.of
        return [
            index
            for index, line in enumerate(self.lines)
            if of is None or ((line.product in of.codes or bool(of.codes & set(line.groups))) != of.negated)
        ]

    def _units(self, offer: LiveOffer, left: Sequence[int]) -> Units:
        return [unit for unit in self._all_units(left) if unit[0] in self._matching(offer)]

    def _all_units(self, left: Sequence[int]) -> Units:
        return [
            (index, Fraction(left[index], line.quantity))
            for index, line in enumerate(self.lines)
            for _unit in range(line.quantity)
            if left[index]
        ]

    def _share(self, off: int, units: Units) -> list[int]:
        weights = [
            sum((price for line, price in units if line == index), Fraction()) for index in range(len(self.lines))
        ]
        return _parts(min(off, floor(_sum(units))), weights)


def _sum(units: Units) -> Fraction:
    return sum((price for _line, price in units), Fraction())


def _step(exact: Fraction, most: int | None) -> int:
    rounded = floor(exact / CLUB.rounding_step + Fraction(1, 2)) * CLUB.rounding_step
    return rounded if most is None else min(most, rounded)


def _parts(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Largest remainder, the earlier first among equals."""
    whole = sum(weights)
    if not whole or total <= 0:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [floor(one) for one in exact]
    for index in sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))[
        : total - sum(parts)
    ]:
        parts[index] += 1
    return parts
