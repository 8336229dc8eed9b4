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
    """How a purchase was paid: Rial of net, by credit, by money; points and what each was worth."""

    net: int
    credit: int
    points: int
    point_worth: int
    payable: int


@dataclass(frozen=True)
class Returned:
    """What goes back to the buyer, each way of payment in its own kind."""

    money: int
    credit: int
    points: int


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


def returned_by(paid: Paid, refunded: int, *, step: int = 1) -> Returned:
    """What has gone back in all when `refunded` of the net has come back in all; credit half up to the step."""
    if refunded >= paid.net:
        return Returned(paid.payable, paid.credit, paid.points)
    points = paid.points * refunded // paid.net
    rest = refunded - points * paid.point_worth
    other = paid.credit + paid.payable
    credit = min(paid.credit, rest, round_half_up(rest * paid.credit, other, step)) if other else 0
    return Returned(min(rest - credit, paid.payable), credit, points)


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
