"""Tickets of members that were merged or erased."""

from collections.abc import Sequence
from datetime import datetime

from core.forgetting import forget_person
from crm.notices.services import forget_told
from tickets import states
from tickets.models import Attachment, Comment, StatusChange, Ticket, TicketWord

ERASED = "system"
TOLD_OF = ("ticket_given", "ticket_due", "ticket_late", "ticket_rated", "ticket_handed")
"""What the staff are told of a ticket names its subject; these are how the documents of it begin."""


def hand_over(source_id: int, into_id: int, *, now: datetime) -> None:
    """The tickets of the one member are the other's, in the running transaction."""
    Ticket.objects.filter(member=source_id).update(member=into_id, updated_at=now)


def forget_people(record_ids: Sequence[int], *, now: datetime) -> None:
    """Leave of these members' tickets what is counted, and nothing of what was said, in the running transaction."""
    tickets = Ticket.objects.filter(member__in=record_ids)
    ids = list(tickets.values_list("pk", flat=True))
    Attachment.objects.filter(comment__ticket__in=ids).delete()
    TicketWord.objects.filter(ticket__in=ids).delete()
    Comment.objects.filter(ticket__in=ids).update(text="", token="")
    still_open = list(tickets.exclude(status=states.CLOSED))
    StatusChange.objects.bulk_create(
        [
            StatusChange(ticket=one, from_status=one.status, to_status=states.CLOSED, actor=ERASED, at=now)
            for one in still_open
        ]
    )
    tickets.exclude(status=states.CLOSED).update(status=states.CLOSED, closed_at=now, due_at=None)
    tickets.update(subject="", rating_text="", token="", updated_at=now)
    _forget_notices(ids)
    forget_person(targets=[f"ticket:{ticket_id}" for ticket_id in ids], member_ids=[], phones=[])


def _forget_notices(ticket_ids: Sequence[int]) -> None:
    """Take the subjects of these tickets out of what the staff were told of them."""
    if not ticket_ids:
        return
    comments = Comment.objects.filter(ticket__in=ticket_ids).values_list("pk", flat=True)
    forget_told(
        [f"ticket:{one}" for one in ticket_ids] + [f"ticket_comment:{one}" for one in comments],
        [f"{kind}:{one}:" for one in ticket_ids for kind in TOLD_OF],
    )
