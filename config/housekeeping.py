"""Jobs of the house that belong to no single package."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from accounts.otp import forget_old_codes
from accounts.sessions import forget_old_sessions
from accounts.throttle import forget_old_attempts
from club.awards.import_runs import forget_old as forget_old_lists
from core import events
from core.models import IdempotencyKey, JobRun
from core.tenancy.models import ClubModel
from core.tenancy.scope import cross_club
from sms.models import WAITING, OutboxMessage, Status
from sms.polling import poll_due, replies_due
from sms.services import dispatch_due

KEYS_KEPT = timedelta(days=30)
RUNS_KEPT = timedelta(days=90)
BATCH = 5_000


def consume_events(*, now: datetime) -> str:
    """Let every consumer read on in this club."""
    return f"{events.consume_all()} events read"


def clubs_with_events() -> set[int]:
    """The clubs in which some consumer has events to read."""
    names = [reader.name for reader in events.consumers()]
    if not names:
        return set()
    with cross_club("which clubs have events to read"), connection.cursor() as cursor:
        cursor.execute(CLUBS_WITH_EVENTS, {"names": names, "readers": len(names)})
        return {row[0] for row in cursor.fetchall()}


def dispatch_sms(*, now: datetime) -> str:
    """Send what waits in the club's outbox."""
    return f"{dispatch_due(now=now)} messages"


def clubs_with_sms() -> set[int]:
    """The clubs with a message that is due to be sent."""
    with cross_club("which clubs have SMS to send"):
        due = OutboxMessage.objects.filter(status__in=WAITING, next_attempt_at__lte=timezone.now())
        return set(due.values_list("club_id", flat=True).distinct())


def poll_sms(*, now: datetime) -> str:
    """Ask the provider about the club's messages."""
    return f"{poll_due(now=now)} messages moved on"


def clubs_with_sms_to_ask() -> set[int]:
    """The clubs with a message that is due to be asked about."""
    with cross_club("which clubs have SMS to ask about"):
        due = OutboxMessage.objects.filter(status=Status.SENT, next_poll_at__lte=timezone.now())
        return set(due.values_list("club_id", flat=True).distinct())


def read_replies(*, now: datetime) -> str:
    """Read what came to the club's own line."""
    return f"{replies_due(now=now)} replies"


def forget_old(*, now: datetime) -> str:
    """Drop what is kept for a time only.

    Keys and lists of customers 30 days, runs of jobs 90, codes, attempts and sessions when they have ended.
    """
    keys = _forget(IdempotencyKey, "created_at", now - KEYS_KEPT)
    runs = _forget(JobRun, "due_at", now - RUNS_KEPT)
    codes, attempts, lists = forget_old_codes(now), forget_old_attempts(now), forget_old_lists(now)
    sessions, _each = Session.objects.filter(expire_date__lt=now).delete()
    forget_old_sessions(now)
    return f"{keys} keys, {runs} runs, {codes} codes, {attempts} attempts, {sessions} sessions, {lists} lists"


def _forget(model: type[ClubModel], field: str, before: datetime) -> int:
    """Delete the club's rows from before the moment, a batch at a time; how many it were."""
    total = 0
    while ids := list(model.objects.filter(**{f"{field}__lt": before}).values_list("pk", flat=True)[:BATCH]):
        total += model.objects.filter(pk__in=ids).delete()[0]
    return total


CLUBS_WITH_EVENTS = """
SELECT id FROM core_club c WHERE EXISTS (SELECT 1 FROM core_domainevent e WHERE e.club_id = c.id)
  AND (EXISTS (SELECT 1 FROM core_domainevent e WHERE e.club_id = c.id AND e.seq IS NULL)
       OR (SELECT count(*) FROM core_eventcursor r WHERE r.club_id = c.id AND r.consumer = ANY(%(names)s)
             AND r.seq >= (SELECT max(seq) FROM core_domainevent e WHERE e.club_id = c.id)) < %(readers)s)
"""
