"""How far a member's purchases have filled the club's missions, and which rounds of them were won.

Reads nothing where the club has no mission that is open: which ones are comes along with the facts of a purchase.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from club.missions.rules import BY_LINES, Bought, Rule, Stretch, Visit, due, stretch_at
from club.purchases.facts import Facts
from club.purchases.pricing import Line
from club.purchases.shares import LineShare
from club.tiers.ladder import Step, step_of
from core.tenancy.scope import club_zone, current_club_id


@dataclass(frozen=True)
class Round:
    """A win that holds: its row, and the round of its mission."""

    win: int
    mission: int
    window: str
    number: int


@dataclass(frozen=True)
class Record:
    """What a member has bought and won, as far as missions ask."""

    visits: tuple[Visit, ...] = ()
    rounds: tuple[Round, ...] = ()

    def won(self, rule: Rule, window: str) -> list[Round]:
        """The rounds won of a mission in a window, the first one first."""
        found = [one for one in self.rounds if one.mission == rule.id and one.window == window]
        return sorted(found, key=lambda one: one.number)

    def with_visit(self, visit: Visit) -> "Record":
        """The record with this purchase in it."""
        return replace(self, visits=(*self.visits, visit))


@dataclass(frozen=True)
class Undone:
    """What a refund takes out of a purchase: of its lines, of its points, and whether nothing is left."""

    purchase_id: int
    shares: Sequence[LineShare]
    points: int
    fully: bool


@dataclass(frozen=True)
class Lost:
    """The rounds that a refund undoes, and the names of their missions."""

    rounds: tuple[Round, ...] = ()
    missions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Advance:
    """A mission before and after a purchase, and the rounds that it fills, by number."""

    rule: Rule
    before: Stretch
    after: Stretch
    window: str
    filled: tuple[int, ...] = ()

    @property
    def moved(self) -> bool:
        return self.after.total != self.before.total

    def as_json(self) -> dict[str, object]:
        """How the receipt says it: where the round stands that this purchase was counted in, and if it is full."""
        full = self.after.fills > self.before.fills
        return {
            "id": self.rule.id,
            "name": self.rule.name,
            "counts": self.rule.counts,
            "icon": self.rule.icon,
            "progress": self.rule.target if full else self.after.progress,
            "target": self.rule.target,
            "filled": len(self.filled),
        }


def read_record(member_id: int, rules: Sequence[Rule], *, at: datetime | None) -> Record:
    """What the member bought and won, in one statement; `at`: only the windows around this moment."""
    return read_records([member_id], rules, at=at)[member_id] if rules else Record()


def read_records(member_ids: Sequence[int], rules: Sequence[Rule], *, at: datetime | None) -> dict[int, Record]:
    """The same for many members, in one statement."""
    sent: dict[str, Any] = {
        "club": current_club_id(),
        "members": list(member_ids),
        "since": _since(rules, at),
        "lines": any(rule.of or rule.counts in BY_LINES for rule in rules),
        "missions": [rule.id for rule in rules],
    }
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, sent)
        return {member_id: _record(visits, rounds) for member_id, visits, rounds in cursor.fetchall()}


def _record(visits: str | None, rounds: str | None) -> Record:
    return Record(
        tuple(_visit(row) for row in json.loads(visits or "[]")),
        tuple(Round(*row) for row in json.loads(rounds or "[]")),
    )


def advanced(facts: Facts, lines: Sequence[Line], *, points: int, silent: bool) -> tuple[Advance, ...]:
    """What a purchase that is being reckoned does to the open missions; no query where there is none."""
    member = facts.member
    if member is None or not facts.missions:
        return ()
    record = read_record(member.id, facts.missions, at=facts.at) if member.id else Record()
    visit = visit_of(facts.purchase_id, facts.at, lines, points=points, silent=silent)
    may = held_and_below(facts.steps, facts.tier.code if facts.tier else "")
    return tuple(advances(facts.missions, record, visit, may=may))


def visit_of(purchase_id: int, at: datetime, lines: Iterable[Line], *, points: int, silent: bool = False) -> Visit:
    """The purchase that is being recorded."""
    bought = tuple(Bought(line.product, line.groups, line.quantity, line.net) for line in lines)
    return Visit(purchase_id, at, sum(line.net for line in bought), points, bought, silent)


def advances(rules: Iterable[Rule], record: Record, visit: Visit, *, may: Collection[str]) -> list[Advance]:
    """What the purchase does to each mission that it counts for; `may`: the codes of the tiers held and below.

    One that is filled for good, or for its window, stands where it stood: nothing is said of it.
    """
    found = []
    for rule in rules:
        if not rule.is_open(visit.at) or (rule.tier_code and rule.tier_code not in may):
            continue
        zone, after = club_zone(), record.with_visit(visit)
        was = stretch_at(rule, record.visits, visit.at, zone)
        becomes = stretch_at(rule, after.visits, visit.at, zone)
        window = rule.window_of(visit.at, zone)
        won = record.won(rule, window)
        first = won[-1].number + 1 if won else 1
        owed = 0 if visit.silent else max(0, due(rule, after.visits, zone).get(window, 0) - len(won))
        advance = Advance(rule, was, becomes, window, tuple(range(first, first + owed)))
        is_done = rule.again != "each" and bool(was.fills or (won and rule.again == "once"))
        if owed or (advance.moved and not is_done):
            found.append(advance)
    return found


def held_and_below(steps: Sequence[Step], code: str) -> frozenset[str]:
    """The codes of the tier and of those below it."""
    held = step_of(steps, code)
    return frozenset(step.code for step in steps if held and step.rank <= held.rank)


def lost_rounds(rules: Iterable[Rule], record: Record, undone: Undone) -> Lost:
    """The rounds that no longer hold when this of a purchase is undone, of each mission the newest first.

    Only what the refund itself undoes: a round that did not hold before stays.
    """
    left = tuple(
        _less(visit, undone) if visit.id == undone.purchase_id else visit
        for visit in record.visits
        if not (undone.fully and visit.id == undone.purchase_id)
    )
    zone = club_zone()
    lost: list[Round] = []
    for rule in rules:
        before, after = due(rule, record.visits, zone), due(rule, left, zone)
        for window, count in before.items():
            won, holds = record.won(rule, window), after.get(window, 0)
            if count > holds:
                # Two records made one may have won more than both fill together: with the last of it all goes.
                gone = min(count - holds, len(won) - holds) if holds else len(won)
                lost += won[::-1][: max(0, gone)]
    lost_of = {one.mission for one in lost}
    return Lost(tuple(lost), tuple(rule.name for rule in rules if rule.id in lost_of))


def _less(visit: Visit, undone: Undone) -> Visit:
    shares = {share.index: share for share in undone.shares}
    lines = tuple(
        _line_less(line, shares[index]) if index in shares else line for index, line in enumerate(visit.lines)
    )
    net = visit.net - sum(share.net for share in undone.shares)
    return replace(visit, net=net, points=visit.points - undone.points, lines=lines)


def _line_less(line: Bought, share: LineShare) -> Bought:
    """A line of which the whole price came back is no unit any more."""
    net = line.net - share.net
    return replace(line, quantity=line.quantity - share.quantity if net or not line.net else 0, net=net)


def _since(rules: Sequence[Rule], at: datetime | None) -> datetime | None:
    """From when on purchases matter; None: from the first."""
    starts = [rule.span(at, club_zone())[0] if at else rule.starts_at for rule in rules]
    return None if None in starts else min(start for start in starts if start)


def _visit(row: list[Any]) -> Visit:
    """One of what VISITS answers."""
    purchase_id, at, net, points, silent, lines = row
    bought = tuple(Bought(product, tuple(groups), quantity, left) for product, groups, quantity, left in lines or [])
    return Visit(purchase_id, datetime.fromisoformat(at), net, points, bought, silent)


# What is left of each purchase. A line of which the whole price came back is no unit any more.
VISITS = """
SELECT jsonb_agg(jsonb_build_array(p.id, p.occurred_at, p.net - p.refunded,
    p.points_earned - coalesce((SELECT sum(r.points_taken_back + r.points_shortfall) FROM purchases_refund r
        WHERE r.club_id = p.club_id AND r.purchase_id = p.id), 0),
    p.imported OR p.facts ? 'is_settled',
    CASE WHEN %(lines)s THEN (
        SELECT jsonb_agg(jsonb_build_array(l.product_code, l.group_codes,
            CASE WHEN l.refunded_net = l.net AND l.net > 0 THEN 0 ELSE l.quantity - l.refunded_quantity END,
            l.net - l.refunded_net) ORDER BY l.index)
        FROM purchases_purchaseline l WHERE l.club_id = p.club_id AND l.purchase_id = p.id) END))
FROM purchases_purchase p WHERE p.club_id = %(club)s AND p.member_id = m.id AND NOT p.fully_refunded
    AND (%(since)s::timestamptz IS NULL OR p.occurred_at >= %(since)s)
"""
# The wins that hold.
ROUNDS = """
SELECT jsonb_agg(jsonb_build_array(w.id, w.mission_id, w."window", w.number) ORDER BY w.id)
FROM missions_missionwin w WHERE w.club_id = %(club)s AND w.member_id = m.id AND NOT w.taken_back
    AND w.mission_id = ANY(%(missions)s)
"""
RECORDS = f"SELECT m.id, ({VISITS}), ({ROUNDS}) FROM unnest(%(members)s::bigint[]) AS m(id)"  # noqa: S608 - our own
