"""What each offer would be worth if it were the only one on the basket, quickly: hundreds may match. Pure.

The figures are those that `offers.effects` gives, in closed form over sums that are made once for each set of lines;
what goes unit by unit is left to it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from core.money import round_half_up
from offers.effects import BP, Earnings, Valuation, times_of
from offers.rules import Benefit, LiveOffer, Of
from offers.situation import Basket
from offers.vocabulary import ONE_UNIT


class Claim(NamedTuple):
    """An offer with what it would be worth alone, in Rial; `gives` is false where it would give nothing at all."""

    offer: LiveOffer
    worth: int
    gives: bool


class Sums(NamedTuple):
    """Of the lines that match: what discounts may take, and what earns, times the common denominator."""

    left: int = 0
    left_units: int = 0
    units: int = 0
    base: int = 0
    points: int = 0
    credit: int = 0


Worth = tuple[int, bool]
"""In Rial, and whether the benefit gives anything."""


class Ways:
    """How the worth of each kind of benefit is reckoned, from sums of the lines that match it.

    `gross` of the whole basket; `scale` is the common denominator of what earns, `whole_points` of the whole purchase
    times it.
    """

    def __init__(self, club: Valuation, *, gross: int, left: int, delivery: int, scale: int, whole_points: int) -> None:
        self.club, self.delivery_price, self.scale, self.exact_points = club, delivery, scale, whole_points
        self.whole_points = whole_points // scale
        self.left = left
        self.room = gross if club.max_discount_bp is None else gross * club.max_discount_bp // BP

    def percent_off(self, benefit: Benefit, sums: Sums) -> Worth:
        off = round_half_up(sums.left * (benefit.percent_bp or 0), BP, self.club.rounding_step)
        off = min(off, sums.left, self.room) if benefit.most is None else min(off, benefit.most, sums.left, self.room)
        return off, off > 0

    def amount_off(self, benefit: Benefit, sums: Sums) -> Worth:
        off = (benefit.amount or 0) * times_of(benefit, sums.left, sums.left_units)
        off = min(off, self.left if benefit.applies_to == "basket" else sums.left, self.room)
        return off, off > 0

    def delivery(self, _benefit: Benefit, _sums: Sums) -> Worth:
        return self.delivery_price, self.delivery_price > 0

    def percent_credit(self, benefit: Benefit, sums: Sums) -> Worth:
        whole = sums.credit if benefit.of_credit == "base_credit" else sums.base
        credit = round_half_up(whole * (benefit.percent_bp or 0), self.scale * BP, self.club.rounding_step)
        return self._credit(credit if benefit.most is None else min(credit, benefit.most))

    def amount_of_credit(self, benefit: Benefit, sums: Sums) -> Worth:
        return self._credit((benefit.amount or 0) * self._times(benefit, sums))

    def factor_of_points(self, benefit: Benefit, sums: Sums) -> Worth:
        """Points are rounded down with those of the programme."""
        exact = self.exact_points * BP + sums.points * ((benefit.factor_bp or BP) - BP)
        points = exact // (self.scale * BP) - self.whole_points
        return points * self.club.point_worth, points > 0

    def amount_of_points(self, benefit: Benefit, sums: Sums) -> Worth:
        points = (benefit.points or 0) * self._times(benefit, sums)
        return points * self.club.point_worth, points > 0

    def item(self, benefit: Benefit, sums: Sums) -> Worth:
        count = (benefit.quantity or 1) * self._times(benefit, sums)
        return self.club.prices.get(benefit.product or "", 0) * count, count > 0

    def thing(self, benefit: Benefit, sums: Sums) -> Worth:
        """It is worth nothing in Rial."""
        return 0, self._times(benefit, sums) > 0

    def _times(self, benefit: Benefit, sums: Sums) -> int:
        return times_of(benefit, sums.base // self.scale, sums.units)

    def _credit(self, credit: int) -> Worth:
        return round_half_up(credit * self.club.credit_worth_bp, BP), credit > 0


class Measures(Ways):
    """The sums of one basket, before any discount."""

    def __init__(self, basket: Basket, earnings: Earnings, club: Valuation) -> None:
        self.basket, self.scaled = basket, earnings.scaled
        gross = [line.gross for line in basket.lines]
        self.of_lines = self._of_lines(gross)
        self._known: dict[Of, Sums] = {}
        self.of_all = self._together(self.of_lines)
        super().__init__(
            club,
            gross=sum(gross),
            left=self.of_all.left,
            delivery=basket.delivery_price,
            scale=self.scaled.scale,
            whole_points=self.scaled.whole_points,
        )

    def worth(self, benefit: Benefit) -> Worth | None:
        """What the benefit is worth alone; None where only the units tell."""
        way = way_of(benefit)
        if way is None:
            return None
        of = benefit.of
        return way(self, benefit, self.of_all if of is None else self._known.get(of) or self._sums(of))

    def _of_lines(self, gross: Sequence[int]) -> list[Sums]:
        earned = zip(self.scaled.bases, self.scaled.points, self.scaled.credit, strict=True)
        return [
            Sums(*((price, line.quantity) if price and line.discountable else (0, 0)), line.quantity, *of)
            for line, price, of in zip(self.basket.lines, gross, earned, strict=True)
        ]

    def _sums(self, of: Of) -> Sums:
        lines = zip(self.basket.lines, self.of_lines, strict=True)
        found = self._known[of] = self._together([sums for line, sums in lines if of.matches(line)])
        return found

    def _together(self, some: list[Sums]) -> Sums:
        return some[0] if len(some) == 1 else Sums(*map(sum, zip(*some, strict=True)))


Way = Callable[[Ways, Benefit, Sums], Worth]
WAYS: dict[str, Way] = {
    "discount_percent": Ways.percent_off,
    "discount_amount": Ways.amount_off,
    "free_delivery": Ways.delivery,
    "credit_percent": Ways.percent_credit,
    "credit_amount": Ways.amount_of_credit,
    "points_factor": Ways.factor_of_points,
    "points_amount": Ways.amount_of_points,
    "free_item": Ways.item,
    "coupon": Ways.thing,
    "chances": Ways.thing,
    "tier": Ways.thing,
}
"""How the worth of each kind of benefit is reckoned; those without a way go unit by unit."""


def way_of(benefit: Benefit) -> Way | None:
    """How the worth of the benefit is reckoned from sums; None where only the units tell."""
    return None if benefit.applies_to in ONE_UNIT else WAYS.get(benefit.kind)
