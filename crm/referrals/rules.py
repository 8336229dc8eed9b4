"""What bringing a friend earns, reckoned: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.money import BP, percent_of, round_half_up


@dataclass(frozen=True)
class Terms:
    """What the club pays who brings a friend. Rial, basis points; `most_friends` None has no end.

    Held for `hold_days` after the purchase; who brings more than `most_a_day` on one local day is looked at first.
    """

    is_on: bool = True
    percent_bp: int = 1_000
    every_purchase: bool = False
    hold_days: int = 0
    most_friends: int | None = None
    min_amount_rial: int = 0
    most_a_day: int = 10

    def reward(self, base_rial: int, *, step: int) -> int:
        """The credit for a purchase of this base, rounded half up to the club's step."""
        return percent_of(base_rial, self.percent_bp, step=step)

    def due_at(self, bought_at: datetime) -> datetime:
        """When what a purchase brings is given."""
        return bought_at + timedelta(days=self.hold_days)


@dataclass(frozen=True)
class Sold:
    """A line of a purchase after discounts, with the VAT in it, and what of it came back. Rial."""

    net: int
    vat_bp: int
    refunded: int = 0


def base_of(lines: Iterable[Sold]) -> int:
    """What a purchase counts for: after discounts, without the VAT in its lines, and without what came back.

    >>> base_of([Sold(1_100, 1_000), Sold(500, 0, refunded=200)])
    1300
    """
    return sum(_without_vat(line.net - line.refunded, line.vat_bp) for line in lines)


def kept(amount: int, *, base: int, left: int, step: int) -> int:
    """What stays of a reward where so much of its base is left: parts add up, as each is reckoned from the whole.

    >>> kept(200, base=2_000, left=1_000, step=10), kept(200, base=2_000, left=0, step=10)
    (100, 0)
    """
    return min(amount, round_half_up(amount * left, base, step)) if base else 0


def _without_vat(net: int, vat_bp: int) -> int:
    return net - round_half_up(net * vat_bp, BP + vat_bp)
