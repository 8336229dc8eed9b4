"""The member's own figures that conditions of offers ask for, as of a moment, in one statement."""

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
    sent: dict[str, Any] = {
        "club": current_club_id(),
        "member": member_id,
        "at": at,
        "days": sorted(asks.days),
        "zone": club_zone(),
        "fewest": FEWEST,
    }
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, sent)
        rows = cursor.fetchall()
    spent = {days: net for days, net, _visits, _mean, _gap in rows if days is not None}
    visits = {days: count for days, _net, count, _mean, _gap in rows if days is not None}
    mean, gap = rows[0][3:] if rows else (None, None)
    return Figures(spent, visits, mean, gap)


# Both own figures are of visits that were not wholly refunded; a half of a Rial or of a day goes up.
FIGURES = """
WITH bought AS MATERIALIZED (
    SELECT occurred_at, net - refunded AS net, (occurred_at AT TIME ZONE %(zone)s)::date
        - lag((occurred_at AT TIME ZONE %(zone)s)::date) OVER (ORDER BY occurred_at, id) AS gap
    FROM purchases_purchase
    WHERE club_id = %(club)s AND member_id = %(member)s AND occurred_at <= %(at)s AND NOT fully_refunded
), own AS (
    SELECT CASE WHEN count(*) FILTER (WHERE recent) >= %(fewest)s
                THEN round(avg(net) FILTER (WHERE recent)) END::bigint AS mean,
        CASE WHEN count(*) >= %(fewest)s THEN
            round(percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)::numeric) END::bigint AS gap
    FROM (SELECT *, occurred_at > %(at)s - interval '365 days' AS recent FROM bought) b
)
SELECT d.days, coalesce(sum(b.net), 0)::bigint, count(b.net), own.mean, own.gap
FROM own LEFT JOIN unnest(%(days)s::int[]) AS d(days) ON true
LEFT JOIN bought b ON b.occurred_at > %(at)s - make_interval(days => d.days)
GROUP BY d.days, own.mean, own.gap
"""
