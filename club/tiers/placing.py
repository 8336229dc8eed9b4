"""Where each member stands on a ladder by what was reached of it: the SQL that the forecast and the review share."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from core.tenancy.scope import current_club_id


class Rung(Protocol):
    """A step of a ladder, by what reaches it."""

    @property
    def code(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def threshold(self) -> int: ...
    @property
    def window_days(self) -> int | None: ...


def ladder_values(ladder: Sequence[Rung], *, at: datetime) -> dict[str, Any]:
    """What `PLACED` asks for: the rungs from the lowest, whose places count from 0, and the moment."""
    return {
        "club": current_club_id(),
        "at": at,
        "codes": [rung.code for rung in ladder],
        "ranks": list(range(len(ladder))),
        "metrics": [rung.metric for rung in ladder],
        "windows": [rung.window_days or 0 for rung in ladder],
        "thresholds": [rung.threshold for rung in ladder],
    }


# What each member has of each metric and window (0: none) of the draft, then the highest rung that this reaches or that
# is the member's floor, by hand or for a time. Sums go over the whole tables once, not member by member as in
# `club.tiers.selectors`; figures without a window are the member's own, so that the usual ladder joins nothing at all.
_PLACED = """
WITH draft AS (
    SELECT * FROM unnest(%(codes)s::text[], %(ranks)s::int[], %(metrics)s::text[], %(windows)s::int[],
        %(thresholds)s::bigint[]) AS d (code, rank, metric, window_days, threshold)
), measure AS (
    SELECT DISTINCT metric, window_days FROM draft WHERE metric = 'points' OR window_days > 0
), reached AS (
    SELECT p.member_id, w.metric, w.window_days, CASE w.metric
        WHEN 'visits' THEN count(*) FILTER (WHERE NOT p.fully_refunded) ELSE sum(p.net - p.refunded) END AS amount
    FROM measure w JOIN purchases_purchase p
        ON p.club_id = %(club)s AND p.occurred_at > %(at)s - make_interval(days => w.window_days)
    WHERE w.metric <> 'points' AND p.member_id IS NOT NULL{buyers} GROUP BY 1, 2, 3
    UNION ALL
    SELECT coalesce(m.merged_into_id, m.id), w.metric, w.window_days, sum(e.delta)
    FROM measure w JOIN ledger_entry e
        ON e.club_id = %(club)s
        AND (w.window_days = 0 OR e.occurred_at > %(at)s - make_interval(days => w.window_days))
    JOIN ledger_wallet l ON l.club_id = e.club_id AND l.id = e.wallet_id AND l.unit = 'points'
    JOIN members_member m ON m.club_id = l.club_id AND m.id = l.member_id
    WHERE w.metric = 'points'{earners} AND (e.kind IN ('opening', 'earn', 'take_back')
        OR e.kind = 'reverse' AND EXISTS (
            SELECT FROM ledger_entry o WHERE o.club_id = e.club_id AND o.id = e.reverses_id
              AND o.kind IN ('opening', 'earn', 'take_back')))
    GROUP BY 1, 2, 3
), given AS (
    SELECT DISTINCT member_id, code FROM tiers_tiergrant WHERE club_id = %(club)s AND NOT ended
), placed AS (
    SELECT m.id, m.tier_code AS held, max(d.rank) FILTER (
        WHERE d.code = m.tier_floor OR g.code IS NOT NULL OR d.threshold <= CASE
            WHEN d.metric = 'spent' AND d.window_days = 0 THEN m.spent_rial
            WHEN d.metric = 'visits' AND d.window_days = 0 THEN m.visits
            ELSE coalesce(r.amount, 0) END) AS fits
    FROM members_member m
    LEFT JOIN draft d ON true
    LEFT JOIN reached r ON r.member_id = m.id AND r.metric = d.metric AND r.window_days = d.window_days
    LEFT JOIN given g ON g.member_id = m.id AND g.code = d.code
    WHERE m.club_id = %(club)s{members}
    GROUP BY m.id, m.tier_code
)
"""
LIVING = " AND m.status <> 'erased'"
PLACED = _PLACED.format(buyers="", earners="", members=LIVING)
PLACED_HOLDERS = _PLACED.format(buyers="", earners="", members=" AND m.tier_code = %(holding)s")
"""Only those who hold the tier named, erased ones too: of a tier that goes nobody may be left behind."""
PLACED_SOME = _PLACED.format(
    buyers=" AND p.member_id = ANY(%(ids)s)",
    earners=" AND (m.id = ANY(%(ids)s) OR m.merged_into_id = ANY(%(ids)s))",
    members=f"{LIVING} AND m.id = ANY(%(ids)s)",
)
"""Only the members named, read by their own rows."""
