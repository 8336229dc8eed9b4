"""What a basket costs, what may be paid by value, and what it earns: pure.

Money is whole Rial with VAT inside, rates are basis points. Points are rounded down once, on the whole purchase;
credit half up to the club's step, once (api.md, "Programme").
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, lcm

from club.programme.rules import Programme
from club.tiers.ladder import Step
from core.money import round_half_up, share_out


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
    """How net is paid: Rial by credit and by points (and how many points), the rest by money."""

    credit: int = 0
    points: int = 0
    point_rial: int = 0

    @property
    def by_value(self) -> int:
        return self.credit + self.point_rial


@dataclass(frozen=True)
class Earned:
    """What the purchase earns by the programme and the tier, and of it each line; `points_cut` was over a cap."""

    points: int = 0
    credit: int = 0
    points_cut: int = 0
    points_of_lines: tuple[int, ...] = ()
    credit_of_lines: tuple[int, ...] = ()


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


def with_earned(lines: Sequence[Line], earned: Earned) -> tuple[Line, ...]:
    """The lines with their shares of what the purchase earns."""
    shares = zip(lines, earned.points_of_lines, earned.credit_of_lines, strict=True)
    return tuple(replace(line, points_earned=points, credit_earned=credit) for line, points, credit in shares)


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


def pay(
    lines: Sequence[Line],
    programme: Programme,
    *,
    credit: int | str | None,
    points: int | str | None,
    usable_credit: int,
    usable_points: int,
) -> Payment:
    """How the price is paid: points before credit, "max" as far as both reach. Raises Unpayable.

    A number above what is usable is not refused here but where the wallet is: it answers how much there is.
    """
    most_points = payable_by_points(lines, programme)
    use_points = min(most_points, usable_points) if points == "max" else int(points or 0)
    if use_points > most_points:
        raise Unpayable("points", most_points)
    point_rial = use_points * programme.point_worth
    most_credit = payable_by_credit(lines, programme, point_rial)
    use_credit = min(most_credit, usable_credit) if credit == "max" else int(credit or 0)
    if use_credit > most_credit:
        raise Unpayable("credit", most_credit)
    return Payment(use_credit, use_points, point_rial)


def earn(
    lines: Sequence[Line],
    payment: Payment,
    programme: Programme,
    tier: Step | None,
    *,
    points_today: int = 0,
    points_balance: int = 0,
) -> Earned:
    """Points and credit by the programme, with the factor and the extra credit of the tier held before."""
    bases = earning_bases(lines, payment, programme)
    points = [_points(line, base, programme) for line, base in zip(lines, bases, strict=True)]
    credit = [_credit(line, base, programme, tier) for line, base in zip(lines, bases, strict=True)]
    for_visit = _shares_of_visit(lines, bases, programme.points_per_visit or 0)
    points = [of_line + visit for of_line, visit in zip(points, for_visit, strict=True)]
    uncut = floor(sum(points) * (tier.points_factor_bp if tier else 10_000) / 10_000)
    kept = _capped(uncut, programme, points_today, points_balance)
    total = sum(credit, Fraction())
    rial = round_half_up(total.numerator, total.denominator, programme.rounding_step)
    return Earned(kept, rial, uncut - kept, _shared(kept, points), _shared(rial, credit))


def _points(line: Line, base: Fraction, programme: Programme) -> Fraction:
    rial_per_point = line.rial_per_point or programme.rial_per_point
    return base / rial_per_point if rial_per_point else Fraction()


def _credit(line: Line, base: Fraction, programme: Programme, tier: Step | None) -> Fraction:
    rate_bp = programme.credit_bp if line.credit_bp is None else line.credit_bp
    return base * ((rate_bp or 0) + (tier.extra_credit_bp if tier else 0)) / 10_000


def _shares_of_visit(lines: Sequence[Line], bases: Sequence[Fraction], points: int) -> list[Fraction]:
    """The points of the visit over the lines that earn, as their bases are; none where none of them earns."""
    weights = bases if any(bases) else [Fraction(line.earns) for line in lines]
    whole = sum(weights)
    return [points * weight / whole if whole else Fraction() for weight in weights]


def _shared(total: int, parts: Sequence[Fraction]) -> tuple[int, ...]:
    """What is given in all as whole shares of those who brought it in."""
    if len(parts) == 1 or not total:
        return (total,) + (0,) * (len(parts) - 1)
    scale = lcm(*(part.denominator for part in parts))
    return tuple(share_out(total, [part.numerator * (scale // part.denominator) for part in parts]))


def earning_bases(lines: Sequence[Line], payment: Payment, programme: Programme) -> list[Fraction]:
    """For each line what earns: net without VAT, less its share of what value pays; 0 where it earns nothing."""
    by_value = 0 if programme.earn_on_part_paid_by_value else payment.by_value
    takes = [line.net if line.payable_by_value else 0 for line in lines]
    shares = share_out(by_value, takes) if by_value else [0] * len(lines)
    return [
        Fraction((line.net - share) * 10_000, 10_000 + line.vat_bp) if line.earns else Fraction(0)
        for line, share in zip(lines, shares, strict=True)
    ]


def _capped(points: int, programme: Programme, today: int, balance: int) -> int:
    caps = (
        programme.max_points_per_purchase,
        None if programme.max_points_per_day is None else programme.max_points_per_day - today,
        None if programme.max_points_balance is None else programme.max_points_balance - balance,
    )
    return max(0, min([points, *(cap for cap in caps if cap is not None)]))


def _by_value(lines: Sequence[Line]) -> int:
    return sum(line.net for line in lines if line.payable_by_value)


def _may_spend(lines: Sequence[Line], programme: Programme) -> bool:
    return sum(line.net for line in lines) >= (programme.min_purchase_to_spend or 0)
