"""One thing done with many tickets of the list at once; before any of them ends, it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.rights import staff_required
from core.errors import AppError, NotFound
from core.language import grouped
from core.text import whole_number
from desk.tickets.acts import user_of
from desk.tickets.inbox import ROWS
from tickets.handing import assign
from tickets.models import Ticket
from tickets.moving import close, solve
from tickets.selectors import ticket_for

ASSIGN, SOLVE, CLOSE = "assign", "solve", "close"
ENDS = (SOLVE, CLOSE)


@staff_required("answer_tickets")
@require_POST
def tickets_many(request: HttpRequest) -> HttpResponseBase:
    """Do one thing with all tickets that were ticked; what one of them refuses is told, and the others go on.

    What was refused stays ticked. No ticket ends before the question was answered that names them all.
    """
    act, assignee = request.POST.get("act", ""), whole_number(request.POST.get("assignee", ""))
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("نخست تیکت‌ها را علامت بزنید."))
        return redirect(_list(request))
    if act not in (ASSIGN, *ENDS):
        raise NotFound
    if act == ASSIGN and assignee is None:
        messages.error(request, _("مسئول را برگزینید."))
        return redirect(_list(request, chosen))
    if act in ENDS and "sure" not in request.POST:
        return _ask(request, act, chosen)
    left = _do(request, act, chosen, assignee)
    return redirect(_list(request, left))


def _chosen(request: HttpRequest) -> list[Ticket]:
    """Those of the ticked tickets that one may see; more than a page has are not read."""
    found = []
    for ticket_id in dict.fromkeys(request.POST.getlist("ticket")[:ROWS]):
        try:
            found.append(ticket_for(whole_number(ticket_id) or 0, request.user))
        except NotFound:
            continue
    return found


def _ask(request: HttpRequest, act: str, chosen: Sequence[Ticket]) -> HttpResponseBase:
    told = [one for one in chosen if one.is_open and not one.is_internal]
    context = {"chosen": chosen, "act": act, "told": len({one.member_id for one in told})}
    return render(request, "desk/tickets/many.html", {**context, "back": _list(request, chosen)})


def _do(request: HttpRequest, act: str, chosen: Sequence[Ticket], assignee: int | None) -> list[Ticket]:
    """Do it with each; those that refused, which is said of each."""
    left, user = [], user_of(request)
    for one in chosen:
        try:
            _do_one(act, one, user, assignee)
        except AppError as refused:
            messages.error(request, f"#{one.shown_number}: {' '.join(refused.texts)}")
            left.append(one)
    if done := len(chosen) - len(left):
        count = ngettext("%(count)s تیکت تغییر کرد.", "%(count)s تیکت تغییر کرد.", done)
        messages.success(request, count % {"count": grouped(done)})
    return left


def _do_one(act: str, one: Ticket, user: User, assignee: int | None) -> None:
    now = timezone.now()
    if act == ASSIGN:
        assign(one.pk, assignee, actor=user.actor, now=now)
    elif act == SOLVE:
        solve(one.pk, user=user, actor=user.actor, now=now)
    else:
        close(one.pk, user=user, actor=user.actor, now=now)


def _list(request: HttpRequest, ticked: Sequence[Ticket] = ()) -> str:
    query: QueryDict = request.GET.copy()
    query.setlist("ticked", [str(one.pk) for one in ticked])
    asked = query.urlencode()
    return reverse("desk:tickets") + (f"?{asked}" if asked else "")
