"""What a purchase earns, by the programme and the tier and by offers, and of it each line: pure.

Points are rounded down once, on the whole purchase; credit half up to the club's step, once an award (REST API,
"Programme").
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, lcm

from club.programme.rules import Programme
from club.purchases.pricing import Line, Payment
from club.tiers.ladder import Step
from core.money import round_half_up, share_out
from offers.effects import Earnings
from offers.engine import Given


@dataclass(frozen=True)
class Earned:
    """What the purchase earns in all, of it the programme's own part, that of each offer, and the share of each line.

    `points_cut` was over a cap of the programme: what came last is cut first.
    """

    points: int = 0
    credit: int = 0
    points_cut: int = 0
    base_points: int = 0
    base_credit: int = 0
    points_of_offers: tuple[int, ...] = ()
    points_of_lines: tuple[int, ...] = ()
    credit_of_lines: tuple[int, ...] = ()


def earnings_of(lines: Sequence[Line], payment: Payment, programme: Programme, tier: Step | None) -> Earnings:
    """What of each line earns, with the points and credit of it by the programme and the tier held before."""
    bases = earning_bases(lines, payment, programme)
    points = [_points(line, base, programme) for line, base in zip(lines, bases, strict=True)]
    for_visit = _shares_of_visit(lines, bases, programme.points_per_visit or 0)
    points = [of_line + visit for of_line, visit in zip(points, for_visit, strict=True)]
    credit = [_credit(line, base, programme, tier) for line, base in zip(lines, bases, strict=True)]
    whole = sum(points) * (tier.points_factor_bp if tier else 10_000) / Fraction(10_000)
    return Earnings(tuple(bases), tuple(points), tuple(credit), whole)


def earn(
    earnings: Earnings,
    programme: Programme,
    given: Sequence[Given] = (),
    *,
    points_today: int = 0,
    points_balance: int = 0,
) -> Earned:
    """Points and credit in whole, what offers give on top of the programme's."""
    uncut = floor(earnings.whole_points) + sum(one.points for one in given)
    kept = _capped(uncut, programme, points_today, points_balance)
    base_points = min(floor(earnings.whole_points), kept)
    of_offers = _as_far_as(kept - base_points, [one.points for one in given])
    exact = sum(earnings.credit, Fraction())
    base_credit = round_half_up(exact.numerator, exact.denominator, programme.rounding_step)
    points_of_lines = list(_shared(base_points, earnings.points))
    credit_of_lines = list(_shared(base_credit, earnings.credit))
    for one, points in zip(given, of_offers, strict=True):
        _add(points_of_lines, points, one, earnings)
        _add(credit_of_lines, one.effect.credit, one, earnings)
    return Earned(
        points=kept,
        credit=base_credit + sum(one.effect.credit for one in given),
        points_cut=uncut - kept,
        base_points=base_points,
        base_credit=base_credit,
        points_of_offers=tuple(of_offers),
        points_of_lines=tuple(points_of_lines),
        credit_of_lines=tuple(credit_of_lines),
    )


def with_earned(lines: Sequence[Line], earned: Earned) -> tuple[Line, ...]:
    """The lines with their shares of what the purchase earns."""
    shares = zip(lines, earned.points_of_lines, earned.credit_of_lines, strict=True)
    return tuple(replace(line, points_earned=points, credit_earned=credit) for line, points, credit in shares)


def earning_bases(lines: Sequence[Line], payment: Payment, programme: Programme) -> list[Fraction]:
    """For each line what earns: net without VAT, less its share of what value pays; 0 where it earns nothing."""
    by_value = 0 if programme.earn_on_part_paid_by_value else payment.by_value
    takes = [line.net if line.payable_by_value else 0 for line in lines]
    shares = share_out(by_value, takes) if by_value else [0] * len(lines)
    return [
        Fraction((line.net - share) * 10_000, 10_000 + line.vat_bp) if line.earns else Fraction(0)
        for line, share in zip(lines, shares, strict=True)
    ]


def _add(of_lines: list[int], amount: int, one: Given, earnings: Earnings) -> None:
    """Share what an offer gives over the lines that it was reckoned of, as they earn."""
    if not amount:
        return
    lines = one.effect.lines or range(len(of_lines))
    weights = [earnings.bases[index] if index in lines else Fraction() for index in range(len(of_lines))]
    if not any(weights):
        weights = [Fraction(index in lines) for index in range(len(of_lines))]
    for index, part in enumerate(_shared(amount, weights)):
        of_lines[index] += part


def _as_far_as(most: int, amounts: Sequence[int]) -> list[int]:
    """The amounts one after the other as far as `most` reaches."""
    kept = []
    for amount in amounts:
        kept.append(min(amount, most))
        most -= kept[-1]
    return kept


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


def _capped(points: int, programme: Programme, today: int, balance: int) -> int:
    caps = (
        programme.max_points_per_purchase,
        None if programme.max_points_per_day is None else programme.max_points_per_day - today,
        None if programme.max_points_balance is None else programme.max_points_balance - balance,
    )
    return max(0, min([points, *(cap for cap in caps if cap is not None)]))
