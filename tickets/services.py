"""Writing tickets: opening one, and writing under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from club.members.models import Member
from core import audit, events
from core.errors import Conflict, NotFound
from core.tenancy.scope import current_club_id
from tickets import states
from tickets.assigning import assignee_for, one_of_the_staff
from tickets.checks import checked, checked_text
from tickets.files import KeptFile, SentFile
from tickets.finding import let_find
from tickets.handing import pass_on
from tickets.limits import is_program, line_up, refuse_flood, refuse_reopening
from tickets.models import Comment, Department, Mention, Priority, StatusChange, Ticket, TicketKind
from tickets.moving import move, reopened, solved
from tickets.promises import Promises, next_due, promises
from tickets.reading import read_by_answering, refuse_crossing
from tickets.room import make_room
from tickets.selectors import lock_ticket
from tickets.telling import tell_member_of_answer, tell_member_of_answer_and_end, tell_mentioned, tell_staff
from tickets.writing import kept_files, write

Row = TypeVar("Row", Ticket, Comment)

OPENED = "ticket.opened"
EDITABLE = ("subject", "kind", "department", "priority", "product")


@dataclass(frozen=True, kw_only=True)
class NewTicket:
    """What is asked. `department` and `product` are codes; `token` names the form, which opens one ticket."""

    subject: str
    text: str
    kind: str = TicketKind.QUESTION.value
    department: str = ""
    priority: str = Priority.NORMAL.value
    product: str = ""
    channel: str = Ticket.Channel.DESK.value
    files: Sequence[SentFile] = ()
    token: str = ""
    assignee_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is written under a ticket; `mentions` are users who are called on. `token` names the form, as above.

    `shown` is the newest message that its writer had before the eyes; None where nobody looks, as of a program.
    """

    text: str
    is_internal: bool = False
    files: Sequence[SentFile] = ()
    mentions: Sequence[int] = field(default_factory=tuple)
    token: str = ""
    shown: int | None = None


def open_ticket(
    member_id: int,
    new: NewTicket,
    *,
    actor: str,
    now: datetime,
    user: User | None = None,
    follows: Ticket | None = None,
) -> Ticket:
    """Open a ticket for the member with its first message, written by the member, or by `user` of the staff.

    It goes to the department's person with the fewest open ones, and its targets begin. Raises NotFound,
    ValidationFailed by field, Throttled (a member's own, too many in a day); nothing is written then.
    """
    if (known := _of_form(Ticket.objects.all(), new.token)) is not None:
        return known
    member = _member(member_id)
    writer = member.pk if new.channel == Ticket.Channel.PORTAL else None
    files = _drawn(new.files, writer=writer, now=now, opens=True)
    return _open(member, new, files, actor=actor, now=now, user=user, follows=follows)


@transaction.atomic
def _open(
    member: Member,
    new: NewTicket,
    files: Sequence[KeptFile],
    *,
    actor: str,
    now: datetime,
    user: User | None,
    follows: Ticket | None,
) -> Ticket:
    values = checked({name: getattr(new, name) for name in EDITABLE})
    text = checked_text(new.text)
    if new.channel == Ticket.Channel.PORTAL:
        line_up(member.pk)
        refuse_flood(member.pk, now=now, files=len(files), size=_size(files), opens=True)
    held = promises()
    ticket = Ticket(
        **values,
        member=member,
        channel=new.channel,
        assignee=_assignee(new, values["department"], held),
        opened_by=actor,
        created_at=now,
        updated_at=now,
        follows=follows,
        token=new.token,
        **_targets(values["kind"], values["priority"], held, now),
    )
    ticket.due_at = next_due(ticket)
    if (quicker := _insert(ticket)) is not None:
        return quicker
    StatusChange.objects.create(ticket=ticket, to_status=ticket.status, actor=actor, at=now)
    is_members = user is None and new.channel != Ticket.Channel.SYSTEM and not ticket.is_internal
    side = Comment.Side.MEMBER if is_members else Comment.Side.STAFF
    let_find(ticket.pk, ticket.subject)
    write(ticket, text, files, side=side, user=user, actor=actor, now=now, is_internal=ticket.is_internal)
    told = {"number": ticket.number, "kind": ticket.kind, "priority": ticket.priority}
    audit.record("ticket.open", actor=actor, target=ticket.document, before={}, after=told)
    events.emit(OPENED, document=ticket.document, member_id=member.pk, occurred_at=now, data=told)
    said = _("تیکت تازهٔ شمارهٔ %(number)s: %(subject)s")
    tell_staff(ticket, said, document=ticket.document, now=now, but=user)
    return ticket


