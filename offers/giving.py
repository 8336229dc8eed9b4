"""What an offer gives in one go: on a purchase of some size, and at most. Pure.

Worth is Rial to the member, as budgets count it and offers compete by it.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor

from core.jalali import TEHRAN, local_date
from core.money import round_half_up
from offers.effects import BP, Earnings, Effect, Valuation, discount_of, earning_of, worth_of
from offers.known import ANYTHING, Known
from offers.ranges import HIGHEST, LOWEST, Domains, Numbers
from offers.reach import Axis, Frame, bounds
from offers.rules import Benefit, Terms
from offers.situation import Line
from offers.vocabulary import BENEFITS, ONE_UNIT
from offers.words import Words


@dataclass(frozen=True)
class Club:
    """What is known of the club whose offers are looked at. Money is Rial, shares are basis points; None: not known."""

    words: Words
    now: datetime
    zone: str = TEHRAN
    valuation: Valuation = field(default_factory=Valuation)
    domains: Domains = field(default_factory=Domains)
    known: Known = ANYTHING
    typical_basket: int | None = None
    margin_bp: int | None = None
    rial_per_point: int | None = None
    credit_bp: int = 0
    members: int | None = None

    @property
    def today(self) -> date:
        """The local day of now."""
        return local_date(self.now, self.zone)

    def frame(self, terms: Terms) -> Frame:
        """What the conditions of an offer are held against, on the local days on which it is open."""
        first = local_date(terms.starts_at, self.zone).toordinal() if terms.starts_at else LOWEST
        last = HIGHEST
        if terms.ends_at:
            last = local_date(terms.ends_at - timedelta(microseconds=1), self.zone).toordinal()
        return Frame(self.domains, self.known, Numbers(((first, last),)))


def worth_at(benefit: Benefit, size: int, club: Club) -> int | None:
    """What the benefit is worth on lines of so many Rial that all match it; None where that cannot be told."""
    if benefit.kind == "free_delivery" or BENEFITS[benefit.kind].worthless:
        return None
    if benefit.kind == "free_item" and not club.valuation.prices.get(benefit.product or ""):
        return None
    if (benefit.kind == "points_factor" and not club.rial_per_point) or benefit.applies_to in ONE_UNIT:
        return None
    units = {"fixed_price": benefit.quantity, "buy_x_get_y": (benefit.buy or 1) + (benefit.get or 1)}
    line = Line("", (), units.get(benefit.kind) or benefit.per_quantity or 1, 0)
    effect, points = _effect(replace(benefit, of=None), line, size, club)
    return worth_of(effect, points, club.valuation)


def _effect(benefit: Benefit, line: Line, size: int, club: Club) -> tuple[Effect, int]:
    """What it gives on one line that costs so much, and the whole points of it."""
    step = club.valuation.rounding_step
    if BENEFITS[benefit.kind].discount:
        return discount_of(benefit, [line], [size], step), 0
    base, credit = Fraction(size), Fraction(size * club.credit_bp, BP)
    points = base / club.rial_per_point if club.rial_per_point else Fraction()
    effect = earning_of(benefit, [line], Earnings((base,), (points,), (credit,), points), step)
    return effect, floor(points + effect.points) - floor(points)


def size_bounds(terms: Terms, frame: Frame) -> tuple[int, int | None]:
    """The least and the most Rial of the lines that a benefit is of, as far as the conditions say."""
    of = terms.benefit.of
    axes: list[Axis] = [("amount", None)]
    low, high = bounds(terms.when, axes[0], frame)
    if of is None:
        return low or 0, high
    least, most = bounds(terms.when, ("amount_of", of), frame)
    return least or 0, min((one for one in (high, most) if one is not None), default=None)


def most_worth(terms: Terms, club: Club) -> int | None:
    """The most that one giving can be worth; None where nothing bounds it."""
    benefit, frame = terms.benefit, club.frame(terms)
    _low, high = size_bounds(terms, frame)
    times = _most_times(terms, frame, high)
    value = club.valuation
    match benefit.kind:
        case "discount_percent" | "buy_x_get_y" | "fixed_price" | "credit_percent":
            of_size = None if high is None or benefit.of_credit == "base_credit" else _most_of(benefit, high, club)
            capped = None if benefit.most is None else _money(benefit.most, benefit, club)
            return min((one for one in (of_size, capped) if one is not None), default=None)
        case "discount_amount" | "credit_amount" if times is not None:
            return _money((benefit.amount or 0) * times, benefit, club)
        case "discount_amount":
            return high
        case "points_amount" if times is not None:
            return (benefit.points or 0) * times * value.point_worth
        case "free_item" if times is not None and value.prices.get(benefit.product or ""):
            return value.prices[benefit.product or ""] * (benefit.quantity or 1) * times
    return None


def _most_of(benefit: Benefit, size: int, club: Club) -> int:
    """The most that a share of lines of at most so many Rial is worth."""
    step = club.valuation.rounding_step
    if benefit.kind == "fixed_price":
        return size
    share, of = benefit.percent_bp or BP, 1
    if benefit.kind == "buy_x_get_y":
        share, of = share * (benefit.get or 1), (benefit.buy or 1) + (benefit.get or 1)
    whole = round_half_up(size * share, BP * of, step)
    return _money(whole if benefit.kind == "credit_percent" else min(whole, size), benefit, club)


def _money(rial: int, benefit: Benefit, club: Club) -> int:
    """Rial off are worth what they are, Rial of credit what the club holds credit at."""
    if BENEFITS[benefit.kind].discount:
        return rial
    return round_half_up(rial * club.valuation.credit_worth_bp, BP)


def _most_times(terms: Terms, frame: Frame, high: int | None) -> int | None:
    """How often it is given in one purchase at most."""
    benefit = terms.benefit
    times: int | None = 1
    if benefit.per_amount:
        times = None if high is None else high // benefit.per_amount
    elif benefit.per_quantity:
        _low, most = bounds(terms.when, ("quantity_of", benefit.of), frame)
        times = None if most is None else most // benefit.per_quantity
    return min((one for one in (times, benefit.repeat) if one is not None), default=None)
