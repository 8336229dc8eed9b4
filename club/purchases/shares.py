"""What a refund of part of a purchase undoes: pure.

Shares are reckoned on the sum refunded so far, so that the parts of any sequence of refunds add up to the whole.
Whole Rial and whole points; `net` is what of the purchase comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import Literal

from core.money import round_half_up, share_out


@dataclass(frozen=True)
class Paid:
    """How a purchase was paid: Rial of net, by credit, by money, by a gift card; points and what each was worth."""

    net: int
    credit: int
    points: int
    point_worth: int
    payable: int
    gift: int = 0


@dataclass(frozen=True)
class Returned:
    """What goes back to the buyer, each way of payment in its own kind."""

    money: int
    credit: int
    points: int
    gift: int = 0


NOTHING = Returned(0, 0, 0)


@dataclass(frozen=True)
class LineState:
    """A line with what it earned, and what of it has come back already."""

    index: int
    quantity: int
    net: int
    refunded_quantity: int
    refunded_net: int
    points: int = 0
    credit: int = 0

    @property
    def left(self) -> int:
        return self.net - self.refunded_net

    @property
    def back(self) -> Fraction:
        """The part of the line that has come back: of its net, or of its quantity where it cost nothing."""
        return Fraction(self.refunded_net, self.net) if self.net else Fraction(self.refunded_quantity, self.quantity)


@dataclass(frozen=True)
class LineShare:
    """What of a line comes back now."""

    index: int
    quantity: int
    net: int


def after(lines: Sequence[LineState], shares: Sequence[LineShare]) -> list[LineState]:
    """The lines when the shares have come back, too."""
    by_index = {share.index: share for share in shares}
    return [
        replace(
            line,
            refunded_quantity=line.refunded_quantity + by_index[line.index].quantity,
            refunded_net=line.refunded_net + by_index[line.index].net,
        )
        if line.index in by_index
        else line
        for line in lines
    ]


def is_whole(lines: Sequence[LineState]) -> bool:
    """Whether everything has come back: all that was paid for, or where nothing was, every piece."""
    paid_for = [line for line in lines if line.net]
    return all(line.back == 1 for line in paid_for or lines)


def undone(lines: Sequence[LineState], unit: Literal["points", "credit"], *, step: int = 1) -> int:
    """What of the earned points or credit is undone by all that has come back of the lines that earned it.

    Rounded down to the step until the last part, which takes the rest.
    """
    amounts = [line.points if unit == "points" else line.credit for line in lines]
    if is_whole(lines):
        return sum(amounts)
    exact = sum(amount * line.back for amount, line in zip(amounts, lines, strict=True))
    return floor(exact / step) * step


def returned_by(
    paid: Paid, refunded: int, *, given: Returned = NOTHING, now: int | None = None, step: int = 1
) -> Returned:
    """What has gone back in all when `refunded` of the net has come back in all, `now` of it with this refund.

    Points are rounded down, credit and the gift card half up to the step, money takes the rest. `given` is what went
    back before: nothing of it is asked for again, however small the parts are.
    """
    if refunded >= paid.net:
        return Returned(paid.payable, paid.credit, paid.points, paid.gift)
    fresh = refunded if now is None else now
    points = paid.points * refunded // paid.net
    if paid.point_worth:
        points = min(points, given.points + fresh // paid.point_worth)
    fresh -= (points - given.points) * paid.point_worth
    rest = refunded - points * paid.point_worth
    credit = _share(rest, paid.credit, paid.gift + paid.payable, given.credit + fresh, step)
    fresh -= credit - given.credit
    left = rest - credit
    gift = max(_share(left, paid.gift, paid.payable, given.gift + fresh, step), min(paid.gift, left - paid.payable))
    return Returned(min(left - gift, paid.payable), credit, points, gift)


def _share(amount: int, one: int, others: int, most: int, step: int) -> int:
    """What of the amount is due to one way of payment beside the others, to the step."""
    return min(one, amount, most, round_half_up(amount * one, one + others, step)) if one else 0


def by_quantity(lines: Sequence[LineState], wanted: dict[int, int], *, step: int = 1) -> list[LineShare]:
    """The shares of lines returned by quantity, to the step; the last unit of a line takes what is left of it.

    Raises KeyError for an unknown line and ValueError for more than is left of one.
    """
    known = {line.index: line for line in lines}
    shares = []
    for index, quantity in sorted(wanted.items()):
        line = known[index]
        back = line.refunded_quantity + quantity
        if not quantity > 0 or back > line.quantity:
            raise ValueError(index)
        net = (
            line.left
            if back == line.quantity
            else max(0, min(line.left, round_half_up(line.net * back, line.quantity, step) - line.refunded_net))
        )
        shares.append(LineShare(index, quantity, net))
    return shares


def by_amount(lines: Sequence[LineState], amount: int) -> list[LineShare]:
    """An amount of net shared over what is left of the lines, by largest remainder."""
    left = [line.left for line in lines]
    parts = share_out(amount, left) if sum(left) else [0] * len(left)
    return [LineShare(line.index, 0, part) for line, part in zip(lines, parts, strict=True) if part]


def all_left(lines: Sequence[LineState]) -> list[LineShare]:
    """Everything that has not come back yet."""
    return [
        LineShare(line.index, line.quantity - line.refunded_quantity, line.left)
        for line in lines
        if line.left or line.quantity > line.refunded_quantity
    ]
