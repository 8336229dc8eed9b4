"""What the endpoints of tickets take."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.reading import Choice, Faults, Field, Flag, MemberRef, NamedCode, Record, Text, Whole
from tickets.checks import LONGEST_SUBJECT, LONGEST_TEXT
from tickets.models import Comment, Priority, Ticket, TicketKind

MEMBER, STAFF = Comment.Side.MEMBER.value, Comment.Side.STAFF.value
_KIND = tuple(TicketKind.values)
_PRIORITY = tuple(Priority.values)
_DEPARTMENT = NamedCode(nullable=True, about="code of the department that answers")
_PRODUCT = NamedCode(nullable=True, about="code of the product that it is about")


def _note_is_the_staffs(read: dict[str, Any], start: str, faults: Faults) -> None:
    if read.get("internal") and read["from"] == MEMBER:
        faults[f"{start}internal"] = [_("یادداشت داخلی تنها از کارکنان است (from: staff).")]


NEW_TICKET = Record(
    fields={
        "member": MemberRef(required=True, about="id or phone"),
        "kind": Choice(required=True, values=_KIND, about="task: the staff's alone, no member sees it"),
        "subject": Text(required=True, least=1, most=LONGEST_SUBJECT),
        "text": Text(required=True, least=1, most=LONGEST_TEXT, about="the first message, the member's own"),
        "department": _DEPARTMENT,
        "priority": Choice(values=_PRIORITY, about="normal unless told"),
        "product": _PRODUCT,
    }
)
TICKET_CHANGES = Record(
    fields={
        "kind": Choice(values=_KIND, about="a task stays one, and nothing else becomes one"),
        "subject": Text(least=1, most=LONGEST_SUBJECT),
        "department": _DEPARTMENT,
        "priority": Choice(values=_PRIORITY, about="another one brings its own targets"),
        "product": _PRODUCT,
    }
)
NEW_COMMENT = Record(
    fields={
        "text": Text(required=True, least=1, most=LONGEST_TEXT),
        "from": Choice(required=True, values=(MEMBER, STAFF), about="staff: an answer, of which the member is told"),
        "internal": Flag(about="a note among the staff, which the member never sees"),
    },
    check=_note_is_the_staffs,
)
TICKET_LIST: dict[str, Field] = {
    "member": Whole(least=1, about="id; of a merged record those of who took it over"),
    "status": Choice(values=tuple(Ticket.Status.values)),
    "kind": Choice(values=_KIND),
    "priority": Choice(values=_PRIORITY),
    "department": NamedCode(about="code"),
    "number": Whole(least=1),
    "q": Text(most=100, about="number, words of the subject and the messages, or the member's name or phone"),
}
