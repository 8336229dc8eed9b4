"""Reading tickets: one, the thread under it, a member's lists, the inbox of the staff, and the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Prefetch, Q, QuerySet, When

from accounts.rights import Person, can
from club.members.selectors import records_of
from core.errors import NotFound
from core.keyset import Page, page_of
from core.text import whole_number
from tickets import states
from tickets.assigning import visible_to
from tickets.finding import found
from tickets.models import Attachment, AttachmentBytes, Comment, Ticket, TicketKind
from tickets.rights import ANSWER

NOBODY, ME = "none", "me"
LATE = "late"
AT_ONCE, MOST_ASKED = 100, 100_000
OPEN_LIST, ENDED_LIST = "open", "ended"
LISTS: dict[str, Sequence[str]] = {OPEN_LIST: sorted(states.OPEN), ENDED_LIST: sorted(states.ENDED)}
DUE_FIRST, LAST_TOUCHED = ("due_at", "pk"), ("-updated_at", "-pk")


@dataclass(frozen=True)
class Asked:
    """Which tickets the staff want. `status` is a state, `open` or `ended`; `owner` a user's id, `me` or `none`."""

    text: str = ""
    status: str = ""
    kind: str = ""
    priority: str = ""
    department: str = ""
    owner: str = ""
    due: str = ""

    @property
    def is_usual(self) -> bool:
        """Whether nothing but the open ones is asked for."""
        return self == Asked(status=OPEN_LIST)

    @property
    def order(self) -> Sequence[str]:
        """What is due first stands first, and of one moment the older one; where some have ended, the last touched."""
        is_open = self.due == LATE or self.status in (OPEN_LIST, *states.OPEN)
        return DUE_FIRST if is_open else LAST_TOUCHED


@dataclass(frozen=True)
class Thread:
    """The newest messages of a ticket, `wanted` at most, the oldest first; `more`: as many to see older ones, too."""

    comments: list[Comment]
    wanted: int
    more: int | None


def get_ticket(ticket_id: int) -> Ticket:
    """The ticket with its people. Raises NotFound, also for another club's."""
    return _one(_whole().filter(pk=_id(ticket_id)))


def lock_ticket(ticket_id: int) -> Ticket:
    """The same, held until the end of the transaction: what is decided by its state holds until then."""
    if not Ticket.objects.select_for_update(no_key=True).filter(pk=_id(ticket_id)).exists():
        raise NotFound
    return get_ticket(ticket_id)


def ticket_of_member(ticket_id: int, member_id: int) -> Ticket:
    """A ticket as its member may see it: an own one, that is not the staff's. Raises NotFound."""
    return _one(_whole().filter(_own(member_id), pk=_id(ticket_id)))


def ticket_for(ticket_id: int, user: Person) -> Ticket:
    """A ticket that this one of the staff may see. Raises NotFound."""
    return _one(_whole().filter(visible_to(user), pk=_id(ticket_id)))


def thread(ticket: Ticket, *, for_member: bool) -> list[Comment]:
    """What was written, the oldest first, with its files; also under tickets that were merged into this one."""
    rows = comments_under(ticket).filter(is_internal=False) if for_member else comments_under(ticket)
    return list(rows.order_by("created_at", "pk"))


def newest_of_thread(ticket: Ticket, asked: str, *, for_member: bool) -> Thread:
    """The newest messages of the thread; `asked` is how many an address wants to see, AT_ONCE unless it wants more."""
    wanted = max(AT_ONCE, whole_number(asked, most=MOST_ASKED) or 0)
    rows = comments_under(ticket).filter(is_internal=False) if for_member else comments_under(ticket)
    found = list(rows.order_by("-created_at", "-pk")[: wanted + 1])
    has_older = len(found) > wanted
    return Thread(found[:wanted][::-1], wanted, wanted + AT_ONCE if has_older else None)


def comments_under(ticket: Ticket) -> QuerySet[Comment]:
    """What was written there, notes among the staff too, unordered; files come with it in one query more."""
    merged = Ticket.objects.filter(merged_into=ticket).values_list("pk", flat=True)
    rows = Comment.objects.filter(ticket__in=[ticket.pk, *merged])
    files = Prefetch("attachments", Attachment.objects.order_by("pk"))
    return rows.select_related("user", "ticket").prefetch_related(files)


def tickets(asked: Mapping[str, Any]) -> QuerySet[Ticket]:
    """All tickets of the club, or those of a member, number, status, kind, priority, department (code) or text (`q`).

    Unordered; those merged into another are among them.
    """
    rows = _whole()
    for name, value in asked.items():
        if name == "member":
            rows = rows.filter(member__in=records_of(value))
        elif name == "q":
            rows = rows.filter(found(value))
        else:
            rows = rows.filter(**{"department__code" if name == "department" else name: value})
    return rows


