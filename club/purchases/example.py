"""What a purchase would come to under a programme, for who is choosing its settings: pure.

By the same functions that reckon a real purchase, of one line without VAT and without offers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from club.programme.rules import Programme
from club.programme.validity import usable_span
from club.purchases.earning import earn, earnings_of
from club.purchases.pricing import Line, Payment, payable_by_credit, payable_by_points
from club.tiers.ladder import Step


@dataclass(frozen=True)
class Gain:
    """What is earned of one unit: `worth` in Rial, from when it may be spent (None: at once), its last instant."""

    amount: int
    worth: int
    usable_from: datetime | None
    last_instant: datetime | None
    idle_days: int | None


@dataclass(frozen=True)
class Example:
    """A purchase by the settings: `points_cut` were above a cap; the most that value may pay of the same purchase."""

    points: Gain
    credit: Gain
    points_cut: int
    most_points: int
    most_credit: int


def worked_example(programme: Programme, amount: int, tier: Step | None, at: datetime, zone: str) -> Example:
    """What a member of the tier earns by a purchase of so much Rial at the moment, with nothing earned before.

    `zone` is the club's: in it days begin and end.
    """
    line = Line(0, "", "", (), 1, amount)
    earned = earn(earnings_of([line], Payment(), programme, tier), programme)

    def gain(unit: str, amount: int, worth: int, idle_days: int | None) -> Gain:
        usable_from, ends_at = usable_span(unit, programme, at, zone)
        last_instant = ends_at and ends_at - timedelta(microseconds=1)
        return Gain(amount, worth, usable_from if usable_from > at else None, last_instant, idle_days)

    return Example(
        points=gain("points", earned.points, earned.points * programme.point_worth, programme.points_idle_days),
        credit=gain("credit", earned.credit, earned.credit, programme.credit_idle_days),
        points_cut=earned.points_cut,
        most_points=payable_by_points([line], programme),
        most_credit=payable_by_credit([line], programme),
    )
