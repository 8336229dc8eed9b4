"""What a refund of part of a purchase undoes: pure.

Shares are reckoned on the sum refunded so far, so that the parts of any sequence of refunds add up to the whole.
Whole Rial and whole points; `net` is what of the purchase comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
    """A line with what of it has come back already."""

    index: int
    quantity: int
    net: int
    refunded_quantity: int
    refunded_net: int

    @property
    def left(self) -> int:
        return self.net - self.refunded_net


@dataclass(frozen=True)
class LineShare:
    """What of a line comes back now."""

    index: int
    quantity: int
    net: int


def share_of(amount: int, net: int, refunded: int, *, step: int = 1) -> int:
    """What of an earned amount is undone when `refunded` of `net` has come back in all.

    Rounded down to the step until the last part, which takes the rest.
    """
    return amount if refunded >= net else amount * refunded // (net * step) * step


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
