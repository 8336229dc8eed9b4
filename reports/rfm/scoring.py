"""Scoring the members of the club in scope by recency, frequency and money: one statement each night.

Looked at are the purchases of the last twelve Jalali months up to yesterday's end, by the club's clock, so that a
second run on the same day finds the same; not those that came back whole. Who bought nothing in that time has no score.
"""

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from club.members.scores import write_scores
from core.jalali import day_bounds, from_jalali, local_date, month_length, to_jalali
from core.tenancy.scope import club_zone
from reports.rfm.classes import of_all_scores


def score_members(*, now: datetime) -> str:
    """Write what has changed of the scores since last time; what was done, in words."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10min'")
            cursor.execute("SET LOCAL work_mem = '64MB'")
        written, dropped = write_scores(SCORED, looked_at(now), now=now)
    return f"{written} scores written, {dropped} dropped"


def looked_at(now: datetime) -> dict[str, Any]:
    """The parameters of SCORED: from when to when, and the class of each of the 125 scores."""
    today = local_date(now, club_zone())
    known = list(of_all_scores())
    return {
        "since": day_bounds(year_before(today), club_zone())[0],
        "until": day_bounds(today, club_zone())[0],
        "classes": [one[3] for one in known],
    }


def year_before(day: date) -> date:
    """The same Jalali day a year earlier; of 30 Esfand the 29th where there is none."""
    year, month, number = to_jalali(day)
    return from_jalali(year - 1, month, min(number, month_length(year - 1, month)))


# The scores as `classes.recency_score` and `amount_score` say them; `classes` holds the 125 in the order of r, f, m.
SCORED = """
SELECT member_id, (%(classes)s::text[])[(r - 1) * 25 + (f - 1) * 5 + m] AS rfm_class, r, f, m FROM (
    SELECT member_id, 5 - 5 * (rank() OVER (ORDER BY last DESC) - 1) / count(*) OVER () AS r,
        1 + 5 * (rank() OVER (ORDER BY times) - 1) / count(*) OVER () AS f,
        1 + 5 * (rank() OVER (ORDER BY spent) - 1) / count(*) OVER () AS m
    FROM (
        SELECT p.member_id, max(p.occurred_at) AS last, count(*) AS times, sum(p.net - p.refunded) AS spent
        FROM purchases_purchase p
        WHERE p.club_id = %(club)s AND p.occurred_at >= %(since)s AND p.occurred_at < %(until)s
            AND p.member_id IS NOT NULL AND NOT p.fully_refunded
        GROUP BY p.member_id
    ) bought
    WHERE NOT EXISTS (SELECT 1 FROM members_member gone WHERE gone.club_id = %(club)s AND gone.id = bought.member_id
        AND gone.status = 'erased')
) ranked
"""
