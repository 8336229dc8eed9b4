"""What one benefit gives on a basket as earlier ones have left it. Pure.

Money is whole Rial, rounded half up to the club's step once an award; a discount is never more than what is left of
its lines, and is shared over them by largest remainder.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import NamedTuple

from core.money import round_half_up, share_out
from offers.rules import Benefit, Of
from offers.situation import Line
from offers.units import Run, count_of, runs_of, taken, total_of
from offers.vocabulary import ONE_UNIT

BP = 10_000
BY_UNIT = ("fixed_price", "buy_x_get_y")


@dataclass(frozen=True)
class Valuation:
    """What the club holds value at: credit in basis points of its Rial, a point in Rial, products at their price."""

    credit_worth_bp: int = BP
    point_worth: int = 0
    rounding_step: int = 1
    max_discount_bp: int | None = None
    prices: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Earnings:
    """What of each line earns, once all discounts are known: Rial, and the programme's own points and credit of it."""

    bases: tuple[Fraction, ...]
    points: tuple[Fraction, ...]
    credit: tuple[Fraction, ...]
    whole_points: Fraction
    """All points of the purchase without offers, the tier's factor in them, before they are rounded down."""

    @cached_property
    def scaled(self) -> "Scaled":
        """The same as whole numbers over one denominator."""
        count = len(self.bases)
        parts = (self.whole_points, *self.bases, *self.points, *self.credit)
        ratios = [part.as_integer_ratio() for part in parts]
        scale = lcm(*[below for _above, below in ratios])
        whole, *figures = [above * (scale // below) for above, below in ratios]
        return Scaled(scale, whole, figures[:count], figures[count : 2 * count], figures[2 * count :])


class Scaled(NamedTuple):
    """What of each line earns, times the scale: whole numbers are reckoned with many times as fast as fractions."""

    scale: int
    whole_points: int
    bases: Sequence[int]
    points: Sequence[int]
    credit: Sequence[int]


class Effect(NamedTuple):
    """What an offer gives. `points` may be a fraction: points are rounded down once, on the whole purchase."""

    discounts: tuple[int, ...] = ()
    delivery: int = 0
    credit: int = 0
    points: Fraction = Fraction(0)
    item: tuple[str, int] | None = None
    coupons: int = 0
    chances: int = 0
    tier: bool = False
    lines: tuple[int, ...] = ()
    """The lines that it was reckoned of."""

    @property
    def discount(self) -> int:
        return sum(self.discounts)

    @property
    def is_nothing(self) -> bool:
        gives = self.discount or self.delivery or self.credit or self.points or self.coupons or self.chances
        return not (gives or self.tier or (self.item and self.item[1]))


NOTHING = Effect()


def discount_of(benefit: Benefit, lines: Sequence[Line], left: Sequence[int], step: int) -> Effect:
    """The discount of a benefit; `left` is what of each line there is still to take from."""
    of = benefit.of
    weights = [
        rest if line.discountable and (of is None or of.matches(line)) else 0
        for line, rest in zip(lines, left, strict=True)
    ]
    if benefit.kind in BY_UNIT or benefit.applies_to in ONE_UNIT:
        return _unit_by_unit(benefit, lines, weights, step)
    times = _times_on(benefit, lines, [index for index, rest in enumerate(weights) if rest], weights)
    off = _off(benefit, sum(weights), times, step)
    if benefit.kind == "discount_amount" and benefit.applies_to == "basket":
        weights = list(left)
    off = min(off, sum(weights))
    return _as_effect(share_out(off, weights)) if off > 0 else NOTHING


def _unit_by_unit(benefit: Benefit, lines: Sequence[Line], weights: Sequence[int], step: int) -> Effect:
    """The discount of a benefit that asks what each unit costs; `weights` is what is left of the lines that match."""
    quantities = [line.quantity for line in lines]
    matching = [index for index, rest in enumerate(weights) if rest]
    if benefit.kind == "fixed_price":
        return _fixed_price(benefit, runs_of(matching, quantities, weights, dearest=True), len(weights), step)
    if benefit.kind == "buy_x_get_y":
        free = _given_away(benefit, runs_of(matching, quantities, weights, dearest=False))
        return _shared(_percent(total_of(free), benefit.percent_bp or BP, step, None), free, len(weights))
    one = taken(runs_of(matching, quantities, weights, dearest=benefit.applies_to == "dearest_matching"), 0, 1)
    times = _times_on(benefit, lines, matching, weights)
    return _shared(_off(benefit, total_of(one), times, step), one, len(weights))


def _off(benefit: Benefit, whole: int | Fraction, times: int, step: int) -> int:
    """What a percentage or an amount takes off so much, however little that is."""
    if benefit.kind == "discount_amount":
        return (benefit.amount or 0) * times
    return _percent(whole, benefit.percent_bp or 0, step, benefit.most)


def earning_of(benefit: Benefit, lines: Sequence[Line], earnings: Earnings, step: int) -> Effect:
    """The credit or points of a benefit, of what the lines earn after all discounts."""
    matching = _matching(benefit.of, lines)
    scale, bases = earnings.scaled.scale, earnings.scaled.bases
    times, of_unit = _times_on(benefit, lines, matching, bases, scale), 1
    if benefit.applies_to in ONE_UNIT:
        matching = _of_one_unit(benefit, matching, lines, bases)
        of_unit = sum(lines[index].quantity for index in matching) or 1
    spoken_of = tuple(matching)
    match benefit.kind:
        case "credit_percent":
            figures = earnings.scaled.credit if benefit.of_credit == "base_credit" else bases
            whole = sum(figures[index] for index in matching) * (benefit.percent_bp or 0)
            credit = round_half_up(whole, scale * of_unit * BP, step)
            return Effect(credit=credit if benefit.most is None else min(credit, benefit.most), lines=spoken_of)
        case "credit_amount":
            return Effect(credit=(benefit.amount or 0) * times, lines=spoken_of)
        case "points_factor":
            whole = sum(earnings.scaled.points[index] for index in matching) * ((benefit.factor_bp or BP) - BP)
            return Effect(points=Fraction(whole, scale * of_unit * BP), lines=spoken_of)
        case "points_amount":
            return Effect(points=Fraction((benefit.points or 0) * times), lines=spoken_of)
    return _thing(benefit, times, spoken_of)


def plain_effect(benefit: Benefit) -> Effect:
    """What a benefit gives where no purchase comes with the trigger."""
    match benefit.kind:
        case "credit_amount":
            return Effect(credit=benefit.amount or 0)
        case "points_amount":
            return Effect(points=Fraction(benefit.points or 0))
    return _thing(benefit, 1, ())


def worth_of(effect: Effect, points: int, club: Valuation) -> int:
    """What the effect is worth to the member, in Rial, with so many whole points of it."""
    credit = round_half_up(effect.credit * club.credit_worth_bp, BP)
    item = club.prices.get(effect.item[0], 0) * effect.item[1] if effect.item else 0
    return effect.discount + effect.delivery + credit + points * club.point_worth + item


def _thing(benefit: Benefit, times: int, lines: tuple[int, ...]) -> Effect:
    match benefit.kind:
        case "free_item":
            return Effect(item=(benefit.product or "", (benefit.quantity or 1) * times), lines=lines)
        case "coupon":
            return Effect(coupons=1, lines=lines)
        case "chances":
            return Effect(chances=(benefit.count or 1) * times, lines=lines)
    return Effect(tier=benefit.kind == "tier", lines=lines)


def _matching(of: Of | None, lines: Sequence[Line]) -> list[int]:
    return [index for index, line in enumerate(lines) if of is None or of.matches(line)]


def times_of(benefit: Benefit, amount: int, quantity: int) -> int:
    """How often a benefit is given: once, or once for each amount or quantity that fits in full."""
    times = 1
    if benefit.per_amount:
        times = amount // benefit.per_amount
    elif benefit.per_quantity:
        times = quantity // benefit.per_quantity
    return times if benefit.repeat is None else min(times, benefit.repeat)


def _times_on(
    benefit: Benefit, lines: Sequence[Line], matching: Sequence[int], figures: Sequence[int], scale: int = 1
) -> int:
    """How often it is given on the lines that match, each of which counts for its figure by the scale."""
    if not (benefit.per_amount or benefit.per_quantity):
        return 1
    amount = sum(figures[index] for index in matching) // scale
    return times_of(benefit, amount, sum(lines[index].quantity for index in matching))


def _fixed_price(benefit: Benefit, dearest: Sequence[Run], count: int, step: int) -> Effect:
    """Each full set of the dearest units costs the amount together, and never more than without."""
    size = benefit.quantity or 1
    sets = count_of(dearest) // size
    sets = sets if benefit.repeat is None else min(sets, benefit.repeat)
    discounts = [0] * count
    for units, alike in _sets(dearest, size, sets):
        whole = total_of(units)
        off = round_half_up(whole.numerator, whole.denominator, step) - (benefit.amount or 0)
        if off <= 0:
            break  # the next set is cheaper still
        for index, part in enumerate(_shared(off, units, count).discounts):
            discounts[index] += part * alike
    return _as_effect(discounts)


def _sets(runs: Sequence[Run], size: int, sets: int) -> Iterator[tuple[list[Run], int]]:
    """The sets of so many units in their order; those within one run at once, with how many are alike."""
    start = 0
    while sets:
        rest = taken(runs, start, count_of(runs))
        alike = min(sets, max(1, rest[0].count // size))
        yield taken(rest, 0, size), alike
        start, sets = start + alike * size, sets - alike


def _given_away(benefit: Benefit, cheapest: Sequence[Run]) -> list[Run]:
    """Of n full sets of what is bought and got, the n × get cheapest."""
    sets = count_of(cheapest) // ((benefit.buy or 1) + (benefit.get or 1))
    sets = sets if benefit.repeat is None else min(sets, benefit.repeat)
    return taken(cheapest, 0, sets * (benefit.get or 1))


def _of_one_unit(benefit: Benefit, matching: Sequence[int], lines: Sequence[Line], bases: Sequence[int]) -> list[int]:
    """The line of the cheapest or dearest unit that earns."""
    sign = -1 if benefit.applies_to == "dearest_matching" else 1
    earning = (index for index in matching if bases[index])
    return sorted(earning, key=lambda index: (sign * Fraction(bases[index], lines[index].quantity), index))[:1]


def _percent(whole: int | Fraction, percent_bp: int, step: int, most: int | None) -> int:
    off = round_half_up(whole.numerator * percent_bp, whole.denominator * BP, step)
    return off if most is None else min(off, most)


def _shared(off: int, runs: Sequence[Run], count: int) -> Effect:
    """So much off, never more than the units cost, shared over them by what they cost."""
    off = min(off, int(total_of(runs)))
    if off <= 0:
        return NOTHING
    scale = lcm(*(run.total.denominator for run in runs))
    parts = share_out(off, [int(run.total * scale) for run in runs])
    discounts = [0] * count
    for run, part in zip(runs, parts, strict=True):
        discounts[run.line] += part
    return _as_effect(discounts)


def _as_effect(discounts: Sequence[int]) -> Effect:
    return Effect(tuple(discounts), lines=tuple(index for index, off in enumerate(discounts) if off))
