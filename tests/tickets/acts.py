"""Tickets in one line."""

from datetime import datetime
from io import BytesIO
from typing import Any

from PIL import Image

from accounts.models import User
from club.members.models import Member
from sms.models import OutboxMessage
from tests.shop import NOON
from tickets.files import SentFile
from tickets.models import Comment, StatusChange, Ticket
from tickets.services import Message, NewTicket, answer, open_ticket, write_as_member


def asks(member: Member, subject: str = "کارتم کار نمی‌کند", *, now: datetime = NOON, **more: Any) -> Ticket:
    new = NewTicket(**{"subject": subject, "text": "سلام، چه کنم؟", "channel": "portal", **more})
    return open_ticket(member.pk, new, actor=f"member:{member.pk}", now=now)


def writes(ticket: Ticket, text: str = "ممنون", *, now: datetime = NOON, **more: Any) -> Comment:
    return write_as_member(ticket.pk, Message(text=text, **more), actor=f"member:{ticket.member_id}", now=now)


def answers(ticket: Ticket, user: User, text: str = "درستش کردیم.", *, now: datetime = NOON, **more: Any) -> Comment:
    return answer(ticket.pk, Message(text=text, **more), user=user, actor=user.actor, now=now)


def history(ticket: Ticket) -> list[str]:
    """The states that a ticket has gone through, the first first."""
    return list(StatusChange.objects.filter(ticket=ticket).order_by("pk").values_list("to_status", flat=True))


def sent_sms(member: Member) -> list[str]:
    """The kinds of SMS about tickets that are on their way to the member."""
    rows = OutboxMessage.objects.filter(member_id=member.pk, kind__startswith="ticket_")
    return list(rows.order_by("pk").values_list("kind", flat=True))


def picture(size: tuple[int, int] = (40, 30), form: str = "PNG", name: str = "shot.png") -> SentFile:
    out = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, form)
    return SentFile(name, out.getvalue())


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
