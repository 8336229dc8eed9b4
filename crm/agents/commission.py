"""What a contract says of purchases: which terms hold on a day, what a purchase brings, and from when it is due.

Pure. Amounts are whole Rial, rates basis points, days those of the club.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.jalali import to_jalali
from core.money import Rial, percent_of

FIRST, ALL = "first", "all"


@dataclass(frozen=True)
class Terms:
    """One version of a contract: it holds from its first day until its last, or until a later version begins.

    `came_after` is the moment at which the contract before had ended, in the first version of one that follows another.
    """

    number: int
    percent_bp: int
    basis: str
    hold_days: int
    starts_on: date
    ends_on: date | None = None
    cap_total: Rial | None = None
    cap_month: Rial | None = None
    came_after: datetime | None = None


def contract_at(versions: Sequence[Terms], at: datetime) -> list[Terms]:
    """Of the contracts that a person has had one after the other, the versions of the one that ran at the moment."""
    followed = [(terms.number, terms.came_after) for terms in versions if terms.came_after is not None]
    first = max((number for number, ended_at in followed if ended_at <= at), default=0)
    after = min((number for number, ended_at in followed if ended_at > at), default=None)
    return [terms for terms in versions if first <= terms.number and (after is None or terms.number < after)]


def terms_on(versions: Iterable[Terms], day: date) -> Terms | None:
    """The terms that hold on the day: of the versions that have begun the newest; None once its last day is over."""
    begun = [terms for terms in versions if terms.starts_on <= day]
    newest = max(begun, key=lambda terms: terms.number, default=None)
    return None if newest is None or (newest.ends_on and newest.ends_on < day) else newest


def is_over(versions: Sequence[Terms], today: date) -> bool:
    """Whether the contract has ended by its days: what began is over, and nothing begins later."""
    if not versions or any(terms.starts_on > today for terms in versions):
        return False
    return terms_on(versions, today) is None


def earned(terms: Terms, base: Rial, *, had: Rial, had_in_month: Rial, step: int) -> Rial:
    """What a purchase of this base brings, rounded to the step and no more than the caps leave room for.

    `had` is what this contract has brought already, `had_in_month` what the month has, less what refunds took back.
    """
    amount = percent_of(base, terms.percent_bp, step=step)
    for cap, used in ((terms.cap_total, had), (terms.cap_month, had_in_month)):
        if cap is not None:
            amount = min(amount, max(0, cap - used))
    return amount


def due_on(terms: Terms, bought_on: date) -> date:
    """The day on which what a purchase brought may be paid."""
    return bought_on + timedelta(days=terms.hold_days)


def month_of(day: date) -> int:
    """The Jalali month in which a cap of a month counts the day: 140509."""
    year, month, _day = to_jalali(day)
    return year * 100 + month