def member_tickets(member_id: int, which: str, *, limit: int, cursor: str = "") -> Page[Ticket]:
    """A page of a member's own tickets of one list (`open`, `ended`), the last touched first."""
    rows = Ticket.objects.filter(_own(member_id), merged_into=None, status__in=LISTS[which])
    return page_of(rows, LAST_TOUCHED, cursor=cursor, limit=limit)


def member_counts(member_id: int) -> dict[str, int]:
    """How many of a member's own tickets each list has, in one query."""
    rows = Ticket.objects.filter(_own(member_id), merged_into=None)
    return rows.aggregate(**{name: Count("pk", filter=Q(status__in=of)) for name, of in LISTS.items()})


def open_complaints(member_id: int, user: Person) -> list[tuple[Ticket, bool]]:
    """The complaints of a member that wait for their end, the newest first, and whether one may open them."""
    rows = Ticket.objects.filter(member__in=records_of(member_id), kind=TicketKind.COMPLAINT, status__in=states.OPEN)
    found = list(rows.order_by("-pk")[:5])
    seen = Ticket.objects.filter(visible_to(user), pk__in=[one.pk for one in found]) if can(user, ANSWER) else []
    ids = {one.pk for one in seen}
    return [(one, one.pk in ids) for one in found]


def others_of(ticket: Ticket, user: Person) -> list[Ticket]:
    """The other tickets of its member that one may see, open ones first, then the newest; at most ten."""
    rows = Ticket.objects.filter(visible_to(user), member=ticket.member_id, merged_into=None).exclude(pk=ticket.pk)
    has_ended = Case(When(status__in=states.ENDED, then=1), default=0)
    return list(rows.order_by(has_ended, "-pk")[:10])


def inbox(asked: Asked, user: Person, *, now: datetime) -> QuerySet[Ticket]:
    """The tickets that are asked for, of those that this one of the staff may see, unordered."""
    rows = Ticket.objects.select_related("member", "assignee").filter(visible_to(user), merged_into=None)
    if asked.status:
        rows = rows.filter(status__in=LISTS.get(asked.status, [asked.status]))
    for name, path in (("kind", "kind"), ("priority", "priority"), ("department", "department__code")):
        if value := getattr(asked, name):
            rows = rows.filter(**{path: value})
    if asked.owner:
        owners = {NOBODY: None, ME: user.pk}
        rows = rows.filter(assignee=owners[asked.owner] if asked.owner in owners else _id(asked.owner))
    if asked.due == LATE:
        rows = rows.filter(due_at__lt=now, status__in=states.OPEN)
    return rows.filter(found(asked.text))


def inbox_counts(user: Person, *, now: datetime) -> dict[str, int]:
    """How many open tickets there are in all, of one's own, of nobody, and late, in one query."""
    rows = Ticket.objects.filter(visible_to(user), status__in=states.OPEN)  # none of them is merged into another
    return rows.aggregate(
        open=Count("pk"),
        mine=Count("pk", filter=Q(assignee=user.pk)),
        nobodys=Count("pk", filter=Q(assignee=None)),
        late=Count("pk", filter=Q(due_at__lt=now)),
    )


def file_for_member(attachment_id: int, member_id: int) -> Attachment:
    """A file of a member's own ticket. Raises NotFound."""
    rows = Attachment.objects.filter(comment__is_internal=False, comment__ticket__in=_tickets(_own(member_id)))
    return _file(rows, attachment_id)


def file_for(attachment_id: int, user: Person) -> Attachment:
    """A file of a ticket that this one of the staff may see. Raises NotFound."""
    seen = _tickets(visible_to(user))
    rows = Attachment.objects.filter(Q(comment__ticket__in=seen) | Q(comment__ticket__merged_into__in=seen))
    return _file(rows, attachment_id)


def bytes_of(attachment: Attachment) -> bytes:
    """What the file holds."""
    return bytes(AttachmentBytes.objects.get(attachment=attachment).data)


def _tickets(which: Q) -> QuerySet[Ticket]:
    return Ticket.objects.filter(which).order_by()


def _file(rows: QuerySet[Attachment], attachment_id: int) -> Attachment:
    found = rows.filter(pk=_id(attachment_id)).first()
    if found is None:
        raise NotFound
    return found


def _whole() -> QuerySet[Ticket]:
    return Ticket.objects.select_related("member", "department", "product", "assignee", "merged_into", "follows")


def _own(member_id: int) -> Q:
    return Q(member__in=records_of(member_id)) & ~Q(kind=TicketKind.TASK)


def _one(rows: QuerySet[Ticket]) -> Ticket:
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def _id(value: int | str) -> int:
    number = whole_number(value) if isinstance(value, str) else value
    return number if number is not None and 0 < number < 2**63 else 0
