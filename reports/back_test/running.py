"""What an offer would have brought over recorded purchases: replayed with the facts they had, and nothing written.

The offer is held beside those that matched each purchase then, as if it had been live all the time and everybody had
its code. Its limits and budgets fill up in order of time, from the first day of the span on.
"""

import json
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from club.purchases.models import Purchase, PurchaseLine
from core.tenancy.scope import club_zone
from offers.alone import Worth
from offers.engine import UNUSED, refusal
from offers.judging import holds
from offers.models import Offer
from offers.rules import LiveOffer, Terms
from reports.back_test.again import Then
from reports.back_test.asking import CONSIDERED, ID, LOCAL_TIME, MEMBER, MICROSECONDS, NET, Asked
from reports.back_test.contest import Kept, Result, contest, is_decided_by_worth
from reports.back_test.figures import BackTest, Displaced, Sample, in_order, saturday, weeks_of
from reports.back_test.history import History
from reports.back_test.past import Past, Row, jalali, moment_of
from reports.back_test.reading import CHUNK, Cursor, Reader, sales_of
from reports.back_test.uses import Uses
from reports.back_test.worth import Worths
from reports.ranges import Span

NEW = 2**63 - 1
"""The number of an offer that has none yet: the youngest of all."""


Whole = tuple[Purchase, list[PurchaseLine]]


