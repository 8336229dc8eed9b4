"""What a basket costs and what of it may be paid by value: pure.

Money is whole Rial with VAT inside, rates are basis points.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from club.programme.rules import Programme
from core.money import round_half_up


@dataclass(frozen=True)
class Line:
    """A priced line with the rules of its product and groups."""

    index: int
    product: str
    name: str
    groups: tuple[str, ...]
    quantity: int
    unit_price: int
    vat_bp: int = 0
    earns: bool = True
    rial_per_point: int | None = None
    credit_bp: int | None = None
    payable_by_value: bool = True
    discountable: bool = True
    discount: int = 0
    points_earned: int = 0
    credit_earned: int = 0

    @property
    def gross(self) -> int:
        return self.quantity * self.unit_price

    @property
    def net(self) -> int:
        return self.gross - self.discount

    @property
    def vat(self) -> int:
        """The part of net that is VAT."""
        return self.net - round_half_up(self.net * 10_000, 10_000 + self.vat_bp)


@dataclass(frozen=True)
class Payment:
    """How net is paid: Rial by credit and by points (and how many points), by a gift card, the rest by money."""

    credit: int = 0
    points: int = 0
    point_rial: int = 0
    gift: int = 0

    @property
    def by_value(self) -> int:
        """What the club had given: a gift card was paid for, so what it pays earns like money."""
        return self.credit + self.point_rial


@dataclass(frozen=True)
class Wish:
    """What is to be paid by value, an amount or "max", beside what of it could be had."""

    credit: int | str | None = None
    points: int | str | None = None
    usable_credit: int = 0
    usable_points: int = 0


class Unpayable(Exception):
    """A number named for credit or points is above what this purchase lets be paid so."""

    def __init__(self, means: str, most: int) -> None:
        super().__init__(f"{means}: at most {most}")
        self.means = means
        self.most = most


def with_discounts(lines: Sequence[Line], discounts: Sequence[int]) -> tuple[Line, ...]:
    """The lines with their shares of the discounts. Raises ValueError for one on a line that takes none."""
    if any(discount and not line.discountable for line, discount in zip(lines, discounts, strict=True)):
        raise ValueError("a discount on a line that is never discounted")
    return tuple(replace(line, discount=discount) for line, discount in zip(lines, discounts, strict=True))


def payable_by_points(lines: Sequence[Line], programme: Programme) -> int:
    """The most points this purchase takes."""
    if not programme.points_spendable or not programme.point_worth or not _may_spend(lines, programme):
        return 0
    return _by_value(lines) // programme.point_worth


def payable_by_credit(lines: Sequence[Line], programme: Programme, paid_by_points: int = 0) -> int:
    """The most Rial of credit this purchase takes beside what points pay."""
    if not _may_spend(lines, programme):
        return 0
    most = _by_value(lines) - paid_by_points
    share = credit_share(sum(line.net for line in lines), programme)
    return max(0, most if share is None else min(most, share))


def credit_share(net: int, programme: Programme) -> int | None:
    """The most of this price that the club lets credit pay; None where it may be all."""
    return None if programme.max_credit_share_bp is None else net * programme.max_credit_share_bp // 10_000


def pay(lines: Sequence[Line], programme: Programme, wish: Wish) -> Payment:
    """How the price is paid: points before credit, "max" as far as both reach. Raises Unpayable.

    A number above what is usable is not refused here but where the wallet is: it answers how much there is.
    """
    most_points = payable_by_points(lines, programme)
    use_points = min(most_points, wish.usable_points) if wish.points == "max" else int(wish.points or 0)
    if use_points > most_points:
        raise Unpayable("points", most_points)
    point_rial = use_points * programme.point_worth
    most_credit = payable_by_credit(lines, programme, point_rial)
    use_credit = min(most_credit, wish.usable_credit) if wish.credit == "max" else int(wish.credit or 0)
    if use_credit > most_credit:
        raise Unpayable("credit", most_credit)
    return Payment(use_credit, use_points, point_rial)


def pay_as_far_as_it_goes(lines: Sequence[Line], programme: Programme, wish: Wish) -> Payment:
    """The same where offers are only tried on: a number that does not fit is taken as far as it does."""
    if not wish.credit and not wish.points:
        return Payment()
    try:
        return pay(lines, programme, wish)
    except Unpayable:
        return pay(lines, programme, replace(wish, credit=_at_most(wish.credit), points=_at_most(wish.points)))


def _at_most(asked: int | str | None) -> int | str | None:
    return "max" if isinstance(asked, int) and asked else asked


def _by_value(lines: Sequence[Line]) -> int:
    return sum(line.net for line in lines if line.payable_by_value)


def _may_spend(lines: Sequence[Line], programme: Programme) -> bool:
    return sum(line.net for line in lines) >= (programme.min_purchase_to_spend or 0)
