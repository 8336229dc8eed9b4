"""Which of two offers gives more wherever the one is given: only what can be proved for every basket. Pure."""

from datetime import UTC, datetime
from typing import Literal

from offers.reach import Frame, implies, within
from offers.rules import FOREVER, Benefit, Limits, LiveOffer, Terms
from offers.vocabulary import ONE_UNIT

MORE_IS_MORE = ("percent_bp", "amount", "factor_bp", "points", "quantity", "get")
WHOLE_BP = 10_000
LONG_AGO = datetime.min.replace(tzinfo=UTC)

Loss = Literal["", "ties", "always"]


def loss_to(terms: Terms, other: LiveOffer, frame: Frame, *, number: int | None = None) -> Loss:
    """Whether the other takes the place of the offer always, or always but where both are worth the same.

    `number` is the id of the offer; None: it is not stored yet and thus the youngest. The frame is that of the offer,
    with the days on which it is open.
    """
    rival = other.terms
    competes = rival.stacking == terms.stacking != "always" and rival.trigger == terms.trigger
    unbound = not rival.code_required and rival.limits == Limits() and not rival.control_bp
    if not (competes and unbound and is_open_throughout(rival, terms)):
        return ""
    if not gives_no_less(rival.benefit, terms.benefit) or not implies(terms.when, rival.when, frame):
        return ""
    # Of equal worth the one that ends earlier is given, then the older.
    mine, theirs = terms.ends_at or FOREVER, rival.ends_at or FOREVER
    return "always" if theirs < mine or (theirs == mine and (number is None or other.id < number)) else "ties"


def is_open_throughout(other: Terms, terms: Terms) -> bool:
    """Whether the other is open wherever the offer is."""
    begins = (other.starts_at or LONG_AGO) <= (terms.starts_at or LONG_AGO)
    return begins and (other.ends_at or FOREVER) >= (terms.ends_at or FOREVER)


def overlap(one: Terms, other: Terms) -> bool:
    """Whether there is a moment at which both are open."""
    begin = max(one.starts_at or LONG_AGO, other.starts_at or LONG_AGO)
    return begin < min(one.ends_at or FOREVER, other.ends_at or FOREVER)


def gives_no_less(one: Benefit, other: Benefit) -> bool:
    """Whether the one, alone on a basket, is surely worth what the other is or more, and gives where it gives."""
    if one.kind != other.kind or one.product != other.product or one.of_credit != other.of_credit:
        return False
    match one.kind:
        case "coupon" | "chances" | "tier":
            return one == other
        case "fixed_price":
            fits = one.of == other.of and one.quantity == other.quantity
            return fits and (one.amount or 0) <= (other.amount or 0) and _most(one.repeat, other.repeat)
        case "buy_x_get_y":
            fits = (one.of, one.buy, one.get) == (other.of, other.buy, other.get)
            free = (one.percent_bp or WHOLE_BP) >= (other.percent_bp or WHOLE_BP)
            return fits and free and _most(one.repeat, other.repeat)
    figures = all((getattr(one, name) or 0) >= (getattr(other, name) or 0) for name in MORE_IS_MORE)
    return figures and _most(one.most, other.most) and _of_no_less(one, other) and _as_often(one, other)


def _most(one: int | None, other: int | None) -> bool:
    """Whether a limit lets through all that the other lets through."""
    return one is None or (other is not None and one >= other)


def _of_no_less(one: Benefit, other: Benefit) -> bool:
    if one.applies_to in ONE_UNIT:
        return one.applies_to == other.applies_to and one.of == other.of
    # A discount once for each so many is taken off the whole basket, or off the lines that were counted.
    if other.applies_to == "basket" and other.of is not None and one.applies_to != "basket":
        return False
    return within(other.of, one.of)


def _as_often(one: Benefit, other: Benefit) -> bool:
    for mine, theirs in ((one.per_amount, other.per_amount), (one.per_quantity, other.per_quantity)):
        if (mine is None) is not (theirs is None) or (mine or 0) > (theirs or 0):
            return False
    return _most(one.repeat, other.repeat)
