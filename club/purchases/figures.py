"""The member's own figures that conditions of offers ask for, as of a moment, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from club.purchases.facts import Figures
from core.tenancy.scope import club_zone, current_club_id
from offers.asks import Asks

FEWEST = 3
"""A member has a mean basket and a usual gap from so many purchases on."""


def read_figures(member_id: int, at: datetime, asks: Asks) -> Figures:
    """What was bought in so many days before the moment, refunds taken off, and the member's usual basket and gap."""
    return read_figures_of([member_id], at, asks)[member_id]


def read_figures_of(member_ids: Sequence[int], at: datetime, asks: Asks) -> dict[int, Figures]:
    """The same of many members, in one statement as well."""
    sent: dict[str, Any] = {
        "club": current_club_id(),
        "members": list(member_ids),
        "at": at,
        "days": sorted(asks.days),
        "zone": club_zone(),
        "fewest": FEWEST,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, sent)
        rows = cursor.fetchall()
    found: dict[int, Figures] = {}
    for member_id, days, net, count, mean, gap in rows:
        known = found.get(member_id) or Figures({}, {}, mean, gap)
        if days is not None:
            known = Figures({**known.spent, days: net}, {**known.visits, days: count}, mean, gap)
        found[member_id] = known
    return found


# The usual gap of a member `m`, as FIGURES has it, for a query that looks at few.
USUAL_GAP = """
SELECT CASE WHEN count(*) >= %(fewest)s THEN round(percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)::numeric) END
FROM (
    SELECT day - lag(day) OVER (ORDER BY occurred_at, id) AS gap FROM (
        SELECT id, occurred_at, (occurred_at AT TIME ZONE %(zone)s)::date AS day FROM purchases_purchase p
        WHERE p.club_id = %(club)s AND p.member_id = m.id AND NOT p.fully_refunded AND p.occurred_at < %(at)s) days
) gaps
"""
# Both own figures are of visits that were not wholly refunded; a half of a Rial or of a day goes up.
FIGURES = """
WITH bought AS MATERIALIZED (
    SELECT member_id, occurred_at, net - refunded AS net, (occurred_at AT TIME ZONE %(zone)s)::date
        - lag((occurred_at AT TIME ZONE %(zone)s)::date) OVER (PARTITION BY member_id ORDER BY occurred_at, id) AS gap,
        occurred_at > %(at)s - interval '365 days' AS recent
    FROM purchases_purchase
    WHERE club_id = %(club)s AND member_id = ANY(%(members)s) AND occurred_at <= %(at)s AND NOT fully_refunded
), own AS (
    SELECT m.id AS member_id, CASE WHEN count(b.net) FILTER (WHERE recent) >= %(fewest)s
                THEN round(avg(net) FILTER (WHERE recent)) END::bigint AS mean,
        CASE WHEN count(b.net) >= %(fewest)s THEN
            round(percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)::numeric) END::bigint AS gap
    FROM unnest(%(members)s::bigint[]) AS m(id) LEFT JOIN bought b ON b.member_id = m.id GROUP BY m.id
)
SELECT own.member_id, d.days, coalesce(sum(b.net), 0)::bigint, count(b.net), own.mean, own.gap
FROM own LEFT JOIN unnest(%(days)s::int[]) AS d(days) ON true
LEFT JOIN bought b ON b.member_id = own.member_id AND b.occurred_at > %(at)s - make_interval(days => d.days)
GROUP BY own.member_id, d.days, own.mean, own.gap
"""