@dataclass
class Tally:
    """How far a replay has come, and what it has found so far; it may be put by and gone on with."""

    uses: Uses
    after: Cursor | None = None
    is_done: bool = False
    members: set[int] = field(default_factory=set)
    purchases: int = 0
    cost: int = 0
    net: int = 0
    weeks: dict[date, tuple[int, int]] = field(default_factory=dict)
    displaced: dict[int, tuple[int, int]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    spent_up: date | None = None
    given: "array[int]" = field(default_factory=lambda: array("q"))
    worths: "array[int]" = field(default_factory=lambda: array("q"))
    lost: tuple[int, str] | None = None
    """The last purchase that matched and got nothing, and why."""


class Replay:
    """One back-test of one offer over the purchases of a span, in the club in scope."""

    def __init__(
        self, offer: LiveOffer, span: Span, *, now: datetime, every: int = 1, tally: Tally | None = None
    ) -> None:
        self.offer, self.span, self.every = offer, span, every
        self.then = Then(offer, now)
        self.tally = tally or Tally(Uses(offer.terms.limits))
        asked = Asked()
        asked.filter_by(offer)
        self.history = History(*span.bounds(club_zone()), every=every)
        self._past = Past(asked.rest, asked, ranks=self.then.ranks, history=self.history)
        self._rest = asked.rest
        self._worths = Worths(offer.terms.benefit, asked)
        self._reader = Reader(asked, span, every)

    def go_on(self, seconds: float | None = None) -> bool:
        """Replay chunk after chunk, one at least, till so many seconds are over where told; whether it is done."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self.tally.is_done:
            rows = self._reader.chunk(self.tally.after, most=CHUNK)
            self._take(rows)
            self.tally.is_done = len(rows) < CHUNK
            if until and time.monotonic() >= until:
                break
        return self.tally.is_done

    @property
    def share_done(self) -> float:
        """How much of the span is behind, from 0 to 1."""
        if self.tally.is_done or self.tally.after is None:
            return float(self.tally.is_done)
        start, end = self.span.bounds(club_zone())
        return (moment_of(self.tally.after[0]) - start) / (end - start)

    def found(self) -> BackTest:
        """The figures of what has been replayed."""
        tally, every = self.tally, self.every
        sales, looked_at = sales_of(self.span, every=every)
        return BackTest(
            span=self.span,
            members=len(tally.members) * every,
            purchases=tally.purchases * every,
            cost=tally.cost * every,
            net=tally.net * every,
            sales=sales * every,
            weeks=weeks_of(self.span, tally.weeks, times=every),
            displaced=self._displaced(),
            lasts_days=None if tally.spent_up is None else (tally.spent_up - self.span.first).days,
            margin_bp=self.then.margin_bp,
            looked_at=looked_at * every,
            budget=None if self.offer.terms.limits.budget is None else self.offer.terms.limits.budget * every,
            sample=Sample(every, looked_at) if every > 1 else None,
            missed=sum(count for outcome, count in tally.outcomes.items() if outcome != "applied") * every,
        )

    def _displaced(self) -> tuple[Displaced, ...]:
        found = self.tally.displaced
        names = dict(Offer.objects.filter(pk__in=found).values_list("pk", "name")) if found else {}
        return in_order(
            [
                Displaced(offer, names.get(offer, ""), times * self.every, saved * self.every)
                for offer, (times, saved) in found.items()
            ]
        )

    def _take(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        self.tally.after = rows[-1][MICROSECONDS], rows[-1][ID]
        rows = [row for row in rows if self._matches(row)] if self._rest else rows
        kept = [json.loads(row[CONSIDERED]) if row[CONSIDERED] else () for row in rows]
        self.then.know(kept)
        worths = [self._known(row, others) for row, others in zip(rows, kept, strict=True)]
        whole = self._read([row[ID] for row, worth in zip(rows, worths, strict=True) if worth is None])
        for row, others, worth in zip(rows, kept, worths, strict=True):
            self._count(row, self._result(row, others, worth, whole))

    def _matches(self, row: Row) -> bool:
        self._past.row = row
        return holds(self._rest, self._past) if self._rest else True

    def _known(self, row: Row, others: Kept) -> Worth | None:
        """What it is worth there where that, and the worth of others, decides; None where the engine is asked."""
        if others and not is_decided_by_worth(self.offer, others, self.then.versions):
            return None
        programme, club = self.then.at(row[MICROSECONDS])
        return self._worths.of(row, programme, club, self.then.steps.get(self._worths.tier(row)))

    @staticmethod
    def _read(ids: Sequence[int]) -> dict[int, Whole]:
        """The purchases that the engine is asked about, with their lines: two queries, or none."""
        if not ids:
            return {}
        found: dict[int, Whole] = {
            row.pk: (row, []) for row in Purchase.objects.select_related("branch").filter(pk__in=ids)
        }
        for line in PurchaseLine.objects.filter(purchase__in=ids).order_by("purchase", "index"):
            found[line.purchase_id][1].append(line)
        return found

    def _result(self, row: Row, others: Kept, worth: Worth | None, whole: dict[int, Whole]) -> Result:
        offer, uses = self.offer, self.tally.uses
        used = uses.of(row[MEMBER], row[LOCAL_TIME].date(), _month(row)) if offer.terms.is_limited else None
        if worth is None:
            purchase, lines = whole[row[ID]]
            return self.then.result(purchase, lines, used or UNUSED)
        if used and (refused := refusal(offer, row[MEMBER], worth[0], used)):
            return Result(refused, worth[0])
        if not worth[1]:
            return Result("no_effect")
        return contest(offer, worth[0], others, self.then.versions)

    def _count(self, row: Row, result: Result) -> None:
        tally = self.tally
        tally.outcomes[result.outcome] += 1
        day = row[LOCAL_TIME].date()
        if result.outcome != "applied":
            if result.outcome != "no_effect":
                tally.lost = row[ID], result.outcome
            is_over = result.outcome == "budget_spent" and tally.uses.is_over_budget(result.worth)
            tally.spent_up = tally.spent_up or (day if is_over else None)
            return
        worth = result.worth
        tally.uses.add(row[MEMBER], day, _month(row), worth)
        tally.members.add(row[MEMBER])
        tally.purchases += 1
        tally.cost += worth
        tally.net += row[NET]
        purchases, cost = tally.weeks.get(week := saturday(day), (0, 0))
        tally.weeks[week] = purchases + 1, cost + worth
        for offer, saved in result.displaced:
            times, before = tally.displaced.get(offer, (0, 0))
            tally.displaced[offer] = times + 1, before + saved
        tally.given.append(row[ID])
        tally.worths.append(worth)


def as_tested(terms: Terms, number: int | None, *, every: int = 1) -> LiveOffer:
    """The offer as a back-test judges by: open at any time and to everybody; limits for all are a sample's share."""
    limits = terms.limits
    if every > 1:
        limits = replace(
            limits, **{name: _share(getattr(limits, name), every) for name in ("total", "budget", "budget_per_month")}
        )
    tested = replace(terms, starts_at=None, ends_at=None, code_required=False, limits=limits)
    return LiveOffer(number or NEW, tested)


def _share(most: int | None, every: int) -> int | None:
    return None if most is None else max(1, most // every)


def _month(row: Row) -> int:
    year, month, _day = jalali(row[LOCAL_TIME].date())
    return year * 12 + month
