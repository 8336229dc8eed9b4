"""Changing what a ticket says of itself, whose it is and of which department."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.errors import ValidationFailed
from tickets.assigning import one_of_the_staff
from tickets.checks import checked
from tickets.finding import let_find
from tickets.handing import give, hand_on
from tickets.models import Ticket, TicketKind
from tickets.moving import refuse_unanswered
from tickets.promises import next_due, promises
from tickets.selectors import lock_ticket

ASSIGNEE = "assignee"
CLOCKS = ("answer_due_at", "solve_due_at", "due_at", "warned_at", "escalated_at")


@transaction.atomic
def update_ticket(
    ticket_id: int, changes: Mapping[str, Any], *, actor: str, now: datetime, user: User | None = None
) -> Ticket:
    """Change the named fields of EDITABLE, and the `assignee`: a user's id, None for nobody.

    A new priority brings its own targets, a new department its own people, unless the assignee is named, too. A ticket
    cannot become a task, nor a task what its member sees. Raises NotFound, ValidationFailed, Unanswered.
    """
    ticket = lock_ticket(ticket_id)
    values = checked({name: value for name, value in changes.items() if name != ASSIGNEE})
    _refuse_kind(ticket, values.get("kind", ticket.kind))
    named = changes.get(ASSIGNEE)
    to = one_of_the_staff(named, field=ASSIGNEE) if named is not None else None
    came_from = ticket.department
    changed = {name: value for name, value in values.items() if value != getattr(ticket, name)}
    if changed:
        _change(ticket, changed, actor=actor, now=now)
    if "department" in changed:
        chosen = {ASSIGNEE: to} if ASSIGNEE in changes else {}
        hand_on(ticket, came_from, user=user, actor=actor, now=now, **chosen)
    elif ASSIGNEE in changes:
        give(ticket, to, actor=actor, now=now)
    return ticket


def _refuse_kind(ticket: Ticket, kind: str) -> None:
    if (kind == TicketKind.TASK) != ticket.is_internal:
        raise ValidationFailed({"kind": [_("«کار» تنها برای کارکنان است و به نوع دیگری برنمی‌گردد.")]})
    if ticket.kind == TicketKind.COMPLAINT and kind != ticket.kind:
        refuse_unanswered(ticket)


def _change(ticket: Ticket, changed: dict[str, Any], *, actor: str, now: datetime) -> None:
    before = {name: getattr(ticket, name) for name in changed}
    for name, value in changed.items():
        setattr(ticket, name, value)
    if "priority" in changed:
        _promise_anew(ticket)
    if "subject" in changed:
        let_find(ticket.pk, ticket.subject)
    if "kind" in changed:
        ticket.own_kind = ""
    ticket.updated_at = now
    ticket.save(update_fields=[*changed, *CLOCKS, "own_kind", "updated_at"])
    audit.record("ticket.update", actor=actor, target=ticket.document, before=_plain(before), after=_plain(changed))


def _promise_anew(ticket: Ticket) -> None:
    held, paused = promises(), timedelta(seconds=ticket.paused_seconds)
    if ticket.answer_due_at is not None and ticket.first_answer_at is None:
        ticket.answer_due_at = held.answer_by(ticket.priority, ticket.created_at)
    ticket.solve_due_at = held.solve_by(ticket.priority, ticket.created_at, paused)
    ticket.due_at, ticket.warned_at, ticket.escalated_at = next_due(ticket), None, None


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: getattr(value, "code", value) or "" for name, value in values.items()}
