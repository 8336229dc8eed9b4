"""Moving tickets from state to state, and their clocks with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from club.members.models import Member
from core import audit, events
from core.errors import Conflict, ValidationFailed
from core.text import clean_name
from tickets import states
from tickets.calendar import WorkingCalendar
from tickets.complaints import is_answered
from tickets.handing import pass_on
from tickets.limits import RATES, refuse_rating
from tickets.models import StatusChange, Ticket, TicketKind
from tickets.promises import next_due, promises
from tickets.selectors import lock_ticket
from tickets.telling import tell_head_of_rating, tell_member_of_end

CLOSED = "ticket.closed"
LONGEST_RATING = 500
UNHAPPY = 2
"""With so many stars or fewer a member was not satisfied."""


class Unanswered(Conflict):
    """A complaint is not closed before its member had an answer."""

    message = gettext_lazy("شکایت بی‌پاسخ بسته نمی‌شود؛ نخست پاسخی برای عضو بنویسید.")


def move(
    ticket: Ticket, act: str, *, actor: str, now: datetime, values: dict[str, Any] | None = None
) -> StatusChange | None:
    """Bring a ticket that is locked to the state that the act leads to, with its clocks, in the running transaction.

    Time in which nothing is awaited of us does not count. Returns the change, None where the state stays as it was.
    Raises Conflict where the act cannot be done now.
    """
    if ticket.merged_into_id is not None:
        raise Conflict(_("این تیکت در تیکت دیگری ادغام شده است؛ نخست جدایش کنید."))
    to = states.after(act, ticket.status)
    if to is None:
        raise Conflict(_("این تیکت اکنون «%(status)s» است و این کار روی آن انجام نمی‌شود."), status=_name(ticket))
    return bring_to(ticket, to, actor=actor, now=now, values=values)


def bring_to(
    ticket: Ticket, to: str, *, actor: str, now: datetime, values: dict[str, Any] | None = None
) -> StatusChange | None:
    """The same to a state that no act leads to, as where a merge is taken back."""
    if ticket.member.status == Member.Status.ERASED:
        raise Conflict(_("مشخصات این عضو پاک شده است و تیکتش دیگر تغییر نمی‌کند."))
    came_from = ticket.status
    changed = {"status": to, "updated_at": now, **(values or {})}
    for name, value in changed.items():
        setattr(ticket, name, value)
    changed |= _clocks(ticket, came_from, now)
    # By the state that was seen: whoever came between is not overwritten, whatever was locked.
    if not Ticket.objects.filter(pk=ticket.pk, status=came_from).update(**changed):
        raise Conflict(_("این تیکت همین حالا تغییر کرد؛ صفحه باید تازه شود."))
    if to == came_from:
        return None
    return StatusChange.objects.create(ticket=ticket, from_status=came_from, to_status=to, actor=actor, at=now)


@transaction.atomic
def hold(ticket_id: int, *, actor: str, now: datetime) -> Ticket:
    """Say that it is our turn. Raises NotFound, Conflict."""
    ticket = lock_ticket(ticket_id)
    _done(ticket, states.HOLDS, actor=actor, now=now)
    return ticket


@transaction.atomic
def solve(ticket_id: int, *, user: User | None, actor: str, now: datetime) -> Ticket:
    """Hold it for done; the member hears of it and may write on. Raises NotFound, Conflict, Unanswered."""
    ticket = lock_ticket(ticket_id)
    refuse_unanswered(ticket)
    end = solved(ticket, user=user, actor=actor, now=now)
    if not ticket.is_internal:
        tell_member_of_end(ticket, end, now=now, asks=is_answered(ticket))
    return ticket


def solved(ticket: Ticket, *, user: User | None, actor: str, now: datetime, **values: Any) -> StatusChange:
    """Bring a ticket that is locked to its solution, with these values, in the running transaction. Raises Conflict."""
    return _ended(ticket, states.SOLVES, actor=actor, now=now, solved_by=user or ticket.assignee, **values)


@transaction.atomic
def close(ticket_id: int, *, actor: str, now: datetime, user: User | None = None, by_member: bool = False) -> Ticket:
    """Close it until it is reopened.

    The member is told, unless that was done or it is the member who closes; and asked how it was, if answered.
    Raises NotFound, Conflict, Unanswered.
    """
    ticket = lock_ticket(ticket_id)
    refuse_unanswered(ticket)
    was_solved = ticket.status == states.SOLVED
    by = {} if was_solved else {"solved_by": user or ticket.assignee}
    end = _ended(ticket, states.CLOSES, actor=actor, now=now, closed_at=now, **by)
    if not ticket.is_internal and not was_solved and not by_member:
        tell_member_of_end(ticket, end, now=now, asks=is_answered(ticket))
    _tell_closed(ticket, now, by_member=by_member and not was_solved)
    return ticket


@transaction.atomic
def reopen(ticket_id: int, *, actor: str, now: datetime) -> Ticket:
    """Go on with it: it is our turn again. Raises NotFound, Conflict, also where its matter goes on in another."""
    ticket = lock_ticket(ticket_id)
    reopened(ticket, actor=actor, now=now)
    return ticket


def reopened(ticket: Ticket, *, actor: str, now: datetime) -> None:
    """Open a ticket that is locked anew, in the running transaction. Raises Conflict, as above."""
    values = {"closed_at": None, "reopened": ticket.reopened + 1}
    _done(ticket, states.REOPENS, actor=actor, now=now, **values)
    pass_on(ticket, now=now)


@transaction.atomic
def rate(ticket_id: int, stars: int, text: str = "", *, actor: str, now: datetime) -> Ticket:
    """What the member says of how it was answered: 1 to 5 stars, and words; the last word counts.

    The head of its department hears of UNHAPPY stars or fewer, once an end.
    Raises NotFound, ValidationFailed (rating, text), Conflict where it has not ended, or without an answer, Throttled
    where it changes too often.
    """
    ticket = lock_ticket(ticket_id)
    if not 1 <= stars <= 5:
        raise ValidationFailed({"rating": [_("امتیاز از ۱ تا ۵ ستاره است.")]})
    text = clean_name(text)
    if len(text) > LONGEST_RATING:
        raise ValidationFailed({"text": [_("نظر تا ۵۰۰ نویسه جا دارد.")]})
    if ticket.status not in states.ENDED or ticket.is_internal or ticket.merged_into_id is not None:
        raise Conflict(_("پس از پایان تیکت می‌شود به آن امتیاز داد."))
    if not is_answered(ticket):
        raise Conflict(_("این تیکت پاسخی نگرفته است که به آن امتیاز داده شود."))
    refuse_rating(ticket, actor=actor, now=now)
    before = {"rating": ticket.rating or ""}
    ticket.rating, ticket.rating_text, ticket.rated_at, ticket.updated_at = stars, text, now, now
    ticket.save(update_fields=["rating", "rating_text", "rated_at", "updated_at"])
    audit.record(RATES, actor=actor, target=ticket.document, before=before, after={"rating": stars})
    if stars <= UNHAPPY:
        tell_head_of_rating(ticket, now=now)
    return ticket


def _done(ticket: Ticket, act: str, *, actor: str, now: datetime, **values: Any) -> StatusChange | None:
    before = ticket.status
    change = move(ticket, act, actor=actor, now=now, values=values)
    states_told = {"status": before}, {"status": ticket.status}
    audit.record(f"ticket.{act}", actor=actor, target=ticket.document, before=states_told[0], after=states_told[1])
    return change


def _ended(ticket: Ticket, act: str, *, actor: str, now: datetime, **values: Any) -> StatusChange:
    end = _done(ticket, act, actor=actor, now=now, **values)
    assert end is not None  # noqa: S101 - no state ends in itself
    return end


def _clocks(ticket: Ticket, came_from: str, now: datetime) -> dict[str, Any]:
    """What the clocks of a ticket become that has just left `came_from`; set on it, too."""
    changed: dict[str, Any] = {}
    was_ours, is_ours = came_from in states.OUR_TURN, ticket.status in states.OUR_TURN
    if was_ours and not is_ours:
        changed["paused_at"] = now
    elif is_ours and not was_ours:
        changed |= _resumed(ticket, now)
    if ticket.status in states.ENDED and came_from in states.OPEN:
        worked = promises().calendar.worked(ticket.created_at, ticket.paused_at or now)
        changed |= {"solved_at": now, "solve_seconds": int(worked.total_seconds()) - ticket.paused_seconds}
    elif ticket.status in states.OPEN and came_from in states.ENDED:
        changed |= {"solved_at": None, "solve_seconds": None}
    for name, value in changed.items():
        setattr(ticket, name, value)
    due = next_due(ticket)
    if due != ticket.due_at:
        ticket.due_at, ticket.warned_at, ticket.escalated_at = due, None, None
        changed |= {"due_at": due, "warned_at": None, "escalated_at": None}
    return changed


def _resumed(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """It is our turn again: what was promised moves by the working time since `paused_at`."""
    calendar = promises().calendar
    paused = calendar.worked(ticket.paused_at, now) if ticket.paused_at else timedelta()
    moved = {
        "paused_at": None,
        "paused_seconds": ticket.paused_seconds + int(paused.total_seconds()),
        "solve_due_at": _later(calendar, ticket.solve_due_at, paused),
    }
    if ticket.first_answer_at is None:
        moved["answer_due_at"] = _later(calendar, ticket.answer_due_at, paused)
    return moved


def _later(calendar: WorkingCalendar, due: datetime | None, paused: timedelta) -> datetime | None:
    return calendar.after(due, paused) if due and paused else due


def refuse_unanswered(ticket: Ticket) -> None:
    """A complaint has an answer before it ends, and so has the last one that was merged into it. Raises Unanswered."""
    if ticket.kind == TicketKind.COMPLAINT and not is_answered(ticket):
        raise Unanswered


def _tell_closed(ticket: Ticket, now: datetime, *, by_member: bool) -> None:
    """An event, which offers answer to where it says `served`.

    What a member opened asks for an answer; what was written down for one, that it was not the member who ended it.
    """
    if ticket.is_internal:
        return
    served = is_answered(ticket) or (ticket.channel != Ticket.Channel.PORTAL and not by_member)
    told = {"number": ticket.number, "kind": ticket.kind, "rating": ticket.rating, "served": served}
    events.emit(CLOSED, document=ticket.document, member_id=ticket.member_id, occurred_at=now, data=told)


def _name(ticket: Ticket) -> str:
    return str(ticket.get_status_display())