def write_as_member(ticket_id: int, message: Message, *, actor: str, now: datetime, reopens: bool = False) -> Comment:
    """Write under one's own ticket: it is our turn then, and what was solved is open again.

    `reopens`: what is closed is reopened with it. Raises NotFound, ValidationFailed, Conflict where it is closed
    otherwise, Throttled where a member's day has had enough of them, which does not bind a program; then it stays
    closed, too.
    """
    files = _drawn_under(ticket_id, message, now=now, is_members=True)
    return _write_as_member(ticket_id, message, files, actor=actor, now=now, reopens=reopens)


@transaction.atomic
def _write_as_member(
    ticket_id: int, message: Message, files: Sequence[KeptFile], *, actor: str, now: datetime, reopens: bool
) -> Comment:
    ticket = lock_ticket(ticket_id)
    if (known := _sent_before(ticket, message)) is not None:
        return known
    if not is_program(actor):
        line_up(ticket.member_id)
        refuse_flood(ticket.member_id, now=now, files=len(files), size=_size(files))
    if reopens and ticket.status == states.CLOSED:
        refuse_reopening(ticket, actor=actor, now=now)
        reopened(ticket, actor=actor, now=now)
    comment = _comment(ticket, message, files, side=Comment.Side.MEMBER, user=None, actor=actor, now=now)
    had_ended = not ticket.is_open
    move(ticket, states.WRITES, actor=actor, now=now, values={"member_wrote_at": now})
    if had_ended:
        pass_on(ticket, now=now)
    said = _("پیام تازه در تیکت شمارهٔ %(number)s: %(subject)s")
    tell_staff(ticket, said, document=f"ticket_comment:{comment.pk}", now=now)
    return comment


def answer(ticket_id: int, message: Message, *, user: User | None, actor: str, now: datetime) -> Comment:
    """Answer the member, who is told by notice and SMS; or leave a note among the staff, which moves nothing.

    The first answer stops the clock of the first target. Whoever answers a ticket that is nobody's takes it.
    Raises NotFound, ValidationFailed, Conflict where it is closed, AnsweredMeanwhile where a colleague was quicker.
    """
    files = _drawn_under(ticket_id, message, now=now)
    return _answer(ticket_id, message, files, user=user, actor=actor, now=now, solves=False)


def answer_and_solve(ticket_id: int, message: Message, *, user: User | None, actor: str, now: datetime) -> Comment:
    """Answer the member and hold it for done, which the member is told in one; of a complaint, too.

    Under a task it is a note. Raises NotFound, ValidationFailed, Conflict where it has ended.
    """
    files = _drawn_under(ticket_id, message, now=now)
    return _answer(ticket_id, message, files, user=user, actor=actor, now=now, solves=True)


@transaction.atomic
def _answer(
    ticket_id: int,
    message: Message,
    files: Sequence[KeptFile],
    *,
    user: User | None,
    actor: str,
    now: datetime,
    solves: bool,
) -> Comment:
    ticket = lock_ticket(ticket_id)
    if (known := _sent_before(ticket, message)) is not None:
        return known
    is_note, side = message.is_internal or ticket.is_internal, Comment.Side.STAFF
    if not is_note:
        refuse_crossing(ticket, message.shown, user)
    comment = _comment(ticket, message, files, side=side, user=user, actor=actor, now=now, is_internal=is_note)
    _call_on(comment, message.mentions, now=now)
    values = {} if is_note else _of_answer(ticket, message, user, now)
    if solves:
        end = solved(ticket, user=user, actor=actor, now=now, **values)
        if not is_note:
            tell_member_of_answer_and_end(ticket, end, now=now)
    elif is_note:
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=now)
    else:
        move(ticket, states.ANSWERS, actor=actor, now=now, values=values)
        tell_member_of_answer(ticket, comment, now=now)
    return comment


def _of_form(rows: QuerySet[Row], token: str) -> Row | None:
    """What the form with this token has written already."""
    return rows.filter(token=token).first() if token else None


def _sent_before(ticket: Ticket, message: Message) -> Comment | None:
    """What the form has written under the ticket already. Raises Conflict where it has other words by now."""
    known = _of_form(Comment.objects.all(), message.token)
    text = checked_text(message.text) if message.text.strip() else ""
    if known is not None and (known.ticket_id, known.text) != (ticket.pk, text):
        raise Conflict(_("این فرم پیش‌تر با متن دیگری فرستاده شد؛ برای متن تازه باید صفحه را تازه کرد."))
    return known


