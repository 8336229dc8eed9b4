"""The nightly review: each member brought to the tier that the figures reach, upward at once, downward after a grace.

Who is to be looked at is found in one statement over all members; they are then locked some at a time and judged anew,
so that a purchase in between, or another run of the same job, is seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction

from club.ledger.book import hold_books
from club.tiers.changing import Change, change_tiers
from club.tiers.models import Grace, Tier
from club.tiers.placing import ladder_values, placed
from club.tiers.telling import WARNED_BEFORE, Fallen, Warned, tell_fallen, tell_warned
from core.bulk import waited_in_vain
from core.jalali import day_bounds, local_date
from core.rows import insert_rows
from core.tenancy.scope import club_zone

AT_ONCE = 2_000


@dataclass(frozen=True)
class Reviewed:
    """How many members rose, fell and were warned; `left`: who was busy and waits for the next run."""

    risen: int = 0
    fallen: int = 0
    warned: int = 0
    left: int = 0

    def __add__(self, other: "Reviewed") -> "Reviewed":
        return Reviewed(
            self.risen + other.risen, self.fallen + other.fallen, self.warned + other.warned, self.left + other.left
        )


class Judged(NamedTuple):
    """What is to be done about a member: places count from the lowest tier, -1 is none."""

    member_id: int
    held: str
    stands: int
    goes_to: int
    act: str
    grace_id: int | None
    falls_at: datetime | None
    missing: int
    """To the threshold of the tier held."""


def review(*, at: datetime) -> Reviewed:
    """Review every member of the club as of the moment, some in a transaction; a second run finds nothing to do."""
    due, done = _due(at), Reviewed()
    for start in range(0, len(due), AT_ONCE):
        some = due[start : start + AT_ONCE]
        try:
            done += _review(some, at)
        except OperationalError as error:
            if not waited_in_vain(error):
                raise
            done += Reviewed(left=len(some))
    return done


@transaction.atomic
def _due(at: datetime) -> list[int]:
    """Whom the review would move, warn, or give or end a grace, by id."""
    tiers = list(Tier.objects.order_by("rank"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30min'")
        cursor.execute("SET LOCAL work_mem = '128MB'")  # sums of all members at once, without sorting on disk
        cursor.execute(JUDGED.format(placed=placed(tiers)), _values(tiers, at))
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def _review(member_ids: Sequence[int], at: datetime) -> Reviewed:
    hold_books(member_ids)
    tiers = list(Tier.objects.order_by("rank"))
    judged = _judge(tiers, member_ids, at)
    changes = [_change(row, tiers, at) for row in judged if row.act in {"rise", "fall"}]
    change_tiers(changes)
    _end_graces(judged, at)
    warned = [*(row for row in judged if row.act == "wait"), *_begin_graces(judged, tiers, at)]
    Grace.objects.filter(member__in=[row.member_id for row in warned], outcome=Grace.Outcome.OPEN).update(warned_at=at)
    fallen = [_fallen(row, tiers, at) for row in judged if row.act == "fall"]
    tell_fallen(fallen, at=at)
    tell_warned([_warned(row, tiers) for row in warned], at=at)
    return Reviewed(risen=len(changes) - len(fallen), fallen=len(fallen), warned=len(warned))


def _judge(tiers: Sequence[Tier], member_ids: Sequence[int], at: datetime) -> list[Judged]:
    """The same in a statement after the wait for the locks, of these members alone."""
    with connection.cursor() as cursor:
        values = {**_values(tiers, at), "ids": list(member_ids)}
        cursor.execute(JUDGED.format(placed=placed(tiers, some=True)), values)
        return [Judged(*row) for row in cursor.fetchall()]


def _change(row: Judged, tiers: Sequence[Tier], at: datetime) -> Change:
    after = tiers[row.goes_to].code if row.goes_to >= 0 else ""
    return Change(row.member_id, row.held, after, _document(at), at)


def _fallen(row: Judged, tiers: Sequence[Tier], at: datetime) -> Fallen:
    held, after = tiers[row.stands], tiers[row.goes_to].name if row.goes_to >= 0 else ""
    return Fallen(row.member_id, held.name, after, row.missing, held.metric, _document(at))


def _warned(row: Judged, tiers: Sequence[Tier]) -> Warned:
    assert row.falls_at is not None  # noqa: S101 - of who is in a grace
    held = tiers[row.stands]
    return Warned(row.member_id, held.code, held.name, row.falls_at, row.missing, held.metric)


def _document(at: datetime) -> str:
    return f"tier_review:{local_date(at, club_zone())}"


def _end_graces(judged: Sequence[Judged], at: datetime) -> None:
    """Of who fell, and of who is no longer in danger or holds another tier by now."""
    fell = [row.grace_id for row in judged if row.grace_id and row.act == "fall"]
    kept = [row.grace_id for row in judged if row.grace_id and row.act not in {"fall", "wait"}]
    for outcome, ids in ((Grace.Outcome.FELL, fell), (Grace.Outcome.KEPT, kept)):
        if ids:
            Grace.objects.filter(pk__in=ids).update(outcome=outcome, ended_at=at)


def _begin_graces(judged: Sequence[Judged], tiers: Sequence[Tier], at: datetime) -> list[Judged]:
    """A grace for each who is below the threshold since now; those of them who are to be warned at once."""
    zone = club_zone()
    begun = []
    for row in judged:
        if row.act == "begin":
            last = local_date(at, zone) + timedelta(days=tiers[row.stands].grace_days)
            begun.append(row._replace(falls_at=day_bounds(last, zone)[1]))
    insert_rows(
        Grace,
        ("member_id", "code", "began_at", "falls_at"),
        [(row.member_id, row.held, at, row.falls_at) for row in begun],
    )
    return [row for row in begun if row.falls_at and row.falls_at - WARNED_BEFORE <= at]


def _values(tiers: Sequence[Tier], at: datetime) -> dict[str, Any]:
    return {
        **ladder_values(tiers, at=at),
        "places": list(range(len(tiers))),
        "ways_down": [tier.downgrade for tier in tiers],
        "grace_days": [tier.grace_days for tier in tiers],
        "warned_before": WARNED_BEFORE,
    }


# What becomes of each member: a grace counts for the tier it was given in, and its end was promised.
JUDGED = """
{placed}, rule AS (
    SELECT * FROM unnest(%(codes)s::text[], %(places)s::int[], %(ways_down)s::text[], %(grace_days)s::int[])
        AS r (code, place, way_down, days)
), judged AS (
    SELECT p.id, p.held, p.missing, coalesce(r.place, -1) AS stands, coalesce(p.fits, -1) AS fits, r.way_down,
        g.id AS grace_id, g.falls_at, g.warned_at,
        CASE WHEN coalesce(p.fits, -1) > coalesce(r.place, -1) THEN 'rise'
             WHEN r.place IS NULL OR p.fits = r.place OR r.way_down = 'never' THEN 'keep'
             WHEN g.code = p.held THEN CASE WHEN g.falls_at <= %(at)s THEN 'fall' ELSE 'wait' END
             WHEN r.days = 0 THEN 'fall'
             ELSE 'begin' END AS act
    FROM placed p LEFT JOIN rule r ON r.code = p.held
    LEFT JOIN tiers_grace g ON g.club_id = %(club)s AND g.member_id = p.id AND g.outcome = 'open'
)
SELECT id, held, stands, CASE WHEN act = 'fall' AND way_down = 'one_step' THEN stands - 1 ELSE fits END AS goes_to, act,
    grace_id, falls_at, greatest(missing, 0)
FROM judged
WHERE act IN ('rise', 'fall', 'begin') OR act = 'keep' AND grace_id IS NOT NULL
   OR act = 'wait' AND warned_at IS NULL AND falls_at - %(warned_before)s <= %(at)s
ORDER BY id
"""
