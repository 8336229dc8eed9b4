"""What missions brought so far, and how many members have come how far: for managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Sum

from club.awards.models import Award
from club.missions.models import Mission, MissionWin
from club.missions.selectors import rules, won_so_far
from core.tenancy.scope import club_zone, current_club_id


@dataclass(frozen=True)
class Figures:
    """How often a mission was filled, by how many members, and what it cost in worth; a code costs when it is used."""

    times: int = 0
    members: int = 0
    cost: int = 0


@dataclass(frozen=True)
class Reach:
    """How many members have begun the window of now, come half the way, and filled it."""

    started: int
    half: int
    filled: int


def figures_of(some: Sequence[Mission]) -> dict[int, Figures]:
    """The figures of each mission, in three queries."""
    ids = [mission.pk for mission in some]
    won = won_so_far(ids)
    pairs = MissionWin.objects.filter(mission__in=ids, offer__isnull=False).values_list("mission", "offer").distinct()
    offers = {offer: mission for mission, offer in pairs}
    cost: dict[int, int] = {}
    awards = Award.objects.filter(offer__in=offers, given_back=False).values_list("offer").annotate(worth=Sum("worth"))
    for offer, worth in awards:
        cost[offers[offer]] = cost.get(offers[offer], 0) + worth
    return {pk: Figures(**won.get(pk, {}), cost=cost.get(pk, 0)) for pk in ids}


def reach_of(mission: Mission, *, at: datetime) -> Reach | None:
    """How far members are in the window of now, in one query; None where each member has a window of their own."""
    if mission.window == Mission.Window.DAYS:
        return None
    [rule] = rules([mission])
    since, until = rule.span(at, club_zone())
    sent = {
        "club": current_club_id(),
        "since": since,
        "until": until,
        "of": sorted(mission.of),
        "target": mission.target,
    }
    with connection.cursor() as cursor:
        cursor.execute(MEASURES[mission.counts, bool(mission.of)], sent)
        return Reach(*(int(count) for count in cursor.fetchone()))


_BOUGHT = """
FROM purchases_purchase p <more>
WHERE p.club_id = %(club)s AND p.member_id IS NOT NULL AND NOT p.fully_refunded
    AND (%(since)s::timestamptz IS NULL OR p.occurred_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR p.occurred_at < %(until)s)
"""
_REACH = """
SELECT count(*) FILTER (WHERE total >= 1), count(*) FILTER (WHERE total * 2 >= %(target)s),
    count(*) FILTER (WHERE total >= %(target)s)
FROM (SELECT p.member_id, <total> AS total <bought> GROUP BY p.member_id) totals
"""
_POINTS = """p.points_earned - coalesce((SELECT sum(r.points_taken_back + r.points_shortfall) FROM purchases_refund r
    WHERE r.club_id = p.club_id AND r.purchase_id = p.id), 0)"""
_LEFT = "CASE WHEN l.refunded_net = l.net AND l.net > 0 THEN 0 ELSE l.quantity - l.refunded_quantity END"
_LINES = "JOIN purchases_purchaseline l ON l.club_id = %(club)s AND l.purchase_id = p.id"
_GROUPS = f"{_LINES} CROSS JOIN LATERAL jsonb_array_elements_text(l.group_codes) AS g(code)"
_OF_LINES = f"""AND {_LEFT} > 0
    AND (cardinality(%(of)s::text[]) = 0 OR l.product_code = ANY(%(of)s) OR l.group_codes ?| %(of)s)"""


def _by_purchase(total: str) -> str:
    return _REACH.replace("<total>", total).replace("<bought>", _BOUGHT.replace("<more>", ""))


def _by_line(total: str, joined: str = _LINES) -> str:
    return _REACH.replace("<total>", total).replace("<bought>", _BOUGHT.replace("<more>", joined) + _OF_LINES)


# By what is counted, and whether only of some goods.
MEASURES = {
    ("visits", False): _by_purchase("count(*)"),
    ("spent", False): _by_purchase("sum(p.net - p.refunded)"),
    ("points", False): _by_purchase(f"sum({_POINTS})"),
    ("visits", True): _by_line("count(DISTINCT p.id)"),
    ("spent", True): _by_line("sum(l.net - l.refunded_net)"),
    **{("units", some): _by_line(f"sum({_LEFT})") for some in (False, True)},
    **{("products", some): _by_line("count(DISTINCT nullif(l.product_code, ''))") for some in (False, True)},
    ("groups", False): _by_line("count(DISTINCT g.code)", _GROUPS),
    ("groups", True): _by_line("count(DISTINCT g.code) FILTER (WHERE g.code = ANY(%(of)s))", _GROUPS),
}
