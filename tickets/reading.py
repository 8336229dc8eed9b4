"""That a ticket was read: what is new to either side is told by it."""

from datetime import datetime

from tickets.models import Ticket


def read_by_member(ticket: Ticket, *, now: datetime) -> None:
    """The member has the thread before the eyes."""
    if ticket.has_news_for_member:
        Ticket.objects.filter(pk=ticket.pk).update(member_read_at=now)


def read_by_staff(ticket: Ticket, *, now: datetime) -> None:
    """One of the staff has it before the eyes."""
    if ticket.has_news_for_staff:
        Ticket.objects.filter(pk=ticket.pk).update(staff_read_at=now)
