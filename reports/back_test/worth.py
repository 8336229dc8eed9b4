"""What an offer would have been worth on a purchase, from sums that the database makes: no line is read.

As `offers.alone` says it of a basket, for purchases whose lines earned and were paid for as usual. What sums do not
tell (benefits that go unit by unit, lines with rules or VAT rates of their own) is left to the engine.
"""

from collections.abc import Sequence
from typing import Any

from club.programme.rules import Programme
from club.tiers.ladder import Step
from offers.alone import Sums, Ways, Worth, way_of
from offers.effects import Valuation
from offers.rules import Benefit
from offers.vocabulary import BENEFITS
from reports.back_test.asking import GROSS, LINES, PLAIN, Asked

BP = 10_000
# Of a purchase without VAT and discount no line has VAT; else the rate that all lines have, where they have one.
VAT = f"""CASE WHEN p.vat = 0 AND p.discount = 0 THEN 0 ELSE (
    SELECT CASE WHEN min(l.vat_bp) = max(l.vat_bp) THEN min(l.vat_bp) END {LINES} AND l.gross > 0) END"""
DELIVERY = "coalesce((p.facts->>'delivery_price')::bigint, 0)"


class Worths:
    """Reckons the worth of one benefit, purchase by purchase."""

    def __init__(self, benefit: Benefit, asked: Asked) -> None:
        self._benefit, self._way = benefit, way_of(benefit)
        word = BENEFITS[benefit.kind]
        self._earns = not word.discount
        self._tier = asked.column("p.facts->>'tier'")
        if self._way is None:
            return
        of, by_units = benefit.of, benefit.per_quantity is not None
        self._match = GROSS if of is None else asked.column(asked.lines("sum(l.gross)", of))
        self._units = asked.column(asked.lines("sum(l.quantity)", of)) if by_units else None
        self._paid_units = asked.column(asked.lines("sum(l.quantity)", of, " AND l.gross > 0")) if by_units else None
        self._vat = asked.column(VAT) if self._earns and self._asks_bases() else None
        self._delivery = asked.column(DELIVERY) if benefit.kind == "free_delivery" else None

    def tier(self, row: Sequence[Any]) -> str:
        """The code of the tier by which the purchase was judged."""
        return row[self._tier] or ""

    def of(self, row: Sequence[Any], programme: Programme, club: Valuation, tier: Step | None) -> Worth | None:
        """What it is worth there, and whether it gives anything; None where only the engine tells."""
        if self._way is None or not row[PLAIN]:
            return None
        sums = self._earned(row, programme, tier) if self._earns else self._price(row)
        if sums is None:
            return None
        scale, points, found = sums
        ways = Ways(
            club,
            gross=row[GROSS],
            left=row[GROSS],
            delivery=row[self._delivery] if self._delivery is not None else 0,
            scale=scale,
            whole_points=points,
        )
        return self._way(ways, self._benefit, found)

    def _asks_bases(self) -> bool:
        """Whether what the lines earn decides how much is given."""
        benefit = self._benefit
        return benefit.kind in ("credit_percent", "points_factor") or benefit.per_amount is not None

    def _price(self, row: Sequence[Any]) -> tuple[int, int, Sums]:
        return 1, 0, Sums(left=row[self._match], left_units=self._of(row, self._paid_units))

    def _earned(self, row: Sequence[Any], programme: Programme, tier: Step | None) -> tuple[int, int, Sums] | None:
        """(common denominator, all points of the purchase times it, sums times it); None where lines differ."""
        vat = row[self._vat] if self._vat is not None else 0
        if vat is None:
            return None
        scale, times = (BP + vat, BP) if vat else (1, 1)
        base, units, kind = row[self._match] * times, self._of(row, self._units), self._benefit.kind
        if kind == "points_factor":
            return _points(row[GROSS] * times, base, scale, programme, tier)
        if kind == "credit_percent" and self._benefit.of_credit == "base_credit":
            rate = (programme.credit_bp or 0) + (tier.extra_credit_bp if tier else 0)
            return scale * BP, 0, Sums(base=base * BP, credit=base * rate)
        return scale, 0, Sums(base=base, units=units)

    @staticmethod
    def _of(row: Sequence[Any], place: int | None) -> int:
        return row[place] if place is not None else 0


def _points(
    whole: int, match: int, scale: int, programme: Programme, tier: Step | None
) -> tuple[int, int, Sums] | None:
    """The programme's points of the lines that match, and of all of them with the tier's factor."""
    visit, per, factor = (
        programme.points_per_visit or 0,
        programme.rial_per_point,
        tier.points_factor_bp if tier else BP,
    )
    if not whole and visit:
        return None
    # of what is bought by the rate, and of the visit by the share in it, over one denominator
    share = whole or 1
    below = scale * (per or 1) * share
    of_visit = visit * scale * (per or 1)
    points = (match * share if per else 0) + of_visit * match
    all_points = (whole * share if per else 0) + of_visit * share
    return below * BP, all_points * factor, Sums(points=points * BP)
