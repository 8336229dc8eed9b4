"""Where each member stands on a ladder by what was reached of it: the SQL that the forecast and the review share."""

from collections.abc import Mapping, Sequence
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


LIVING = "m.status <> 'erased'"
HOLDERS = "m.tier_code = %(holding)s"
"""Erased ones too: of a tier that goes nobody may be left behind."""


def ladder_values(ladder: Sequence[Rung], *, at: datetime) -> dict[str, Any]:
    """What `placed` asks for: the rungs from the lowest, whose places count from 0, and the moment."""
    values: dict[str, Any] = {"club": current_club_id(), "at": at, "codes": [rung.code for rung in ladder]}
    for place, rung in enumerate(ladder):
        values |= {
            f"code_{place}": rung.code,
            f"threshold_{place}": rung.threshold,
            f"window_{place}": rung.window_days,
        }
    return values


def placed(ladder: Sequence[Rung], *, which: str = LIVING, some: bool = False) -> str:
    """SQL of `placed (id, held, fits, missing)`: each member's tier and the place of the highest rung that is reached
    or that is a floor, by hand or for a time; and what is missing to the rung of the tier held.

    Sums go over the whole tables once, not member by member as in `club.tiers.selectors`; figures without a window are
    the member's own, so that the usual ladder joins nothing at all. `some`: only the members of `%(ids)s`, read by
    their own rows.
    """
    measures = {(rung.metric, rung.window_days): place for place, rung in enumerate(ladder)}
    summed = {measure: place for measure, place in measures.items() if measure[0] == "points" or measure[1]}
    sums = "".join(f"reached_{place} AS ({_sum(metric, place, some=some)}), " for (metric, _w), place in summed.items())
    joins = "".join(f" LEFT JOIN reached_{place} ON reached_{place}.member_id = m.id" for place in summed.values())
    reached = [_reached(rung, summed) for rung in ladder]
    tops = "".join(
        f" WHEN {reached[place]} >= %(threshold_{place})s THEN {place}" for place in reversed(range(len(ladder)))
    )
    gaps = "".join(
        f" WHEN %(code_{place})s THEN %(threshold_{place})s - {reached[place]}" for place in range(len(ladder))
    )
    return f"""WITH {sums}given AS (
        SELECT member_id, max(array_position(%(codes)s::text[], code::text)) - 1 AS place
        FROM tiers_tiergrant WHERE club_id = %(club)s AND NOT ended GROUP BY 1
    ), placed AS (
        SELECT m.id, m.tier_code AS held, greatest(CASE{tops or " WHEN false THEN 0"} END, given.place,
                array_position(%(codes)s::text[], m.tier_floor::text) - 1) AS fits,
            CASE m.tier_code{gaps or " WHEN '' THEN 0"} END::bigint AS missing
        FROM members_member m{joins} LEFT JOIN given ON given.member_id = m.id
        WHERE m.club_id = %(club)s AND {which}{" AND m.id = ANY(%(ids)s)" if some else ""}
    )"""  # noqa: S608 - places are numbers, all else are parameters


def _reached(rung: Rung, summed: Mapping[tuple[str, int | None], int]) -> str:
    """What the member has of the rung's metric."""
    place = summed.get((rung.metric, rung.window_days))
    if place is not None:
        return f"coalesce(reached_{place}.amount, 0)"
    return "m.visits" if rung.metric == "visits" else "m.spent_rial"


def _sum(metric: str, place: int, *, some: bool) -> str:
    """SQL of what each member has of the metric within the window of the rung at the place."""
    begin = f"%(at)s - make_interval(days => %(window_{place})s)"
    if metric == "points":
        return POINTS.format(begin=begin, place=place, some=SOME_EARNERS if some else "")
    amount = "count(*) FILTER (WHERE NOT p.fully_refunded)" if metric == "visits" else "sum(p.net - p.refunded)"
    return f"""SELECT p.member_id, {amount} AS amount FROM purchases_purchase p
        WHERE p.club_id = %(club)s AND p.occurred_at > {begin} AND p.member_id IS NOT NULL
        {" AND p.member_id = ANY(%(ids)s)" if some else ""} GROUP BY 1"""  # noqa: S608


POINTS = """SELECT coalesce(o.merged_into_id, o.id) AS member_id, sum(e.delta) AS amount FROM ledger_entry e
        JOIN ledger_wallet l ON l.club_id = e.club_id AND l.id = e.wallet_id AND l.unit = 'points'
        JOIN members_member o ON o.club_id = l.club_id AND o.id = l.member_id
        WHERE e.club_id = %(club)s AND (%(window_{place})s::int IS NULL OR e.occurred_at > {begin}){some}
          AND (e.kind IN ('opening', 'earn', 'take_back') OR e.kind = 'reverse' AND EXISTS (
            SELECT FROM ledger_entry r WHERE r.club_id = e.club_id AND r.id = e.reverses_id
              AND r.kind IN ('opening', 'earn', 'take_back')))
        GROUP BY 1"""
SOME_EARNERS = " AND (o.id = ANY(%(ids)s) OR o.merged_into_id = ANY(%(ids)s))"
