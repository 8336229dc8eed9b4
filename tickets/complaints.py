"""Complaints that go on in a ticket: whether the last of them was answered, and which were not followed up."""

from __future__ import annotations

from django.db.models import Min, Q, QuerySet

from tickets.models import Comment, Ticket, TicketKind


def is_answered(ticket: Ticket) -> bool:
    """Whether an answer went out, under the ticket or one merged into it, after the last complaint among them came in.

    What a ticket was opened with answers nothing, whoever wrote it down. Without complaints any answer counts.
    """
    together = _together(ticket).annotate(opening=Min("comments")).values_list("kind", "own_kind", "opening")
    openings = [opening for _kind, _own_kind, opening in together if opening is not None]
    complained = [opening for kind, own, opening in together if kind == TicketKind.COMPLAINT and not own and opening]
    answers = Comment.objects.filter(ticket__in=_together(ticket).values("pk"), side=Comment.Side.STAFF)
    answers = answers.filter(is_internal=False, pk__gt=max(complained, default=0)).exclude(pk__in=openings)
    return answers.exists()


def not_followed_up(ticket: Ticket) -> list[Ticket]:
    """The complaints in it, itself and those merged into it, after which no task was opened here; the last first."""
    together = list(_together(ticket))
    tasks = list(Ticket.objects.filter(follows__in=together).values_list("follows", "created_at"))
    complaints = [one for one in together if one.kind == TicketKind.COMPLAINT and not one.own_kind]
    left = [
        one
        for one in complaints
        if not any(of == one.pk or (one.merged_at and made_at >= one.merged_at) for of, made_at in tasks)
    ]
    return sorted(left, key=lambda one: -one.pk)


def _together(ticket: Ticket) -> QuerySet[Ticket]:
    return Ticket.objects.filter(Q(pk=ticket.pk) | Q(merged_into=ticket)).order_by()
