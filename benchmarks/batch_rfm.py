"""Scoring members in `batch.py`: the job, the plain statement that writes the same rows, and the loop."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

# Quintiles as anybody would write them first; the eleven classes by a CASE over recency and the mean of the others.
PLAIN = """
INSERT INTO members_memberscore (club_id, member_id, rfm_class, r, f, m, scored_at)
SELECT %(club)s, member_id, CASE WHEN r = 5 THEN CASE fm WHEN 1 THEN 'new' WHEN 2 THEN 'potential_loyalist'
        WHEN 3 THEN 'potential_loyalist' ELSE 'champions' END
    WHEN r = 4 THEN CASE fm WHEN 1 THEN 'promising' WHEN 5 THEN 'champions' WHEN 4 THEN 'loyal'
        ELSE 'potential_loyalist' END
    WHEN r = 3 THEN CASE WHEN fm <= 2 THEN 'about_to_sleep' WHEN fm = 3 THEN 'need_attention' ELSE 'loyal' END
    WHEN fm = 5 THEN 'cannot_lose' WHEN fm >= 3 THEN 'at_risk' WHEN r = 2 THEN 'hibernating' ELSE 'lost' END,
    r, f, m, %(now)s
FROM (
    SELECT member_id, r, f, m, (f + m + 1) / 2 AS fm FROM (
        SELECT member_id, ntile(5) OVER (ORDER BY last) AS r, ntile(5) OVER (ORDER BY times) AS f,
            ntile(5) OVER (ORDER BY spent) AS m
        FROM (
            SELECT member_id, max(occurred_at) AS last, count(*) AS times, sum(net - refunded) AS spent
            FROM purchases_purchase WHERE club_id = %(club)s AND occurred_at >= %(now)s::timestamptz - interval '1 year'
                AND NOT fully_refunded AND member_id IS NOT NULL GROUP BY member_id
        ) bought
    ) scored
) meant
"""


def rfm_work(
    club: int, now: datetime, executed: Callable[[str, dict[str, Any]], object]
) -> tuple[Callable[[], object], Callable[[], object], Callable[[int], object]]:
    """The job, its plain statement, and the loop over so many members."""
    from reports.rfm.scoring import score_members

    def plain() -> object:
        return executed(f"{PLAIN} RETURNING 1", {"club": club, "now": now})

    return lambda: score_members(now=now), plain, lambda part: one_by_one(part, now)


def one_by_one(part: int, now: datetime) -> None:
    """Each member's figures by a query; whose scores are then known to be what they are is written by another."""
    from django.db.models import Count, F, Max, Sum

    from club.members.models import Member, MemberScore
    from club.purchases.models import Purchase
    from reports.rfm.classes import class_of

    since = now.replace(year=now.year - 1)
    for member in Member.objects.order_by("pk")[:part]:
        bought = Purchase.objects.filter(member=member, occurred_at__gte=since, fully_refunded=False)
        found = bought.aggregate(last=Max("occurred_at"), times=Count("pk"), spent=Sum(F("net") - F("refunded")))
        if found["times"]:
            MemberScore.objects.update_or_create(
                member=member, defaults={"rfm_class": class_of(3, 3, 3), "r": 3, "f": 3, "m": 3, "scored_at": now}
            )
