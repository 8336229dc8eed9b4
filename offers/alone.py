"""What each offer would be worth if it were the only one on the basket, quickly: hundreds may match. Pure.

The figures are those that `offers.effects` gives, in closed form over sums that are made once for each set of lines;
what goes unit by unit is left to it.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from core.money import round_half_up
from offers.effects import BP, Earnings, Valuation, times_of
from offers.rules import Benefit, LiveOffer, Of
from offers.situation import Basket
from offers.vocabulary import BENEFITS, ONE_UNIT

BY_UNIT = ("fixed_price", "buy_x_get_y")


@dataclass(frozen=True)
class Claim:
    """An offer with what it would be worth alone, in Rial; `gives` is false where it would give nothing at all."""

    offer: LiveOffer
    worth: int
    gives: bool


@dataclass(frozen=True)
class Sums:
    """Of the lines that match: what discounts may take, and what earns, times the common denominator."""

    left: int
    left_units: int
    units: int
    base: int
    points: int
    credit: int


class Measures:
    """The sums of one basket, before any discount."""

    def __init__(self, basket: Basket, earnings: Earnings, club: Valuation) -> None:
        self.basket, self.earnings, self.club = basket, earnings, club
        parts = (*earnings.bases, *earnings.points, *earnings.credit)
        self.scale = lcm(*(part.denominator for part in parts))
        self.room = room_of(basket, club)
        self._known: dict[Of | None, Sums] = {}

    def worth(self, benefit: Benefit) -> tuple[int, bool] | None:
        """(worth in Rial, whether it gives anything); None where only the units tell."""
        if benefit.applies_to in ONE_UNIT or benefit.kind in BY_UNIT:
            return None
        sums = self._sums(benefit.of)
        if benefit.kind == "free_delivery":
            return self.basket.delivery_price, bool(self.basket.delivery_price)
        if BENEFITS[benefit.kind].discount:
            off = min(self._off(benefit, sums), self.room)
            return off, off > 0
        return self._earned(benefit, sums)

    def _off(self, benefit: Benefit, sums: Sums) -> int:
        step = self.club.rounding_step
        if benefit.kind == "discount_percent":
            off = round_half_up(sums.left * (benefit.percent_bp or 0), BP, step)
            return min(off, sums.left if benefit.most is None else min(benefit.most, sums.left))
        off = (benefit.amount or 0) * times_of(benefit, sums.left, sums.left_units)
        return min(off, self._sums(None).left if benefit.applies_to == "basket" else sums.left)

    def _earned(self, benefit: Benefit, sums: Sums) -> tuple[int, bool]:
        times = times_of(benefit, sums.base // self.scale, sums.units)
        match benefit.kind:
            case "credit_percent":
                whole = sums.credit if benefit.of_credit == "base_credit" else sums.base
                credit = round_half_up(whole * (benefit.percent_bp or 0), self.scale * BP, self.club.rounding_step)
                return self._credit(credit if benefit.most is None else min(credit, benefit.most))
            case "credit_amount":
                return self._credit((benefit.amount or 0) * times)
            case "points_factor":
                return self._points(Fraction(sums.points * ((benefit.factor_bp or BP) - BP), self.scale * BP))
            case "points_amount":
                return self._points(Fraction((benefit.points or 0) * times))
            case "free_item":
                count = (benefit.quantity or 1) * times
                return self.club.prices.get(benefit.product or "", 0) * count, count > 0
        return 0, times > 0

    def _credit(self, credit: int) -> tuple[int, bool]:
        return round_half_up(credit * self.club.credit_worth_bp, BP), credit > 0

    def _points(self, exact: Fraction) -> tuple[int, bool]:
        """Points are rounded down with those of the programme."""
        whole = self.earnings.whole_points
        points = (whole + exact).__floor__() - whole.__floor__()
        return points * self.club.point_worth, points > 0

    def _sums(self, of: Of | None) -> Sums:
        found = self._known.get(of)
        if found is None:
            found = self._known[of] = self._summed(of)
        return found

    def _summed(self, of: Of | None) -> Sums:
        lines = self.basket.lines
        matching = [index for index, line in enumerate(lines) if of is None or of.matches(line)]
        taken = [index for index in matching if lines[index].discountable and lines[index].gross]

        def scaled(parts: tuple[Fraction, ...]) -> int:
            return sum(part.numerator * (self.scale // part.denominator) for part in (parts[i] for i in matching))

        return Sums(
            left=sum(lines[index].gross for index in taken),
            left_units=sum(lines[index].quantity for index in taken),
            units=sum(lines[index].quantity for index in matching),
            base=scaled(self.earnings.bases),
            points=scaled(self.earnings.points),
            credit=scaled(self.earnings.credit),
        )


def room_of(basket: Basket, club: Valuation) -> int:
    """How much may be taken off the basket in all, by the club's own cap."""
    gross = sum(line.gross for line in basket.lines)
    return gross if club.max_discount_bp is None else gross * club.max_discount_bp // BP
