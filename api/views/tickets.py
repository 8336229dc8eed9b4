"""Tickets: opening and listing them, writing under them, closing and reopening."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from api import ticket_bodies as bodies
from api.answers import moment
from api.document import describe
from api.once import answer_once
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from api.views.naming import member_named
from core.errors import NotFound, ValidationFailed
from tickets.changing import update_ticket
from tickets.models import Comment, Ticket
from tickets.moving import close, reopen
from tickets.selectors import comments_under, get_ticket, tickets
from tickets.services import Message, NewTicket, write_as_member
from tickets.services import answer as answer_member
from tickets.services import open_ticket as open_for

NEWEST_TICKETS = ListOrder()
NEWEST_COMMENTS = ListOrder(updated="created_at")
EMPTY_FOR_NULL = ("department", "product")


class Tickets(ApiView):
    @describe("List tickets", query=bodies.TICKET_LIST, page_of="Ticket")
    def get(self, request: Request) -> HttpResponse:
        query = list_query(request.query_params, **bodies.TICKET_LIST)
        rows = tickets({name: query[name] for name in bodies.TICKET_LIST if name in query})
        return answer(page(rows, query, NEWEST_TICKETS, tickets_said))

    @describe("Open a ticket", body=bodies.NEW_TICKET, answer="Ticket", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        values = self.body(bodies.NEW_TICKET)
        text, replayed = answer_once(request, lambda: self._opened(values))
        return stored_answer(text, replayed=replayed)

    def _opened(self, values: dict[str, Any]) -> dict[str, Any]:
        member_id = member_named(values["member"])
        if member_id is None:
            raise NotFound
        said = {name: value for name, value in told(values).items() if name != "member"}
        new = NewTicket(channel=Ticket.Channel.API.value, **said)
        return ticket_said(open_for(member_id, new, actor=self.actor, now=self.now))


class OneTicket(ApiView):
    @describe("Read a ticket", answer="Ticket")
    def get(self, request: Request, ticket_id: int) -> HttpResponse:
        return answer(ticket_said(get_ticket(ticket_id)))

    @describe("Change a ticket", body=bodies.TICKET_CHANGES, answer="Ticket")
    def patch(self, request: Request, ticket_id: int) -> HttpResponse:
        get_ticket(ticket_id)
        changes = told(self.body(bodies.TICKET_CHANGES))
        return answer(ticket_said(update_ticket(ticket_id, changes, actor=self.actor, now=self.now)))


class Comments(ApiView):
    @describe("List what was written under a ticket", page_of="Comment")
    def get(self, request: Request, ticket_id: int) -> HttpResponse:
        rows, query = comments_under(get_ticket(ticket_id)), list_query(request.query_params)
        return answer(page(rows, query, NEWEST_COMMENTS, comments_said))

    @describe("Write under a ticket", body=bodies.NEW_COMMENT, answer="Comment", status=201, key="optional")
    def post(self, request: Request, ticket_id: int) -> HttpResponse:
        ticket = get_ticket(ticket_id)
        values = self.body(bodies.NEW_COMMENT)
        if values["from"] == bodies.MEMBER and ticket.is_internal:
            raise ValidationFailed({"from": [_("«کار» تنها برای کارکنان است؛ عضو زیر آن نمی‌نویسد.")]})
        text, replayed = answer_once(request, lambda: self._written(ticket_id, values))
        return stored_answer(text, replayed=replayed)

    def _written(self, ticket_id: int, values: dict[str, Any]) -> dict[str, Any]:
        message = Message(text=values["text"], is_internal=values.get("internal", False))
        if values["from"] == bodies.MEMBER:
            return comment_said(write_as_member(ticket_id, message, actor=self.actor, now=self.now))
        return comment_said(answer_member(ticket_id, message, user=None, actor=self.actor, now=self.now))


class CloseTicket(ApiView):
    @describe("Close a ticket", answer="Ticket", key="optional")
    def post(self, request: Request, ticket_id: int) -> HttpResponse:
        return moved(self, request, ticket_id, close)


class ReopenTicket(ApiView):
    @describe("Reopen a ticket", answer="Ticket", key="optional")
    def post(self, request: Request, ticket_id: int) -> HttpResponse:
        return moved(self, request, ticket_id, reopen)


def moved(view: ApiView, request: Request, ticket_id: int, act: Callable[..., Ticket]) -> HttpResponse:
    """The answer after the act was done to the ticket, once for its key."""
    get_ticket(ticket_id)
    now: datetime = view.now
    text, replayed = answer_once(request, lambda: ticket_said(act(ticket_id, actor=view.actor, now=now)))
    return stored_answer(text, replayed=replayed, status=200)


def told(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a ticket as services take them: no department and no product are empty codes."""
    return {name: "" if value is None and name in EMPTY_FOR_NULL else value for name, value in values.items()}


def tickets_said(rows: list[Ticket]) -> list[dict[str, Any]]:
    return [ticket_said(row) for row in rows]


def ticket_said(row: Ticket) -> dict[str, Any]:
    """A ticket; `assignee` is the name of who looks after it, `due_at` the promise that counts now."""
    return {
        "id": row.pk,
        "number": row.number,
        "status": row.status,
        "assignee": (row.assignee.name or None) if row.assignee else None,
        "first_answer_at": moment(row.first_answer_at),
        "due_at": moment(row.due_at),
        "rating": row.rating,
        "member": row.member_id,
        "kind": row.kind,
        "subject": row.subject,
        "department": row.department.code if row.department else None,
        "priority": row.priority,
        "product": row.product.code if row.product else None,
        "channel": row.channel,
        "rating_text": row.rating_text,
        "reopened": row.reopened,
        "merged_into": row.merged_into_id,
        "follows": row.follows_id,
        "solved_at": moment(row.solved_at),
        "closed_at": moment(row.closed_at),
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def comments_said(rows: list[Comment]) -> list[dict[str, Any]]:
    return [comment_said(row) for row in rows]


def comment_said(row: Comment) -> dict[str, Any]:
    """A message; `ticket` is another one where that was merged into this."""
    return {
        "id": row.pk,
        "ticket": row.ticket_id,
        "from": row.side,
        "internal": row.is_internal,
        "text": row.text,
        "author": (row.user.name or None) if row.user else None,
        "attachments": [
            {"id": file.pk, "name": file.name, "media_type": file.media_type, "size": file.size}
            for file in row.attachments.all()
        ],
        "created_at": moment(row.created_at),
    }
