"""Who is in which segment: written in sets, only what changes, each change told once as a domain event."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from club.members.segment_models import Segment, SegmentMember
from core.errors import NotFound
from core.jalali import local_date
from core.tenancy.scope import club_zone, current_club_id

ENTERED, LEFT = "segment.entered", "segment.left"


@dataclass(frozen=True)
class Moved:
    """How many members entered a segment and left it."""

    entered: int = 0
    left: int = 0

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(self.entered + other.entered, self.left + other.left)


@dataclass(frozen=True)
class Wanted:
    """Who should be in a segment among the members of the ids above `low` and up to `high`: a SELECT of ids.

    It may name its parameters, `club`, `low` and `high` among them.
    """

    sql: str
    sent: Mapping[str, Any]
    low: int = 0
    high: int = 2**63 - 1


def lock_segment(segment_id: int) -> Segment:
    """The segment, locked: who writes its members takes turns. Raises NotFound."""
    segment = Segment.objects.select_for_update(no_key=True).filter(pk=segment_id).first()
    if segment is None:
        raise NotFound
    return segment


def put_wanted(segment: Segment, wanted: Wanted, *, at: datetime, tell: bool = True) -> Moved:
    """Make the locked segment's members in the range those that are wanted, in the running transaction.

    With `tell` each who comes and goes is told as `segment.entered` or `segment.left`, with the segment's document and
    its code. Size and day are kept along.
    """
    sent = {
        **wanted.sent,
        "club": current_club_id(),
        "segment": segment.pk,
        "low": wanted.low,
        "high": wanted.high,
        "at": at,
        "tell": tell,
        "document": segment.document,
        "code": segment.code,
        "day": local_date(at, club_zone()),
    }
    with connection.cursor() as cursor:
        cursor.execute(PUT.replace("{wanted}", wanted.sql), sent)
        entered, left = cursor.fetchone()
        if entered or left:
            cursor.execute(COUNT_ON, {**sent, "entered": entered, "left": left})
    return Moved(entered, left)


def put_members(segment_id: int, member_ids: Collection[int], *, at: datetime, tell: bool = True) -> Moved:
    """Make these the members of the segment, all others leave. Raises NotFound."""
    return _put_list(segment_id, LISTED, member_ids, at, tell=tell)


def add_members(segment_id: int, member_ids: Collection[int], *, at: datetime, tell: bool = True) -> Moved:
    """Let these enter the segment; who is in it stays. Raises NotFound."""
    return _put_list(segment_id, f"{LISTED} UNION {THERE}", member_ids, at, tell=tell)


def remove_members(segment_id: int, member_ids: Collection[int], *, at: datetime, tell: bool = True) -> Moved:
    """Let these leave the segment. Raises NotFound."""
    return _put_list(segment_id, f"{THERE} AND member_id <> ALL(%(ids)s::bigint[])", member_ids, at, tell=tell)


def _put_list(segment_id: int, sql: str, ids: Collection[int], at: datetime, *, tell: bool) -> Moved:
    with transaction.atomic():
        segment = lock_segment(segment_id)
        return put_wanted(segment, Wanted(sql, {"ids": sorted(set(ids))}), at=at, tell=tell)


def recount_size(segment: Segment, *, at: datetime) -> None:
    """Count the locked segment's members anew, and note today's size also where nobody came or went."""
    sent: dict[str, Any] = {
        "club": current_club_id(),
        "segment": segment.pk,
        "at": at,
        "day": local_date(at, club_zone()),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ANEW, sent)
    segment.refresh_from_db(fields=["size", "counted_at"])


def follow_merge(source_id: int, into_id: int, *, at: datetime) -> None:
    """The lists that a merged record was on are those of who took it over; the rules' segments are counted anew.

    Nothing is told: the person neither came nor went.
    """
    rows = SegmentMember.objects.filter(member=source_id)
    for segment_id in rows.order_by("segment_id").values_list("segment_id", flat=True):
        with transaction.atomic():
            segment = lock_segment(segment_id)
            if not segment.is_live:
                add_members(segment_id, [into_id], at=at, tell=False)
            remove_members(segment_id, [source_id], at=at, tell=False)


def forget_members(member_ids: Collection[int], *, at: datetime) -> None:
    """Take erased records out of every segment."""
    rows = SegmentMember.objects.filter(member__in=member_ids)
    for segment_id in rows.order_by("segment_id").values_list("segment_id", flat=True).distinct():
        remove_members(segment_id, member_ids, at=at, tell=False)


LISTED = "SELECT id FROM members_member WHERE club_id = %(club)s AND id = ANY(%(ids)s::bigint[]) AND status <> 'erased'"
THERE = "SELECT member_id FROM members_segmentmember WHERE club_id = %(club)s AND segment_id = %(segment)s"
# The lists are compared before anything is written, so that a night on which nothing changed writes nothing.
PUT = """
WITH wanted AS MATERIALIZED ({wanted}
), there AS MATERIALIZED (
    SELECT member_id FROM members_segmentmember
    WHERE club_id = %(club)s AND segment_id = %(segment)s AND member_id > %(low)s AND member_id <= %(high)s
), gone AS (
    DELETE FROM members_segmentmember WHERE club_id = %(club)s AND segment_id = %(segment)s
        AND member_id = ANY(ARRAY(SELECT member_id FROM there EXCEPT SELECT * FROM wanted))
    RETURNING member_id
), come AS (
    INSERT INTO members_segmentmember (club_id, segment_id, member_id, since)
    SELECT %(club)s, %(segment)s, n.member_id, %(at)s
    FROM (SELECT * FROM wanted EXCEPT SELECT member_id FROM there ORDER BY 1) n(member_id)
    ON CONFLICT (club_id, segment_id, member_id) DO NOTHING RETURNING member_id
), told AS (
    INSERT INTO core_domainevent (club_id, kind, member_id, document, data, occurred_at)
    SELECT %(club)s, moved.kind, moved.member_id, %(document)s, jsonb_build_object('code', %(code)s::text), %(at)s
    FROM (SELECT 'segment.left' AS kind, member_id FROM gone
          UNION ALL SELECT 'segment.entered', member_id FROM come) moved
    WHERE %(tell)s ORDER BY moved.member_id
)
SELECT (SELECT count(*) FROM come), (SELECT count(*) FROM gone)
"""
COUNT_ON = """
WITH now AS (
    UPDATE members_segment SET size = size + %(entered)s - %(left)s
    WHERE club_id = %(club)s AND id = %(segment)s RETURNING size
)
INSERT INTO members_segmentday AS d (club_id, segment_id, day, size, entered, "left")
SELECT %(club)s, %(segment)s, %(day)s, size, %(entered)s, %(left)s FROM now
ON CONFLICT (club_id, segment_id, day) DO UPDATE
    SET size = excluded.size, entered = d.entered + excluded.entered, "left" = d."left" + excluded."left"
"""
COUNT_ANEW = """
WITH now AS (
    UPDATE members_segment SET counted_at = %(at)s, size = (
        SELECT count(*) FROM members_segmentmember WHERE club_id = %(club)s AND segment_id = %(segment)s)
    WHERE club_id = %(club)s AND id = %(segment)s RETURNING size
)
INSERT INTO members_segmentday AS d (club_id, segment_id, day, size, entered, "left")
SELECT %(club)s, %(segment)s, %(day)s, size, 0, 0 FROM now
ON CONFLICT (club_id, segment_id, day) DO UPDATE SET size = excluded.size WHERE d.size <> excluded.size
"""
