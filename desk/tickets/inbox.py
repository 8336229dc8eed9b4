"""The list of tickets as it is asked for: a page of its own, and the first pane beside a thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import Person, staff_required
from core.errors import NotFound, Text
from core.keyset import page_of
from core.text import latin_digits, whole_number
from tickets.assigning import supporters
from tickets.merging import numbered
from tickets.models import Priority, Ticket, TicketKind
from tickets.office import open_departments
from tickets.selectors import ENDED_LIST, LATE, ME, NOBODY, OPEN_LIST, Asked, inbox, inbox_counts

ROWS = 30
ONCE = ("canned", "seen", "writing", "merged", "ticked", "messages")
"""What an address says beside what it asks for: a canned answer, what a page had shown and whether one writes there,
what was merged, what stays ticked."""
USUAL = "usual"
"""The state of tickets where an address names none: the open ones, and all of them for who searches."""
Options = list[tuple[str, Text]]


@dataclass(frozen=True)
class Chip:
    """A filter that is on, in words, and the address without it."""

    words: str
    off: str


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
    named = _named(found, asked.text)
    rest = found.exclude(pk=named.pk) if named else found
    page = page_of(rest, asked.order, cursor=request.GET.get("before", ""), limit=ROWS)
    rows = [named, *page.rows] if named and page.is_first else page.rows
    offered = filters(asked)
    return {
        "rows": rows,
        "elsewhere": 0 if rows else _elsewhere(asked, request.user, now),
        "older": page.older,
        "is_first": page.is_first,
        "asked": asked,
        "counts": inbox_counts(request.user, now=now),
        "filters": offered,
        "chips": chips(offered, request.GET),
        "people": supporters(),
        "ticked": {whole_number(one) for one in request.GET.getlist("ticked")},
        "now": now,
        "query": query_of(request),
    }


def asked_by(request: HttpRequest) -> Asked:
    """What the address asks for, of the usual states where it names none; what is no value of a filter is left out."""
    get = request.GET
    owner, status = get.get("owner", ""), get.get("status", USUAL)
    text = get.get("q", "")[:120].replace("\x00", "").strip()
    return Asked(
        text=text,
        status=_usual(text) if status == USUAL else _one_of(status, [OPEN_LIST, ENDED_LIST, *Ticket.Status.values]),
        kind=_one_of(get.get("kind", ""), TicketKind.values),
        priority=_one_of(get.get("priority", ""), Priority.values),
        department=get.get("department", "")[:32].replace("\x00", ""),
        owner=owner if owner in (NOBODY, ME) or whole_number(owner) is not None else "",
        due=_one_of(get.get("due", ""), [LATE]),
    )


def filters(asked: Asked) -> list[tuple[str, Text, Options, str]]:
    """The filters: name in the address, label, options and the one that is on."""
    people: Options = [(str(user.pk), str(user)) for user in supporters()]
    known: Options = [(USUAL, _("بازها؛ در جست‌وجو همه")), (OPEN_LIST, _("همهٔ بازها"))]
    known += [(ENDED_LIST, _("پایان‌یافته‌ها")), *Ticket.Status.choices]
    status = USUAL if asked.status == _usual(asked.text) else asked.status
    departments: Options = [(one.code, one.name) for one in open_departments()]
    return [
        ("status", _("وضعیت"), known, status),
        ("owner", _("مسئول"), [(ME, _("خودم")), (NOBODY, _("هیچ‌کس")), *people], asked.owner),
        ("kind", _("نوع"), list(TicketKind.choices), asked.kind),
        ("priority", _("اولویت"), list(Priority.choices), asked.priority),
        ("department", _("واحد"), departments, asked.department),
        ("due", _("مهلت"), [(LATE, _("گذشته"))], asked.due),
    ]


def chips(offered: list[tuple[str, Text, Options, str]], query: QueryDict) -> list[Chip]:
    """The filters that are on, each to be taken off by itself; not the list of ended ones, which has a tab."""
    found = []
    for name, label, options, chosen in offered:
        words = dict(options).get(chosen, "") if chosen not in (USUAL, ENDED_LIST) else ""
        if words:
            left = query.copy()
            for gone in (name, "before", *ONCE):
                left.pop(gone, None)
            found.append(Chip(f"{label}: {words}", f"{reverse('desk:tickets')}?{left.urlencode()}"))
    return found


def query_of(request: HttpRequest) -> str:
    """What was asked of the list, without what was meant for one opening of the page."""
    query = request.GET.copy()
    for name in ONCE:
        query.pop(name, None)
    return query.urlencode()


def _usual(text: str) -> str:
    return "" if text else OPEN_LIST


def _named(found: QuerySet[Ticket], text: str) -> Ticket | None:
    """The ticket whose number was typed, or the one it goes on in, if it is among those that were found."""
    number = whole_number(latin_digits(text).removeprefix("#"))
    if not number:
        return None
    try:
        one = numbered(number)
    except NotFound:
        return None
    return found.filter(pk=one.merged_into_id or one.pk).first()


def _elsewhere(asked: Asked, user: Person, now: datetime) -> int:
    """How many tickets the same text finds without any filter, where it has found none with them."""
    wider = Asked(text=asked.text)
    return inbox(wider, user, now=now).count() if asked.text and asked != wider else 0


def _one_of(value: str, values: list[str]) -> str:
    return value if value in values else ""
