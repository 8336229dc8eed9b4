"""Who fits the rules of live segments, counted anew: all of them by night, one member after what happened to them."""

import logging
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from django.db import OperationalError, connection, transaction
from django.db.models import Max, QuerySet

from club.members.models import CustomField, Member, Segment
from club.members.segments import Moved, Wanted, lock_segment, put_wanted, recount_size
from club.members.selectors import segment_codes
from club.tiers.models import Tier
from core.bulk import TRIES, waited_in_vain
from core.errors import NotFound, ValidationFailed
from core.tenancy.scope import club_zone, current_club_id
from crm.segments.counting import View, fitting
from crm.segments.rules import parse_rules
from offers.known import Known
from offers.rules import Group

log = logging.getLogger(__name__)
STEP = 200_000
"""So many ids are looked at in one transaction."""
AT_ONCE = 20_000
"""A club of up to so many members is counted while the manager waits."""
SAMPLED = 10_000
"""Of a larger one about so many are looked at to say how many would fit."""
OLD = timedelta(days=2)


def count_segments(*, now: datetime) -> str:
    """Every live segment counted anew; what changed, in words."""
    return _counted(Segment.objects.filter(archived_at=None), now)


def count_new(*, now: datetime) -> str:
    """Those whose rules were made or changed and that nobody counted since."""
    return _counted(Segment.objects.filter(archived_at=None, counted_at=None), now)


def _counted(segments: QuerySet[Segment], now: datetime) -> str:
    moved, many = Moved(), 0
    for segment in segments.order_by("pk"):
        moved, many = moved + recount(segment, now=now), many + 1
    return f"{many} segments, {moved.entered} entered, {moved.left} left"


def recount(segment: Segment, *, now: datetime) -> Moved:
    """Count this one anew, some 200,000 ids a transaction, and note its size of today.

    Who fits the rules when these are new or changed did nothing for it: that is not told.
    """
    moved, began = Moved(), monotonic()
    group = rules_of(segment, own_fields()) if segment.is_live else None
    if group is not None:
        last = Member.objects.aggregate(last=Max("pk"))["last"] or 0
        for low in range(0, last, STEP):
            by_now = now + timedelta(seconds=monotonic() - began)  # with what was bought since the count began
            view = _view(by_now, low=low, high=low + STEP)
            moved += _again(partial(_put, segment, fitting(group, view), by_now))
    _again(partial(_sized, segment, now))
    return moved


def recount_member(member_id: int, *, at: datetime, tell: bool = True) -> Moved:
    """See for one member which rules fit since something happened at this moment, or since they were last counted.

    A segment is locked only where that has changed. What is recorded late is judged with what came after it. What lies
    days before the last count is in it: history that is brought in waits for the night.
    """
    moved = Moved()
    segments = list(Segment.objects.filter(kind=Segment.Kind.LIVE, archived_at=None, counted_at__isnull=False))
    if not segments:
        return moved
    inside, known = set(segment_codes([member_id]).get(member_id, ())), own_fields()
    ranks = _ranks()
    bought_at = Member.objects.filter(pk=member_id).values_list("last_purchase_at", flat=True).first()
    for segment in segments:
        group = rules_of(segment, known)
        counted_at = segment.counted_at or at
        if group is None or at < counted_at - OLD:
            continue
        as_of = max(at, counted_at, bought_at or at)
        wanted = fitting(group, View(as_of, club_zone(), ranks, low=member_id - 1, high=member_id))
        if bool(_found(wanted)) != (segment.code in inside):
            moved += _put(segment, wanted, as_of, tell=tell)
    return moved


def own_fields() -> Known:
    """The club's own fields, by which kept rules are read; other codes may be of what is no more."""
    return Known(fields=dict(CustomField.objects.values_list("code", "kind")))


def rules_of(segment: Segment, known: Known) -> Group | None:
    """The rules as they are judged; None where what they ask about is no more."""
    try:
        return parse_rules(segment.rules, known)
    except ValidationFailed as refused:
        log.warning("the rules of segment %s cannot be read: %s", segment.pk, refused)
        return None


def estimate(rules: Group, *, now: datetime) -> tuple[int, bool]:
    """How many members fit, and whether that is only reckoned from a sample of them."""
    many = Member.objects.filter(status=Member.Status.ACTIVE).count()
    sample = max(1, many // SAMPLED) if many > AT_ONCE else 1
    found = len(_found(fitting(rules, _view(now, sample=sample))))
    return found * sample, sample > 1


def some_of(rules: Group, *, now: datetime, limit: int) -> list[Member]:
    """A few members who fit, the newest of those that are looked at."""
    last = Member.objects.aggregate(last=Max("pk"))["last"] or 0
    view = _view(now, low=max(0, last - AT_ONCE))
    ids = sorted(_found(fitting(rules, view)), reverse=True)[:limit]
    return list(Member.objects.filter(pk__in=ids).order_by("-pk"))


def _view(now: datetime, **more: int) -> View:
    return View(now, club_zone(), _ranks(), **more)


def _ranks() -> dict[str, int]:
    return dict(Tier.objects.values_list("code", "rank"))


def _found(wanted: Wanted) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(wanted.sql, {**wanted.sent, "club": current_club_id()})
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def _put(segment: Segment, wanted: Wanted, now: datetime, *, tell: bool = True) -> Moved:
    try:
        held = lock_segment(segment.pk)
    except NotFound:
        return Moved()
    # Whoever changed the rules meanwhile has them counted.
    if held.rules != segment.rules or held.archived_at:
        return Moved()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5min'")
        # With less, each step reads the purchases of everybody instead of its own members', and sorts them on disk.
        cursor.execute("SET LOCAL work_mem = '128MB'")
    return put_wanted(held, wanted, at=now, tell=tell and held.counted_at is not None)


@transaction.atomic
def _sized(segment: Segment, now: datetime) -> Moved:
    held = lock_segment(segment.pk)
    if held.rules == segment.rules:
        recount_size(held, at=now)
    return Moved()


def _again(work: partial[Moved]) -> Moved:
    for tried in range(TRIES):
        try:
            return work()
        except OperationalError as error:
            if tried == TRIES - 1 or not waited_in_vain(error):
                raise
    return Moved()
