"""Jobs of tickets: promises that are watched, what stays solved, and what came to somebody who had left."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core.tenancy.scope import cross_club
from tickets import states
from tickets.assigning import supporters
from tickets.handing import SYSTEM
from tickets.leaving import let_go_of
from tickets.models import Ticket
from tickets.moving import close
from tickets.promises import promises, settings_now
from tickets.selectors import lock_ticket
from tickets.telling import tell_head, tell_staff

AT_ONCE = 500
LONGEST_BREAK = timedelta(days=30)
"""No hour of warning lies further before its end than this, whatever days nobody works."""


def watch_promises(*, now: datetime) -> str:
    """Warn who looks after a ticket that is due soon, and its department's head of one that is late; each once."""
    held = promises()
    soon = held.calendar.after(now, timedelta(minutes=held.settings.warns_before))
    rows = Ticket.objects.filter(status__in=states.OPEN).select_related("assignee", "department__head")
    late = list(rows.filter(due_at__lte=now, escalated_at=None).order_by("due_at")[:AT_ONCE])
    near = list(rows.filter(due_at__gt=now, due_at__lte=soon, warned_at=None).order_by("due_at")[:AT_ONCE])
    for ticket in near:
        _warn(ticket, now)
    for ticket in late:
        _escalate(ticket, now)
    return f"{len(near)} warned, {len(late)} escalated"


def close_solved(*, now: datetime) -> str:
    """Close what was solved and of which nobody has said more for as many days as the club has chosen."""
    before = now - timedelta(days=settings_now().closes_after)
    solved = Ticket.objects.filter(status=states.SOLVED, solved_at__lt=before).order_by("solved_at")
    ids = list(solved.values_list("pk", flat=True)[:AT_ONCE])
    closed = sum(_close(ticket_id, before, now) for ticket_id in ids)
    return f"{closed} closed"


def give_on(*, now: datetime) -> str:
    """Give on the open tickets of who answers none any more, where a ticket came to them just as they left."""
    open_ones = Ticket.objects.filter(status__in=states.OPEN, merged_into=None, assignee__isnull=False)
    holders = set(open_ones.order_by().values_list("assignee", flat=True).distinct())
    gone = sorted(holders - {user.pk for user in supporters()})
    return f"{sum(let_go_of(user_id, actor=SYSTEM, now=now) for user_id in gone)} given on"


@transaction.atomic
def _close(ticket_id: int, before: datetime, now: datetime) -> bool:
    ticket = lock_ticket(ticket_id)
    if ticket.status != states.SOLVED or ticket.solved_at is None or ticket.solved_at >= before:
        return False  # somebody wrote on meanwhile
    close(ticket_id, actor=SYSTEM, now=now)
    return True


@transaction.atomic
def _warn(ticket: Ticket, now: datetime) -> None:
    if Ticket.objects.filter(pk=ticket.pk, due_at=ticket.due_at, warned_at=None).update(warned_at=now):
        said = _("مهلت تیکت شمارهٔ %(number)s نزدیک است: %(subject)s")
        tell_staff(ticket, said, document=f"ticket_due:{ticket.pk}:{_stamp(ticket)}", now=now)


@transaction.atomic
def _escalate(ticket: Ticket, now: datetime) -> None:
    if not Ticket.objects.filter(pk=ticket.pk, due_at=ticket.due_at, escalated_at=None).update(escalated_at=now):
        return
    said = _("مهلت تیکت شمارهٔ %(number)s گذشت: %(subject)s")
    document = f"ticket_late:{ticket.pk}:{_stamp(ticket)}"
    tell_staff(ticket, said, document=document, now=now)
    tell_head(ticket, said, document=document, now=now)


def _stamp(ticket: Ticket) -> int:
    return int(ticket.due_at.timestamp()) if ticket.due_at else 0


def clubs_with_promises() -> set[int]:
    """The clubs in which something may be due soon, or is late, of which nobody was told."""
    with cross_club("which clubs have tickets that are due"):
        now = timezone.now()
        near = Ticket.objects.filter(status__in=states.OPEN, due_at__lte=now + LONGEST_BREAK)
        untold = near.filter(Q(due_at__gt=now, warned_at=None) | Q(due_at__lte=now, escalated_at=None))
        return set(untold.values_list("club_id", flat=True).distinct())
