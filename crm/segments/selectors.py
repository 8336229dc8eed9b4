"""Reads of segments: lists, sizes over time, who is in one and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from club.members.models import Member, Segment, SegmentDay, SegmentMember
from core.errors import NotFound
from core.jalali import local_date
from core.tenancy.scope import club_zone

DAYS = 90


@dataclass(frozen=True)
class Day:
    """A day of a segment: its size then, and how many came and went."""

    day: date
    size: int
    entered: int = 0
    left: int = 0


def get_segment(segment_id: int) -> Segment:
    """The segment, an archived one too. Raises NotFound, also for another club's."""
    segment = Segment.objects.filter(pk=segment_id).first() if 0 < segment_id < 2**63 else None
    if segment is None:
        raise NotFound
    return segment


def open_segment(segment_id: int) -> Segment:
    """The segment. Raises NotFound for an archived one."""
    segment = get_segment(segment_id)
    if segment.archived_at:
        raise NotFound
    return segment


def segments(*, archived: bool = False) -> list[Segment]:
    """The club's segments by name."""
    return list(Segment.objects.filter(archived_at__isnull=not archived))


def days_of(segment: Segment, now: datetime, *, days: int = DAYS) -> list[Day]:
    """A row for each day that is known of the last so many; a day without one has the size of the day before."""
    today = local_date(now, club_zone())
    rows = SegmentDay.objects.filter(segment=segment, day__gt=today - timedelta(days=days), day__lte=today)
    known = {row.day: Day(row.day, row.size, row.entered, row.left) for row in rows}
    found: list[Day] = []
    day = min(known, default=today)
    while day <= today and known:
        found.append(known.get(day) or Day(day, found[-1].size))
        day += timedelta(days=1)
    return found


def change_within(found: Sequence[Segment], now: datetime, *, days: int = 30) -> dict[int, int]:
    """By how many each of the segments grew in so many days, in one query."""
    since = local_date(now, club_zone()) - timedelta(days=days)
    grown = {segment.pk: 0 for segment in found}
    rows = SegmentDay.objects.filter(segment__in=grown, day__gt=since)
    for segment, entered, left in rows.values_list("segment", "entered", "left"):
        grown[segment] += entered - left
    return grown


def members_page(segment: Segment, *, before: int | None, limit: int) -> list[SegmentMember]:
    """Who came last first; `before` is the row of the last one already shown."""
    rows = _rows(segment)
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def _rows(segment: Segment) -> QuerySet[SegmentMember]:
    rows = SegmentMember.objects.filter(segment=segment).exclude(member__status=Member.Status.ERASED)
    return rows.select_related("member").order_by("-pk")
