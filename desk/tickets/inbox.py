"""The list of tickets as it is asked for: a page of its own, and the first pane beside a thread."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from core.errors import Text
from core.keyset import page_of
from core.text import whole_number
from tickets.assigning import supporters
from tickets.models import Priority, Ticket, TicketKind
from tickets.office import open_departments
from tickets.selectors import ENDED_LIST, LATE, ME, NOBODY, OPEN_LIST, Asked, inbox, inbox_counts

ROWS = 30
ONCE = ("canned", "seen", "writing", "merged", "ticked", "messages")
"""What an address says beside what it asks for: a canned answer, what a page had shown and whether one writes there,
what was merged, what stays ticked."""
Options = list[tuple[str, Text]]


@never_cache
@staff_required("answer_tickets")
@require_safe
def tickets(request: HttpRequest) -> HttpResponseBase:
    """The tickets that are asked for; of open ones, what is due first stands first."""
    return render(request, "desk/tickets/list.html", listed(request))


def listed(request: HttpRequest) -> dict[str, Any]:
    """The list pane: rows, filters and figures. The address holds what is asked, for a colleague to open it, too."""
    now, asked = timezone.now(), asked_by(request)
    found = inbox(asked, request.user, now=now)
    page = page_of(found, asked.order, cursor=request.GET.get("before", ""), limit=ROWS)
    return {
        "rows": page.rows,
        "older": page.older,
        "is_first": page.is_first,
        "asked": asked,
        "counts": inbox_counts(request.user, now=now),
        "filters": filters(asked),
        "people": supporters(),
        "ticked": {whole_number(one) for one in request.GET.getlist("ticked")},
        "now": now,
        "query": query_of(request),
    }


def asked_by(request: HttpRequest) -> Asked:
    """What the address asks for, open ones where it says nothing; what is none of a filter's values is left out."""
    get = request.GET
    owner = get.get("owner", "")
    return Asked(
        text=get.get("q", "")[:120].replace("\x00", ""),
        status=_one_of(get.get("status", OPEN_LIST), [OPEN_LIST, ENDED_LIST, *Ticket.Status.values]),
        kind=_one_of(get.get("kind", ""), TicketKind.values),
        priority=_one_of(get.get("priority", ""), Priority.values),
        department=get.get("department", "")[:32].replace("\x00", ""),
        owner=owner if owner in (NOBODY, ME) or whole_number(owner) is not None else "",
        due=_one_of(get.get("due", ""), [LATE]),
    )


def filters(asked: Asked) -> list[tuple[str, Text, Options, str]]:
    """The filters: name in the address, label, options and the one that is on."""
    people: Options = [(str(user.pk), str(user)) for user in supporters()]
    known: Options = [(OPEN_LIST, _("همهٔ بازها")), (ENDED_LIST, _("پایان‌یافته‌ها")), *Ticket.Status.choices]
    departments: Options = [(one.code, one.name) for one in open_departments()]
    return [
        ("status", _("وضعیت"), known, asked.status),
        ("owner", _("مسئول"), [(ME, _("خودم")), (NOBODY, _("هیچ‌کس")), *people], asked.owner),
        ("kind", _("نوع"), list(TicketKind.choices), asked.kind),
        ("priority", _("اولویت"), list(Priority.choices), asked.priority),
        ("department", _("واحد"), departments, asked.department),
        ("due", _("مهلت"), [(LATE, _("گذشته"))], asked.due),
    ]


def query_of(request: HttpRequest) -> str:
    """What was asked of the list, without what was meant for one opening of the page."""
    query = request.GET.copy()
    for name in ONCE:
        query.pop(name, None)
    return query.urlencode()


def _one_of(value: str, values: list[str]) -> str:
    return value if value in values else ""
