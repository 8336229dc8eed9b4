"""Tickets that belong together: one goes on in another, or two are linked."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.rights import Person
from core import audit
from core.errors import Conflict, NotFound
from tickets import states
from tickets.assigning import visible_to
from tickets.models import StatusChange, Ticket, TicketKind, TicketLink
from tickets.moving import move
from tickets.selectors import lock_ticket


@transaction.atomic
def merge(ticket_id: int, into_id: int, *, actor: str, now: datetime) -> Ticket:
    """Close a ticket whose matter goes on in another of the same member, where its messages are shown from now on.

    A complaint stays one there. Reopening takes it back. Raises NotFound, Conflict.
    """
    # In the order of their ids, whichever goes into which.
    locked = {one: lock_ticket(one) for one in sorted({ticket_id, into_id})}
    ticket, into = locked[ticket_id], locked[into_id]
    _refuse_merge(ticket, into)
    before = ticket.status
    Ticket.objects.filter(merged_into=ticket).update(merged_into=into)
    Ticket.objects.filter(pk=ticket.pk).update(
        merged_into=into,
        status=states.CLOSED,
        closed_at=ticket.closed_at or now,
        due_at=None,
        paused_at=ticket.paused_at or now,
        updated_at=now,
    )
    if before != states.CLOSED:
        StatusChange.objects.create(ticket=ticket, from_status=before, to_status=states.CLOSED, actor=actor, at=now)
    if before in states.OUR_TURN and into.status == states.WAITING_FOR_MEMBER:
        move(into, states.HOLDS, actor=actor, now=now)
    goes_on = {"kind": TicketKind.COMPLAINT} if ticket.kind == TicketKind.COMPLAINT else {}
    Ticket.objects.filter(pk=into.pk).update(updated_at=now, **goes_on)
    audit.record("ticket.merge", actor=actor, target=ticket.document, before={}, after={"into": into.number})
    return into


@transaction.atomic
def link(ticket_id: int, number: int, *, actor: str) -> Ticket:
    """Note that two tickets have to do with each other; again changes nothing. Raises NotFound, Conflict: itself."""
    ticket, other = lock_ticket(ticket_id), numbered(number)
    if ticket.pk == other.pk:
        raise Conflict(_("تیکت به خودش پیوند نمی‌خورد؛ شمارهٔ تیکت دیگری را بنویسید."))
    first, second = sorted((ticket.pk, other.pk))
    _row, is_new = TicketLink.objects.get_or_create(ticket_id=first, other_id=second, defaults={"actor": actor})
    if is_new:
        audit.record("ticket.link", actor=actor, target=ticket.document, before={}, after={"other": other.number})
    return other


@transaction.atomic
def unlink(ticket_id: int, other_id: int, *, actor: str) -> None:
    """Take the note back. Raises NotFound."""
    first, second = sorted((ticket_id, other_id))
    found = TicketLink.objects.filter(ticket=first, other=second).select_related("ticket", "other").first()
    if found is None:
        raise NotFound
    other = found.other if found.ticket_id == ticket_id else found.ticket
    found.delete()
    audit.record("ticket.link", actor=actor, target=f"ticket:{ticket_id}", before={"other": other.number}, after={})


def linked_to(ticket: Ticket, user: Person) -> list[Ticket]:
    """The tickets that were linked to this one, its follow-up and what it follows, of those that one may see."""
    links = TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket))
    ids = {one for pair in links.values_list("ticket_id", "other_id") for one in pair} - {ticket.pk}
    rows = Ticket.objects.filter(Q(pk__in=ids) | Q(follows=ticket) | Q(pk=ticket.follows_id or 0))
    return list(rows.filter(visible_to(user)).order_by("-pk"))


def numbered(number: int) -> Ticket:
    """The ticket of this number. Raises NotFound."""
    found = Ticket.objects.filter(number=number).first() if 0 < number < 2**63 else None
    if found is None:
        raise NotFound(_("تیکتی با این شماره در باشگاه نیست."))
    return found


def _refuse_merge(ticket: Ticket, into: Ticket) -> None:
    if ticket.pk == into.pk:
        raise Conflict(_("تیکت در خودش ادغام نمی‌شود؛ شمارهٔ تیکت دیگری را بنویسید."))
    if ticket.member_id != into.member_id or ticket.is_internal != into.is_internal:
        raise Conflict(_("تنها تیکت‌های یک عضو، و از یک جنس، در هم ادغام می‌شوند."))
    if into.status in states.ENDED:
        raise Conflict(_("آن تیکت پایان یافته است؛ نخست دوباره بازش کنید یا این یکی را نگه دارید."))
    if ticket.merged_into_id is not None or into.merged_into_id is not None:
        raise Conflict(_("یکی از این دو پیش‌تر در تیکت دیگری ادغام شده است."))
