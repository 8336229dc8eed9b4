"""One ticket as the staff see it: the thread between the list and the member, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import staff_required
from club.members.selectors import find_members, get_member
from core.errors import AppError, NotFound, ValidationFailed
from core.text import whole_number
from desk.manager.record import with_names
from desk.tickets.acts import ACTS, MERGE, NAMES_ANOTHER, user_of
from desk.tickets.facts import facts_of
from desk.tickets.forms import AboutForm, AnswerForm, NewTicketForm
from desk.tickets.inbox import listed, query_of
from tickets.canned import canned_for, filled
from tickets.changing import update_ticket
from tickets.merging import linked_to, merged_in
from tickets.models import Ticket
from tickets.presence import sign_done, sign_writing, writing_beside
from tickets.reading import mark_of, read_by_staff, seen_by_member
from tickets.selectors import file_for, get_ticket, newest_of_thread, ticket_for
from tickets.services import Message, NewTicket, answer, answer_and_solve, open_ticket
from tickets.serving import served

ANSWER, NOTE, ANSWER_AND_SOLVE = "answer", "note", "answer_solve"
ABOUT = "about"
WRITES = (ANSWER, NOTE, ANSWER_AND_SOLVE)
ALONE = "_main_alone.html"
"""The frame of a page for one that is open already."""
LONGEST_SOUGHT = 120
FIRST_CANNED = 6
"""So many canned answers stand open above the others."""


@never_cache
@staff_required("answer_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def ticket_new(request: HttpRequest) -> HttpResponseBase:
    """A ticket that the staff write down for a member, who is named by the address; else it is asked for whom."""
    if "member" not in request.GET and request.method != "POST":
        text = request.GET.get("q", "")[:LONGEST_SOUGHT].replace("\x00", "").strip()
        return render(request, "desk/tickets/whose.html", {"text": text, "hits": find_members(text) if text else []})
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
    """For a page that stays open: nothing (204) while it shows all there is, else the thread and what hangs on it."""
    one, user, now = ticket_for(ticket_id, request.user), user_of(request), timezone.now()
    if "writing" in request.GET:
        sign_writing(one, user, now=now)
    writing = writing_beside(one, user, now=now)
    if request.GET.get("seen") == mark_of(one, for_member=False, now=now, writing=writing):
        return HttpResponse(status=204)
    return _page(request, one, AnswerForm(), is_live=True)


@never_cache
@staff_required("answer_tickets")
@require_http_methods(["GET", "HEAD", "POST"])
def ticket_act(request: HttpRequest, ticket_id: int) -> HttpResponseBase:
    """Answer it, note something, move it, or say more about it; then the ticket as it is.

    A refused answer leaves the browser at this address: who asks for it anew gets the ticket.
    """
    one = ticket_for(ticket_id, request.user)
    act = request.POST.get("act", "")
    if request.method != "POST":
        return redirect(_address(request, one))
    if act in WRITES:
        form = AnswerForm(request.POST, request.FILES)
        if not (form.is_valid() and _written(request, one, form, act)):
            return _page(request, one, form)
        return redirect(f"{_address(request, one)}#last")
    elif act == ABOUT:
        about = AboutForm(request.POST, ticket=one)
        if not (about.is_valid() and _changed(request, one, about)):
            return _page(request, one, AnswerForm(), about)
    elif act in ACTS:
        return _acted(request, one, act)
    else:
        raise Http404
    return redirect(_address(request, one))


def _acted(request: HttpRequest, one: Ticket, act: str) -> HttpResponseBase:
    """Do it in one press; where the number of another ticket was refused, the page comes back with it."""
    try:
        messages.success(request, ACTS[act](request, one))
        if act == MERGE and (into := get_ticket(one.pk).merged_into):
            return redirect(_address(request, into, merged=one.pk))
    except AppError as refused:
        if act in NAMES_ANOTHER:
            return _page(request, one, AnswerForm(), other_error=" ".join(map(str, refused.texts)))
        for text in refused.texts:
            messages.error(request, text)
    return redirect(_address(request, one))


@staff_required("answer_tickets")
@require_safe
def ticket_file(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """A file of a ticket that one may see."""
    return served(request, file_for(attachment_id, request.user))


def _address(request: HttpRequest, one: Ticket, **more: object) -> str:
    """The ticket again; the list for who has given it away and may see it no longer."""
    query = request.GET.copy()
    for name, value in more.items():
        query[name] = str(value)
    try:
        ticket_for(one.pk, request.user)
    except NotFound:
        here = reverse("desk:tickets")
    else:
        here = reverse("desk:ticket", args=[one.pk])
    return here + (f"?{query.urlencode()}" if query else "")


def _page(
    request: HttpRequest,
    one: Ticket,
    form: AnswerForm,
    about: AboutForm | None = None,
    *,
    other_error: str = "",
    is_live: bool = False,
) -> HttpResponseBase:
    about, merged, just = about or AboutForm(ticket=one), merged_in(one), whole_number(request.GET.get("merged", ""))
    with_names(merged, by="merged_by")
    said = _of_thread(request, one)
    # The list comes after the reading: what is before the eyes is no news there.
    around = {"frame": ALONE, "query": query_of(request), "now": timezone.now()} if is_live else listed(request)
    context = {
        **around,
        **said,
        "form": form,
        "about": about,
        "facts": facts_of(one, request.user),
        "merged": merged,
        "just_merged": next((row for row in merged if row.pk == just), None),
        "linked": [row for row in linked_to(one, request.user) if row not in merged],
        "other_number": request.POST.get("number", ""),
        "other_error": other_error,
        **_canned(request, one),
    }
    is_refused = form.errors or about.errors or other_error
    return render(request, "desk/tickets/ticket.html", context, status=422 if is_refused else 200)


def _begun(request: HttpRequest, one: Ticket) -> dict[str, str]:
    """What the answer begins with: the canned one that the address names, if it fits."""
    canned_id = whole_number(request.GET.get("canned", ""))
    fitting = canned_for(one) if canned_id is not None else []
    row = next((row for row in fitting if row.pk == canned_id), None)
    return {"text": filled(row.text, one, user_of(request))} if row else {}


def _canned(request: HttpRequest, one: Ticket) -> dict[str, Any]:
    answers = [(row, filled(row.text, one, user_of(request))) for row in canned_for(one)]
    return {"canned": answers[:FIRST_CANNED], "more_canned": answers[FIRST_CANNED:]}


def _of_thread(request: HttpRequest, one: Ticket) -> dict[str, Any]:
    now = timezone.now()
    writing = writing_beside(one, user_of(request), now=now)
    mark = mark_of(one, for_member=False, now=now, writing=writing)
    thread = newest_of_thread(one, request.GET.get("messages", ""), for_member=False)
    shown = thread.comments
    if request.method == "GET":
        read_by_staff(one, shown, request.user)
    newest = max((comment.pk for comment in shown), default=0)
    return {
        "ticket": one,
        "comments": shown,
        "thread": thread,
        "is_seen": seen_by_member(one, shown),
        "writing": writing,
        "mark": mark,
        "newest": newest,
    }


def _opened(request: HttpRequest, member_id: int, form: NewTicketForm) -> Ticket | None:
    typed, user = form.cleaned_data, user_of(request)
    new = NewTicket(
        **{name: typed[name] for name in ("subject", "text", "kind", "priority", "department")},
        product=typed.get("product", ""),
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
    typed, user, now = form.cleaned_data, user_of(request), timezone.now()
    message = Message(
        text=typed["text"],
        is_internal=act == NOTE,
        files=typed["attachments"],
        mentions=[int(user_id) for user_id in typed["mentions"]],
        token=form.token_of(user.actor),
        shown=whole_number(request.POST.get("shown", "")),
    )
    try:
        write = answer_and_solve if act == ANSWER_AND_SOLVE else answer
        write(one.pk, message, user=user, actor=user.actor, now=now)
        sign_done(one, user)
    except ValidationFailed as refused:
        form.refuse(refused.errors)
    except AppError as refused:
        form.add_error(None, refused.detail)
    return form.is_valid()


def _changed(request: HttpRequest, one: Ticket, form: AboutForm) -> bool:
    user = user_of(request)
    try:
        changed = update_ticket(one.pk, form.changes(), user=user, actor=user.actor, now=timezone.now())
    except NotFound:
        raise
    except AppError as refused:
        form.refuse(refused)
        return False
    said = _("ثبت شد.")
    if changed.department is not None and changed.department != one.department:
        handed = _("تیکت شمارهٔ %(number)s به واحد «%(name)s» سپرده شد.")
        said = handed % {"number": one.shown_number, "name": changed.department}
    messages.success(request, said)
    return True
