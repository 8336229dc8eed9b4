"""How the members would stand under a ladder that is only thought of: one query, whatever the club's size."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from club.tiers.models import Tier
from core.tenancy.scope import current_club_id

# What each member has of each metric and window (0: none) of the draft, then the highest rung that this reaches or that
# is the member's floor. Sums go over the whole tables once, not member by member as in `club.tiers.selectors`; figures
# without a window are the member's own, so that the usual ladder joins nothing at all.
PLACED = """
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
    WHERE w.metric <> 'points' AND p.member_id IS NOT NULL GROUP BY 1, 2, 3
    UNION ALL
    SELECT coalesce(m.merged_into_id, m.id), w.metric, w.window_days, sum(e.delta)
    FROM measure w JOIN ledger_entry e
        ON e.club_id = %(club)s
        AND (w.window_days = 0 OR e.occurred_at > %(at)s - make_interval(days => w.window_days))
    JOIN ledger_wallet l ON l.club_id = e.club_id AND l.id = e.wallet_id AND l.unit = 'points'
    JOIN members_member m ON m.club_id = l.club_id AND m.id = l.member_id
    WHERE w.metric = 'points' AND (e.kind IN ('opening', 'earn', 'take_back') OR e.kind = 'reverse' AND EXISTS (
        SELECT FROM ledger_entry o WHERE o.club_id = e.club_id AND o.id = e.reverses_id
          AND o.kind IN ('opening', 'earn', 'take_back')))
    GROUP BY 1, 2, 3
), placed AS (
    SELECT m.id, m.tier_code AS held, max(d.rank) FILTER (WHERE d.code = m.tier_floor OR d.threshold <= CASE
        WHEN d.metric = 'spent' AND d.window_days = 0 THEN m.spent_rial
        WHEN d.metric = 'visits' AND d.window_days = 0 THEN m.visits
        ELSE coalesce(r.amount, 0) END) AS fits
    FROM members_member m
    LEFT JOIN draft d ON true
    LEFT JOIN reached r ON r.member_id = m.id AND r.metric = d.metric AND r.window_days = d.window_days
    WHERE m.club_id = %(club)s AND (m.status <> 'erased' OR m.tier_code = %(holding)s)
      AND (%(holding)s = '' OR m.tier_code = %(holding)s)
    GROUP BY m.id, m.tier_code
)
"""
COUNTED = f"{PLACED} SELECT held, fits, count(*) FROM placed GROUP BY 1, 2"  # noqa: S608 - both halves stand here
HOLDERS = f"{PLACED} SELECT id, fits FROM placed"  # noqa: S608


@dataclass(frozen=True)
class Rung:
    """A step of a ladder that is thought of, lowest first by its place in the list."""

    code: str
    name: str
    metric: str
    threshold: int
    window_days: int | None = None
    held: int = 0
    """How many hold it now."""
    fits: int = 0
    """How many it would hold, were everybody placed today by what they have reached."""


@dataclass(frozen=True)
class Forecast:
    """The rungs with their numbers; `none`: who reaches no rung; how many would stand higher or lower than today."""

    rungs: list[Rung]
    none: int = 0
    rising: int = 0
    falling: int = 0

    @property
    def most(self) -> int:
        """The longest bar."""
        return max([self.none, *(max(rung.held, rung.fits) for rung in self.rungs)], default=0) or 1


def rungs(tiers: Sequence[Tier]) -> list[Rung]:
    """The ladder as it is, from the lowest."""
    return [
        Rung(tier.code, tier.name, tier.metric, tier.threshold, tier.window_days)
        for tier in sorted(tiers, key=lambda one: one.rank)
    ]


def forecast(draft: Sequence[Rung], *, at: datetime) -> Forecast:
    """How many each rung holds now and would hold at the moment, in one query."""
    held, fits, rising, falling = Counter[str](), Counter[str](), 0, 0
    places = {"": -1, **{rung.code: place for place, rung in enumerate(draft)}}
    for now, place, number in _rows(COUNTED, draft, at=at):
        then = _code(draft, place)
        held[now] += number
        fits[then] += number
        was = places.get(now, -1)
        rising += number if places[then] > was else 0
        falling += number if places[then] < was else 0
    done = [replace(rung, held=held[rung.code], fits=fits[rung.code]) for rung in draft]
    return Forecast(done, fits[""], rising, falling)


def holders(code: str, draft: Sequence[Rung], *, at: datetime) -> dict[int, str]:
    """Who holds the tier, and the rung of the draft that each of them fits."""
    return {member_id: _code(draft, place) for member_id, place in _rows(HOLDERS, draft, at=at, holding=code)}


def _code(draft: Sequence[Rung], place: int | None) -> str:
    return "" if place is None else draft[place].code


def _rows(query: str, draft: Sequence[Rung], *, at: datetime, holding: str = "") -> list[tuple[Any, ...]]:
    values: dict[str, Any] = {
        "club": current_club_id(),
        "at": at,
        "holding": holding,
        "codes": [rung.code for rung in draft],
        "ranks": list(range(len(draft))),
        "metrics": [rung.metric for rung in draft],
        "windows": [rung.window_days or 0 for rung in draft],
        "thresholds": [rung.threshold for rung in draft],
    }
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
