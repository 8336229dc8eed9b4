"""What offers share among all, for many uses at once: its rows are locked, what fits is reckoned in memory.

For a batch of members; a single purchase takes by conditional updates (`offers.counters`). The rows are locked in the
order of their ids, after the members' wallets, and stay so until the batch is written.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from core.tenancy.scope import current_club_id
from offers.counters import Take, month_of

Counter = tuple[int, str]
"""An offer and a period: all time, or a Jalali month."""


@dataclass
class Shared:
    """How often each offer was given and what it has cost, in all and in the month, with what was taken since."""

    month: str
    counts: dict[Counter, tuple[int, int]]
    moved: set[Counter] = field(default_factory=set)

    def take(self, wanted: Sequence[Take]) -> dict[int, str]:
        """Take all of them, or none: empty, or for each offer that cannot be given the outcome that this is."""
        refused = {one.offer: why for one in wanted if (why := self._why(one))}
        if refused:
            return refused
        for one in wanted:
            for counter in ((one.offer, ""), (one.offer, self.month)):
                used, spent = self.counts[counter]
                self.counts[counter] = used + 1, spent + one.worth
                self.moved.add(counter)
        return {}

    def _why(self, one: Take) -> str:
        limits, (used, spent) = one.limits, self.counts[one.offer, ""]
        if limits.total is not None and used >= limits.total:
            return "limit_reached"
        spent_this_month = self.counts[one.offer, self.month][1]
        budgets = (spent, limits.budget), (spent_this_month, limits.budget_per_month)
        return "budget_spent" if any(most is not None and cost + one.worth > most for cost, most in budgets) else ""

    def write(self) -> None:
        """Send what was taken, in one statement."""
        if not self.moved:
            return
        rows = [
            {"o": offer, "p": period, "u": used, "s": spent}
            for (offer, period), (used, spent) in self.counts.items()
            if (offer, period) in self.moved
        ]
        with connection.cursor() as cursor:
            cursor.execute(WRITE, {"club": current_club_id(), "rows": json.dumps(rows)})


def lock_shared(offers: Iterable[int], *, at: datetime) -> Shared:
    """The counters of these offers, locked: two statements, none where there is no offer."""
    asked, month = sorted(set(offers)), month_of(at)
    if not asked:
        return Shared(month, {})
    sent: dict[str, Any] = {"club": current_club_id(), "offers": asked, "periods": ["", month]}
    with connection.cursor() as cursor:
        cursor.execute(OPEN, sent)
        cursor.execute(LOCK, sent)
        return Shared(month, {(offer, period): (used, spent) for offer, period, used, spent in cursor.fetchall()})


OPEN = """
INSERT INTO offers_offercounter (club_id, offer_id, period, used, spent)
SELECT %(club)s, o, p, 0, 0 FROM unnest(%(offers)s::bigint[]) AS o CROSS JOIN unnest(%(periods)s::text[]) AS p
ORDER BY o, p ON CONFLICT DO NOTHING
"""
LOCK = """
SELECT offer_id, period, used, spent FROM offers_offercounter
WHERE club_id = %(club)s AND offer_id = ANY(%(offers)s) AND period = ANY(%(periods)s)
ORDER BY offer_id, period FOR UPDATE
"""
WRITE = """
UPDATE offers_offercounter c SET used = r.u, spent = r.s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(o bigint, p text, u bigint, s bigint)
WHERE c.club_id = %(club)s AND c.offer_id = r.o AND c.period = r.p
"""
