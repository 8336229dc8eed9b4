"""Whose a ticket is: giving it to somebody, and taking one that is nobody's."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.errors import Conflict
from tickets import states
from tickets.assigning import one_of_the_staff
from tickets.models import Ticket
from tickets.selectors import get_ticket, lock_ticket
from tickets.telling import tell_staff


@transaction.atomic
def assign(ticket_id: int, user_id: int | None, *, actor: str, now: datetime) -> Ticket:
    """Give the ticket to one of the staff, or to nobody. Raises NotFound, ValidationFailed (assignee)."""
    ticket = lock_ticket(ticket_id)
    to = one_of_the_staff(user_id, field="assignee") if user_id is not None else None
    if ticket.assignee_id == (to.pk if to else None):
        return ticket
    before = ticket.assignee
    ticket.assignee = to
    Ticket.objects.filter(pk=ticket.pk).update(assignee=to, updated_at=now)
    _audit_assignee(ticket, before, to, actor=actor)
    if to is not None and to.actor != actor:
        said = _("تیکت شمارهٔ %(number)s به شما سپرده شد: %(subject)s")
        tell_staff(ticket, said, document=f"ticket_given:{ticket.pk}:{now.timestamp():.0f}", now=now)
    return ticket


def free(ticket_id: int) -> QuerySet[Ticket]:
    """The ticket as long as it is open and nobody's."""
    return Ticket.objects.filter(pk=ticket_id, assignee=None, status__in=states.OPEN, merged_into=None)


@transaction.atomic
def take(ticket_id: int, user: User, *, now: datetime) -> Ticket:
    """Take an open ticket that is nobody's; of many who try at once, one gets it. Raises NotFound, Conflict."""
    if not free(ticket_id).update(assignee=user, updated_at=now):
        ticket = get_ticket(ticket_id)
        if ticket.assignee_id == user.pk:
            return ticket
        if ticket.assignee is None:
            raise Conflict(_("این تیکت دیگر باز نیست."))
        raise Conflict(_("%(who)s زودتر این تیکت را برداشت."), who=str(ticket.assignee))
    ticket = get_ticket(ticket_id)
    _audit_assignee(ticket, None, user, actor=user.actor)
    return ticket


def _audit_assignee(ticket: Ticket, before: User | None, to: User | None, *, actor: str) -> None:
    said = {"assignee": before.actor if before else ""}, {"assignee": to.actor if to else ""}
    audit.record("ticket.assign", actor=actor, target=ticket.document, before=said[0], after=said[1])
