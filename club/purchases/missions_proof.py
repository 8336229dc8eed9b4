"""The proof that what missions gave was earned: wins against purchases, awards and the ledger."""

from collections.abc import Iterator

from club.ledger.proof import Fault, found
from club.missions.models import Mission, MissionWin
from club.missions.rules import SETS, Rule, stretches
from club.missions.selectors import rules
from club.purchases.missions import Record, read_records
from core.tenancy.scope import club_zone
from offers.made import AT_ONCE

BATCH = 500


def verify_missions() -> list[Fault]:
    """Every win that is not what the ledger has of it, or that the member's purchases do not fill."""
    faults = [
        Fault(0, f"{kind} {row_id}: {what}")
        for (kind, what), sql in WINS.items()
        for row_id in found(sql, at_once=sorted(AT_ONCE))
    ]
    return faults + [Fault(0, f"mission win {win}: the purchases do not fill it") for win in _unfilled()]


def _unfilled() -> Iterator[int]:
    """The wins beyond those that the purchases fill. Windows that a purchase opens move with it and are left out."""
    asked = rules(Mission.objects.filter(wins__taken_back=False).exclude(window="days").distinct().order_by("pk"))
    if not asked:
        return
    held = MissionWin.objects.filter(taken_back=False, mission__in=[rule.id for rule in asked])
    members = list(held.order_by("member").values_list("member", flat=True).distinct())
    for start in range(0, len(members), BATCH):
        for record in read_records(members[start : start + BATCH], asked, at=None).values():
            for rule in asked:
                yield from _beyond(rule, record)


def _beyond(rule: Rule, record: Record) -> list[int]:
    """Of two records made one each may have won what is won once, or have tried the same goods."""
    fills: dict[str, int] = {}
    zone = club_zone()
    for one in stretches(rule, record.visits, zone):
        name = rule.window_of(one.start, zone) if one.start else ""
        fills[name] = fills.get(name, 0) + one.fills
    windows = {one.window for one in record.rounds if one.mission == rule.id}
    adds_up = rule.again == "each" and rule.counts not in SETS
    beyond = []
    for window in windows:
        won, most = record.won(rule, window), fills.get(window, 0)
        if len(won) > most and (adds_up or not most):
            beyond += [one.win for one in won[most:]]
    return beyond


# By what is wrong, with the kind of the document: the ids of those it is wrong with.
WINS = {
    ("mission", "it was not won as often as it says"): """
        SELECT m.id FROM missions_mission m
        LEFT JOIN (SELECT mission_id, count(*) AS won FROM missions_missionwin
                   WHERE club_id = %(club)s AND NOT taken_back GROUP BY mission_id) w ON w.mission_id = m.id
        WHERE m.club_id = %(club)s AND m.won <> coalesce(w.won, 0)""",
    ("mission win", "what it gave is not what the ledger has of it"): """
        SELECT w.id FROM missions_missionwin w
        LEFT JOIN (SELECT document, sum(points) AS points, sum(credit) AS credit, sum(worth) AS worth,
                       bool_and(given_back) AS back
                   FROM awards_award WHERE club_id = %(club)s AND document LIKE 'mission:%%' GROUP BY document) a
            ON a.document = 'mission:' || w.id
        LEFT JOIN (
            SELECT e.document, w.member_id, sum(e.delta) FILTER (WHERE w.unit = 'points') AS points,
                sum(e.delta) FILTER (WHERE w.unit = 'credit') AS credit
            FROM ledger_entry e JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
            WHERE e.club_id = %(club)s AND e.kind = 'earn' AND e.document LIKE 'mission:%%'
            GROUP BY e.document, w.member_id
        ) e ON e.document = 'mission:' || w.id
        LEFT JOIN members_member m ON m.club_id = w.club_id AND m.id = e.member_id
        WHERE w.club_id = %(club)s AND (
            coalesce(a.points, 0) <> coalesce(e.points, 0) OR coalesce(a.credit, 0) <> coalesce(e.credit, 0)
            OR coalesce(a.worth, 0) <> w.worth OR coalesce(a.back, w.taken_back) <> w.taken_back
            OR w.member_id <> coalesce(m.merged_into_id, e.member_id))""",
    ("mission win", "its code is not there, or is another than was won"): """
        SELECT w.id FROM missions_missionwin w JOIN offers_offer o ON o.club_id = w.club_id AND o.id = w.offer_id
        LEFT JOIN offers_coupon c ON c.club_id = w.club_id AND c.document = 'mission:' || w.id
            AND c.offer_id = w.offer_id
        WHERE w.club_id = %(club)s AND o.terms->'benefit'->>'kind' <> ALL(%(at_once)s)
            AND ((c.member_id, c.uses) IS DISTINCT FROM (w.member_id, 1) OR w.taken_back AND NOT c.void)""",
    ("entry", "it names a win that is not there"): """
        SELECT e.id FROM ledger_entry e
        LEFT JOIN missions_missionwin w ON w.club_id = e.club_id AND e.document = 'mission:' || w.id
        WHERE e.club_id = %(club)s AND e.document LIKE 'mission:%%' AND w.id IS NULL""",
    ("mission win", "it is not there, or somebody else's, the purchase that filled it"): """
        SELECT w.id FROM missions_missionwin w
        LEFT JOIN purchases_purchase p ON p.club_id = w.club_id AND w.cause = 'purchase:' || p.id
        WHERE w.club_id = %(club)s AND p.member_id IS DISTINCT FROM w.member_id""",
}
