"""One ticket as the staff see it: the thread between the list and the member, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rights import actor_of, staff_required
from club.members.selectors import get_member
from core.errors import AppError, ValidationFailed
from core.text import latin_digits, whole_number
from desk.tickets.facts import facts_of
from desk.tickets.forms import AboutForm, AnswerForm, NewTicketForm
from desk.tickets.inbox import listed
from tickets.canned import canned_for, filled
from tickets.handing import assign, take
from tickets.merging import link, linked_to, merge, numbered, unlink
from tickets.models import Ticket
from tickets.moving import close, hold, reopen, solve
from tickets.reading import read_by_staff
from tickets.selectors import file_for, thread, ticket_for
from tickets.services import Message, NewTicket, answer, answer_and_solve, open_ticket, update_ticket
from tickets.serving import served

ANSWER, NOTE, ANSWER_AND_SOLVE = "answer", "note", "answer_solve"
FIRST_CANNED = 6
"""So many canned answers stand open above the others."""
WRITES = (ANSWER, NOTE, ANSWER_AND_SOLVE)


@never_cache
@staff_required("answer_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def ticket_new(request: HttpRequest) -> HttpResponseBase:
    """A ticket that the staff write down for a member, who is named by the address."""
    member = get_member(whole_number(request.GET.get("member", "")) or 0)
    sent = request.method == "POST"
    form = NewTicketForm(request.POST, request.FILES) if sent else NewTicketForm()
    if sent and form.is_valid() and (made := _opened(request, member.pk, form)) is not None:
        messages.success(request, _("تیکت شمارهٔ %(number)s باز شد.") % {"number": made.shown_number})
        return redirect("desk:ticket", made.pk)
    context = {"form": form, "member": member}
    return render(request, "desk/tickets/new.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("answer_tickets")
@require_safe
def ticket(request: HttpRequest, ticket_id: int) -> HttpResponseBase:
    """The three panes: the list, the thread, the member."""
    one = ticket_for(ticket_id, request.user)
    if one.merged_into is not None:
        said = _("این تیکت در تیکت شمارهٔ %(number)s ادغام شده است.")
        messages.info(request, said % {"number": one.merged_into.shown_number})
        return redirect("desk:ticket", one.merged_into_id)
    return _page(request, one, AnswerForm(initial=_begun(request, one)))


@never_cache
@staff_required("answer_tickets")
@require_safe
def ticket_thread(request: HttpRequest, ticket_id: int) -> HttpResponseBase:
    """The messages alone, for a page that stays open."""
    return render(request, "desk/tickets/_thread.html", _of_thread(request, ticket_for(ticket_id, request.user)))


@never_cache
@staff_required("answer_tickets")
@require_POST
def ticket_act(request: HttpRequest, ticket_id: int) -> HttpResponseBase:
    """Answer it, note something, move it, or say more about it; then the ticket as it is."""
    one = ticket_for(ticket_id, request.user)
    act = request.POST.get("act", "")
    if act in WRITES:
        form = AnswerForm(request.POST, request.FILES)
        if not (form.is_valid() and _written(request, one, form, act)):
            return _page(request, one, form)
    elif act in ACTS:
        try:
            said = ACTS[act](request, one)
            messages.success(request, said)
        except AppError as refused:
            for text in refused.texts:
                messages.error(request, text)
    else:
        raise Http404
    query = request.GET.urlencode()
    return redirect(reverse("desk:ticket", args=[one.pk]) + (f"?{query}" if query else ""))


@staff_required("answer_tickets")
@require_safe
def ticket_file(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """A file of a ticket that one may see."""
    return served(request, file_for(attachment_id, request.user))


def _page(request: HttpRequest, one: Ticket, form: AnswerForm) -> HttpResponseBase:
    context = {
        **listed(request),
        **_of_thread(request, one),
        "form": form,
        "about": AboutForm(ticket=one),
        "facts": facts_of(one, request.user),
        "linked": linked_to(one, request.user),
        **_canned(request, one),
    }
    return render(request, "desk/tickets/ticket.html", context, status=422 if form.errors else 200)


def _begun(request: HttpRequest, one: Ticket) -> dict[str, str]:
    """What the answer begins with: the canned one that the address names, if it fits."""
    canned_id = whole_number(request.GET.get("canned", ""))
    fitting = canned_for(one) if canned_id is not None else []
    row = next((row for row in fitting if row.pk == canned_id), None)
    return {"text": filled(row.text, one, _user(request))} if row else {}


def _canned(request: HttpRequest, one: Ticket) -> dict[str, Any]:
    answers = [(row, filled(row.text, one, _user(request))) for row in canned_for(one)]
    return {"canned": answers[:FIRST_CANNED], "more_canned": answers[FIRST_CANNED:]}


def _of_thread(request: HttpRequest, one: Ticket) -> dict[str, Any]:
    shown = thread(one, for_member=False)
    if request.method == "GET":
        read_by_staff(one, shown, request.user)
    return {"ticket": one, "comments": shown}


def _opened(request: HttpRequest, member_id: int, form: NewTicketForm) -> Ticket | None:
    typed, user = form.cleaned_data, _user(request)
    new = NewTicket(
        **{name: typed[name] for name in ("subject", "text", "kind", "priority", "department")},
        files=typed["attachments"],
        token=form.token_of(user.actor),
        assignee_id=whole_number(typed["assignee"]),
    )
    try:
        return open_ticket(member_id, new, actor=user.actor, now=timezone.now(), user=user)
    except ValidationFailed as refused:
        form.refuse(refused.errors)
    except AppError as refused:
        form.add_error(None, refused.detail)
    return None


def _written(request: HttpRequest, one: Ticket, form: AnswerForm, act: str) -> bool:
    typed, user, now = form.cleaned_data, _user(request), timezone.now()
    message = Message(
        text=typed["text"],
        is_internal=act == NOTE,
        files=typed["attachments"],
        mentions=[int(user_id) for user_id in typed["mentions"]],
        token=form.token_of(user.actor),
    )
    try:
        write = answer_and_solve if act == ANSWER_AND_SOLVE else answer
        write(one.pk, message, user=user, actor=user.actor, now=now)
    except ValidationFailed as refused:
        form.refuse(refused.errors)
    except AppError as refused:
        form.add_error(None, refused.detail)
    return form.is_valid()


def _about(request: HttpRequest, one: Ticket) -> str:
    form, user, now = AboutForm(request.POST, ticket=one), _user(request), timezone.now()
    if not form.is_valid():
        raise ValidationFailed({name: [str(text) for text in texts] for name, texts in form.errors.items()})
    typed = form.cleaned_data
    update_ticket(one.pk, {name: typed[name] for name in ("kind", "priority", "department")}, actor=user.actor, now=now)
    assign(one.pk, whole_number(typed["assignee"]), actor=user.actor, now=now)
    return _("ثبت شد.")


def _take(request: HttpRequest, one: Ticket) -> str:
    take(one.pk, _user(request), now=timezone.now())
    return _("این تیکت از آن شماست.")


def _hold(request: HttpRequest, one: Ticket) -> str:
    hold(one.pk, actor=actor_of(request.user), now=timezone.now())
    return _("نوبت ماست.")


def _solve(request: HttpRequest, one: Ticket) -> str:
    solve(one.pk, user=_user(request), actor=actor_of(request.user), now=timezone.now())
    return _("حل‌شده است؛ از عضو می‌پرسیم راضی بود یا نه.")


def _close(request: HttpRequest, one: Ticket) -> str:
    close(one.pk, user=_user(request), actor=actor_of(request.user), now=timezone.now())
    return _("بسته شد.")


def _reopen(request: HttpRequest, one: Ticket) -> str:
    reopen(one.pk, actor=actor_of(request.user), now=timezone.now())
    return _("دوباره باز شد.")


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _merge(request: HttpRequest, one: Ticket) -> str:
    into = merge(one.pk, _named(request).pk, actor=actor_of(request.user), now=timezone.now())
    return _("در تیکت شمارهٔ %(number)s ادغام شد؛ با باز کردن دوباره جدا می‌شود.") % {"number": into.shown_number}


def _link(request: HttpRequest, one: Ticket) -> str:
    other = link(one.pk, _named(request).number, actor=actor_of(request.user))
    return _("به تیکت شمارهٔ %(number)s پیوست.") % {"number": other.shown_number}


def _unlink(request: HttpRequest, one: Ticket) -> str:
    unlink(one.pk, whole_number(request.POST.get("other", "")) or 0, actor=actor_of(request.user))
    return _("پیوند برداشته شد.")


def _named(request: HttpRequest) -> Ticket:
    """The ticket whose number was typed, if one may see it. Raises NotFound."""
    typed = latin_digits(request.POST.get("number", "")).strip().removeprefix("#")
    return ticket_for(numbered(whole_number(typed) or 0).pk, request.user)


ACTS: dict[str, Callable[[HttpRequest, Ticket], str]] = {
    "about": _about,
    "take": _take,
    "hold": _hold,
    "solve": _solve,
    "close": _close,
    "reopen": _reopen,
    "merge": _merge,
    "link": _link,
    "unlink": _unlink,
}