def _member(member_id: int) -> Member:
    rows = Member.objects.filter(merged_into=None).exclude(status=Member.Status.ERASED)
    found = rows.filter(pk=member_id).first() if 0 < member_id < 2**63 else None
    if found is None:
        raise NotFound
    return found


def _drawn_under(ticket_id: int, message: Message, *, now: datetime, is_members: bool = False) -> list[KeptFile]:
    """What is kept of the files of a message, if it was not written already."""
    if not message.files or _of_form(Comment.objects.all(), message.token) is not None:
        return []
    writer = Ticket.objects.filter(pk=ticket_id).values_list("member", flat=True).first() if is_members else None
    return _drawn(message.files, writer=writer, now=now)


def _drawn(files: Sequence[SentFile], *, writer: int | None, now: datetime, opens: bool = False) -> list[KeptFile]:
    """What is kept of the files: drawn before anything is locked, as a large picture takes a second.

    A member who has sent enough for the day is refused before any work is done.
    """
    if not files:
        return []
    if writer is not None:
        refuse_flood(writer, now=now, files=len(files), opens=opens)
    drawn = kept_files(files)
    make_room(_size(drawn), now=now)
    return drawn


def _size(files: Sequence[KeptFile]) -> int:
    return sum(len(file.data) for file in files)


def _assignee(new: NewTicket, department: Department | None, held: Promises) -> User | None:
    if new.assignee_id is not None:
        return one_of_the_staff(new.assignee_id, field="assignee")
    return assignee_for(department) if held.settings.shares_out else None


def _targets(kind: str, priority: str, held: Promises, since: datetime) -> dict[str, datetime | None]:
    """When it is to be answered and solved; a task is answered to nobody."""
    answer_by = None if kind == TicketKind.TASK else held.answer_by(priority, since)
    return {"answer_due_at": answer_by, "solve_due_at": held.solve_by(priority, since, timedelta())}


def _insert(ticket: Ticket) -> Ticket | None:
    """Save it with the next number of the club, whose row is held until the end of the transaction.

    Where the same form was quicker, nothing is saved, and that ticket is the answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD_COUNTER, {"club": current_club_id()})
        # Others with this form held the counter before; by now they have committed.
        if (quicker := _of_form(Ticket.objects.all(), ticket.token)) is not None:
            return quicker
        cursor.execute(NEXT_NUMBER, {"club": current_club_id()})
        ticket.number = cursor.fetchone()[0]
    ticket.save()
    return None


def _comment(
    ticket: Ticket,
    message: Message,
    files: Sequence[KeptFile],
    *,
    side: str,
    user: User | None,
    actor: str,
    now: datetime,
    is_internal: bool = False,
) -> Comment:
    """The message under the ticket, which is no longer than the state allows one."""
    if ticket.status == states.CLOSED and not is_internal:
        raise Conflict(_("این تیکت بسته است؛ نخست باید دوباره باز شود."))
    # A picture says enough by itself.
    text = checked_text(message.text) if message.text.strip() or not files else ""
    return write(
        ticket,
        text,
        files,
        side=side,
        user=user,
        actor=actor,
        now=now,
        is_internal=is_internal,
        token=message.token,
    )


def _call_on(comment: Comment, user_ids: Sequence[int], *, now: datetime) -> None:
    for user_id in sorted(set(user_ids)):
        user = one_of_the_staff(user_id, field="mentions")
        Mention.objects.create(comment=comment, ticket=comment.ticket, user=user)
        tell_mentioned(comment, user, now=now)


def _of_answer(ticket: Ticket, message: Message, user: User | None, now: datetime) -> dict[str, Any]:
    """What an answer changes on its ticket, beside the state."""
    values: dict[str, Any] = {"staff_wrote_at": now, **read_by_answering(ticket, message.shown)}
    if ticket.first_answer_at is None:
        worked = promises().calendar.worked(ticket.created_at, now)
        seconds = max(0, int(worked.total_seconds()) - ticket.paused_seconds)
        values |= {"first_answer_at": now, "first_answer_by": user, "answer_seconds": seconds}
    if ticket.assignee_id is None and user is not None:
        values["assignee"] = user
    return values


HOLD_COUNTER = """
INSERT INTO tickets_ticketcounter AS c (club_id, last_number) VALUES (%(club)s, 0)
ON CONFLICT (club_id) DO UPDATE SET last_number = c.last_number
"""
NEXT_NUMBER = """
UPDATE tickets_ticketcounter SET last_number = last_number + 1 WHERE club_id = %(club)s RETURNING last_number
"""
