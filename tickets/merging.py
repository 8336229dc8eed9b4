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
from tickets.moving import bring_to, move
from tickets.selectors import get_ticket, lock_ticket


@transaction.atomic
def merge(ticket_id: int, into_id: int, *, actor: str, now: datetime) -> Ticket:
    """Close a ticket whose matter goes on in another of the same member, where its messages are shown from now on.

    A complaint stays one there. `separate` takes it back. Raises NotFound, Conflict.
    """
    # In the order of their ids, whichever goes into which.
    locked = {one: lock_ticket(one) for one in sorted({ticket_id, into_id})}
    ticket, into = locked[ticket_id], locked[into_id]
    _refuse_merge(ticket, into)
    before = ticket.status
    Ticket.objects.filter(merged_into=ticket).update(merged_into=into, updated_at=now)
    Ticket.objects.filter(pk=ticket.pk).update(
        merged_into=into,
        merged_to=into,
        merged_at=now,
        merged_by=actor,
        merged_status=before,
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
    goes_on = {}
    if ticket.kind == TicketKind.COMPLAINT and into.kind != TicketKind.COMPLAINT:
        goes_on = {"kind": TicketKind.COMPLAINT, "own_kind": into.kind}
    Ticket.objects.filter(pk=into.pk).update(updated_at=now, **goes_on)
    audit.record("ticket.merge", actor=actor, target=ticket.document, before={}, after={"into": into.number})
    return into


@transaction.atomic
def separate(ticket_id: int, *, actor: str, now: datetime) -> Ticket:
    """Take a merge back: the ticket stands by itself again as it was before, with those that were in it already.

    Each message stays under the ticket it was written to. The other one is no complaint any more if it was one by this
    alone, and waits for its member again if nothing happened to it since. Raises NotFound, Conflict.
    """
    seen = get_ticket(ticket_id).merged_into_id
    locked = {one: lock_ticket(one) for one in sorted({ticket_id, seen or ticket_id})}
    ticket, into = locked[ticket_id], locked[seen or ticket_id]
    if seen is None or ticket.merged_into_id != seen:
        raise Conflict(_("این تیکت در تیکت دیگری ادغام نشده است."))
    merged_at, back = ticket.merged_at, ticket.merged_status or states.WAITING_FOR_US
    Ticket.objects.filter(pk__in=_came_along(ticket, into)).update(merged_into=ticket, updated_at=now)
    alone = {"merged_into": None, "merged_to": None, "merged_at": None, "merged_by": "", "merged_status": ""}
    kept = {} if back == states.CLOSED else {"closed_at": None}
    bring_to(ticket, back, actor=actor, now=now, values={**alone, **kept})
    for one in (ticket, into):
        _be_own_kind(one)
    if _waits_by_merge(into, merged_at):
        bring_to(into, states.WAITING_FOR_MEMBER, actor=actor, now=now)
    Ticket.objects.filter(pk=into.pk).update(updated_at=now)
    audit.record("ticket.separate", actor=actor, target=ticket.document, before={"into": into.number}, after={})
    return ticket


def merged_in(ticket: Ticket) -> list[Ticket]:
    """The tickets whose matters go on in this one, the last merged first."""
    return list(Ticket.objects.filter(merged_into=ticket).order_by("-merged_at", "-pk"))


@transaction.atomic
def link(ticket_id: int, number: int, *, actor: str) -> Ticket:
    """Note that two tickets have to do with each other; again changes nothing. Raises NotFound, Conflict: itself."""
    ticket, other = lock_ticket(ticket_id), numbered(number)
    if ticket.pk == other.pk:
        raise Conflict(_("تیکت را نمی‌شود به خودش پیوند داد؛ شمارهٔ تیکت دیگری را بنویسید."))
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


def _came_along(ticket: Ticket, into: Ticket) -> set[int]:
    """Those that were merged into the ticket before it went into the other one itself."""
    put = Ticket.objects.filter(merged_into=into).values_list("pk", "merged_to")
    under: dict[int | None, list[int]] = {}
    for pk, to in put:
        under.setdefault(to, []).append(pk)
    found: set[int] = set()
    left = [ticket.pk]
    while left:
        below = under.get(left.pop(), [])
        found |= set(below)
        left += below
    return found


def _be_own_kind(ticket: Ticket) -> None:
    """Without complaints in it a ticket is of its own kind again, unless somebody chose another since."""
    complaints = Ticket.objects.filter(merged_into=ticket, kind=TicketKind.COMPLAINT, own_kind="")
    if ticket.own_kind and not complaints.exists():
        kind = ticket.own_kind if ticket.kind == TicketKind.COMPLAINT else ticket.kind
        ticket.kind, ticket.own_kind = kind, ""
        Ticket.objects.filter(pk=ticket.pk).update(kind=kind, own_kind="")


def _waits_by_merge(into: Ticket, merged_at: datetime | None) -> bool:
    """Whether it is our turn there by that merge alone."""
    last = StatusChange.objects.filter(ticket=into).order_by("-pk").first()
    was_moved = last is not None and (last.from_status, last.to_status, last.at) == (
        states.WAITING_FOR_MEMBER,
        states.WAITING_FOR_US,
        merged_at,
    )
    is_quiet = into.member_wrote_at is None or (merged_at is not None and into.member_wrote_at <= merged_at)
    return was_moved and is_quiet and into.status == states.WAITING_FOR_US


def _refuse_merge(ticket: Ticket, into: Ticket) -> None:
    if ticket.pk == into.pk:
        raise Conflict(_("تیکت را نمی‌شود در خودش ادغام کرد؛ شمارهٔ تیکت دیگری را بنویسید."))
    if ticket.member_id != into.member_id or ticket.is_internal != into.is_internal:
        raise Conflict(_("تنها تیکت‌های یک عضو در هم ادغام می‌شوند، و «کار» تنها با «کار»."))
    if into.status in states.ENDED:
        raise Conflict(_("آن تیکت پایان یافته است؛ نخست دوباره بازش کنید یا این یکی را نگه دارید."))
    if ticket.merged_into_id is not None or into.merged_into_id is not None:
        raise Conflict(_("یکی از این دو پیش‌تر در تیکت دیگری ادغام شده است."))
