"""Whose a ticket is: giving it to somebody, to another department, and taking one that is nobody's."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.errors import Conflict
from tickets import states
from tickets.assigning import assignee_for, is_supporter, named_people, one_of_the_staff
from tickets.models import Comment, Department, Ticket
from tickets.promises import settings_now
from tickets.selectors import get_ticket, lock_ticket
from tickets.telling import tell_staff

SYSTEM = "system"


class _WhoeverFits:
    """Nobody was named: who stays or comes is found."""


WHOEVER_FITS: Final = _WhoeverFits()


@transaction.atomic
def assign(ticket_id: int, user_id: int | None, *, actor: str, now: datetime) -> Ticket:
    """Give the ticket to one of the staff, or to nobody. Raises NotFound, ValidationFailed (assignee)."""
    ticket = lock_ticket(ticket_id)
    to = one_of_the_staff(user_id, field="assignee") if user_id is not None else None
    give(ticket, to, actor=actor, now=now)
    return ticket


def give(ticket: Ticket, to: User | None, *, actor: str, now: datetime) -> None:
    """Give a ticket that is locked to somebody, who is told, or to nobody, in the running transaction."""
    if _entrust(ticket, to, actor=actor, now=now) and to is not None and to.actor != actor:
        said = _("تیکت شمارهٔ %(number)s به شما سپرده شد: %(subject)s")
        tell_staff(ticket, said, document=f"ticket_given:{ticket.pk}:{now.timestamp():.0f}", now=now)


def hand_on(
    ticket: Ticket,
    came_from: Department | None,
    *,
    user: User | None,
    actor: str,
    now: datetime,
    assignee: User | _WhoeverFits | None = WHOEVER_FITS,
) -> None:
    """Let a ticket that is locked, and of another department by now, go to its people, in the running transaction.

    It stays with who looks after it and belongs there, too, or goes to whoever has the fewest, unless somebody was
    named; what has ended stays as it is. They are told, and a note in the thread says where it came from.
    """
    if not isinstance(assignee, _WhoeverFits):
        _entrust(ticket, assignee, actor=actor, now=now)
    elif ticket.is_open and not _belongs(ticket.assignee, ticket.department):
        _entrust(ticket, _by_load(ticket.department), actor=actor, now=now)
    note = Comment.objects.create(
        ticket=ticket,
        side=Comment.Side.STAFF,
        user=user,
        actor=actor,
        text=_way(came_from, ticket.department),
        is_internal=True,
        created_at=now,
    )
    if ticket.is_open:
        said = _("تیکت شمارهٔ %(number)s به واحد «%(department)s» سپرده شد: %(subject)s")
        if ticket.department is None:
            said = _("تیکت شمارهٔ %(number)s دیگر واحدی ندارد: %(subject)s")
        tell_staff(ticket, said, document=f"ticket_handed:{ticket.pk}:{note.pk}", now=now, but=user)


def pass_on(ticket: Ticket, *, now: datetime) -> None:
    """Give a locked ticket that was opened again to another where whoever looked after it answers none any more."""
    if ticket.assignee is not None and not is_supporter(ticket.assignee.pk):
        _entrust(ticket, _by_load(ticket.department), actor=SYSTEM, now=now)


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
    audit_assignee(ticket, None, user, actor=user.actor)
    return ticket


def _entrust(ticket: Ticket, to: User | None, *, actor: str, now: datetime) -> bool:
    """Make it theirs without a word; whether it was not before."""
    before = ticket.assignee
    if before == to:
        return False
    ticket.assignee = to
    Ticket.objects.filter(pk=ticket.pk).update(assignee=to, updated_at=now)
    audit_assignee(ticket, before, to, actor=actor)
    return True


def _belongs(user: User | None, department: Department | None) -> bool:
    """Whether the department is theirs, or everybody's, as one that names nobody is."""
    if user is None or not is_supporter(user.pk):
        return False
    named = named_people(department)
    return not named or user in named


def _by_load(department: Department | None) -> User | None:
    return assignee_for(department) if settings_now().shares_out else None


def _way(came_from: Department | None, to: Department | None) -> str:
    if to is None:
        return _("از واحد «%(from)s» برداشته شد و واحدی ندارد.") % {"from": came_from}
    if came_from is None:
        return _("به واحد «%(to)s» سپرده شد.") % {"to": to}
    return _("از واحد «%(from)s» به واحد «%(to)s» سپرده شد.") % {"from": came_from, "to": to}


def audit_assignee(ticket: Ticket, before: User | None, to: User | None, *, actor: str) -> None:
    """Note whose it was and whose it is."""
    said = {"assignee": before.actor if before else ""}, {"assignee": to.actor if to else ""}
    audit.record("ticket.assign", actor=actor, target=ticket.document, before=said[0], after=said[1])
