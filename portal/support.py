"""The member's side of tickets: the own ones, a new one, and the thread as in a messenger."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, member_required
from club.members.models import Member
from core.errors import AppError, Conflict, Throttled, ValidationFailed
from core.forms import set_choices
from core.text import whole_number
from portal.access import member_of
from tickets.checks import LONGEST_SUBJECT
from tickets.complaints import is_answered
from tickets.forms import MessageForm
from tickets.models import Ticket, TicketKind
from tickets.moving import Unanswered, close, rate
from tickets.office import open_departments, promised_hours
from tickets.reading import first_news, mark_of, read_by_member, seen_by_staff
from tickets.selectors import (
    ENDED_LIST,
    OPEN_LIST,
    file_for_member,
    member_counts,
    member_tickets,
    newest_of_thread,
    ticket_of_member,
)
from tickets.services import Message, NewTicket, open_ticket, write_as_member
from tickets.serving import served
from tickets.states import CLOSED, ENDED

ROWS = 20
ASKED = (TicketKind.QUESTION, TicketKind.REQUEST, TicketKind.COMPLAINT)
STARS = range(1, 6)
ALONE = "_main_alone.html"
"""The frame of a page for one that is open already."""


class NewTicketForm(MessageForm):
    """What a member asks. The department is asked for where there are several."""

    kind = forms.ChoiceField(label=gettext_lazy("دربارهٔ چیست؟"), widget=forms.RadioSelect)
    department = forms.ChoiceField(label=gettext_lazy("به کدام بخش؟"), required=False)
    subject = forms.CharField(label=gettext_lazy("موضوع"), max_length=LONGEST_SUBJECT)
    subject.error_messages["required"] = gettext_lazy("موضوع خالی نمی‌ماند و تا ۱۵۰ نویسه جا دارد.")

    field_order = ("kind", "department", "subject", "text", "attachments", "token")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        set_choices(self, "kind", [(kind.value, kind.label) for kind in ASKED])
        departments = [(one.code, one.name) for one in open_departments()]
        set_choices(self, "department", [("", _("نمی‌دانم")), *departments])
        if len(departments) < 2:
            del self.fields["department"]
        self.initial.setdefault("kind", TicketKind.QUESTION.value)
        self.fields["text"].required = True
        self.fields["text"].widget.attrs["rows"] = 5
        self.fields["subject"].widget.attrs["class"] = "input"
        if "department" in self.fields:
            self.fields["department"].widget.attrs["class"] = "select"


@never_cache
@member_required
@require_safe
def support(request: HttpRequest) -> HttpResponseBase:
    """The member's tickets in two lists, the last touched first."""
    member = member_of(request)
    which = ENDED_LIST if request.GET.get("list") == ENDED_LIST else OPEN_LIST
    page = member_tickets(member.pk, which, limit=ROWS, cursor=request.GET.get("before", ""))
    context = {
        "tickets": page.rows,
        "older": page.older,
        "is_first": page.is_first,
        "which": which,
        "counts": member_counts(member.pk),
    }
    return render(request, "portal/support.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def support_new(request: HttpRequest) -> HttpResponseBase:
    """Ask something: one form; the ticket's own page says its number."""
    member = member_of(request)
    form = NewTicketForm(request.POST, request.FILES) if request.method == "POST" else NewTicketForm()
    if request.method == "POST" and form.is_valid() and (ticket := _opened(request, member, form)) is not None:
        said = _("پیامت رسید. شمارهٔ تیکت %(number)s است.") % {"number": ticket.shown_number}
        messages.success(request, said)
        return redirect("portal:ticket", ticket.pk)
    context = {"form": form, "hours": promised_hours()}
    return render(request, "portal/support_new.html", context, status=422 if form.errors else 200)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, ticket_id: int) -> HttpResponseBase:
    """The thread, and the answer to it."""
    member = member_of(request)
    one = ticket_of_member(ticket_id, member.pk)
    is_sent = request.method == "POST"
    if one.merged_into is not None and not is_sent:
        return redirect("portal:ticket", one.merged_into_id)
    one = one.merged_into or one
    form = MessageForm(request.POST, request.FILES) if is_sent else MessageForm()
    if is_sent and form.is_valid() and _written(request, one, form):
        if one.status == CLOSED:
            messages.success(request, _("تیکت دوباره باز شد و پیامت رسید."))
        return redirect(f"{reverse('portal:ticket', args=[one.pk])}#last")
    return _thread_page(request, one, form)


@never_cache
@member_required
@require_safe
def ticket_thread(request: HttpRequest, ticket_id: int) -> HttpResponseBase:
    """For a page that stays open: nothing (204) while it shows all there is, else the thread and what hangs on it."""
    member = member_of(request)
    one = ticket_of_member(ticket_id, member.pk)
    if one.merged_into_id is not None:
        one = ticket_of_member(one.merged_into_id, member.pk)
    if request.GET.get("seen") == mark_of(one, for_member=True, now=timezone.now()):
        return HttpResponse(status=204)
    return _thread_page(request, one, MessageForm(), frame=ALONE)


@never_cache
@member_required
@require_POST
def ticket_close(request: HttpRequest, ticket_id: int) -> HttpResponseBase:
    """The member needs no more of us."""
    one = ticket_of_member(ticket_id, member_of(request).pk)
    try:
        one = close(one.pk, actor=actor_of(request.user), now=timezone.now(), by_member=True)
    except Unanswered:
        messages.error(request, _("شکایتت هنوز پاسخ نگرفته است؛ پس از پاسخ ما می‌توانی آن را ببندی."))
    except Conflict as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, _("تیکت بسته شد."))
        return _to_rating(one)
    return redirect("portal:ticket", one.pk)


@never_cache
@member_required
@require_POST
def ticket_rate(request: HttpRequest, ticket_id: int) -> HttpResponseBase:
    """How it was, in stars and words."""
    one = ticket_of_member(ticket_id, member_of(request).pk)
    stars = whole_number(request.POST.get("rating", "")) or 0
    try:
        rate(one.pk, stars, request.POST.get("text", ""), actor=actor_of(request.user), now=timezone.now())
    except (ValidationFailed, Conflict, Throttled) as refused:
        for text in refused.texts:
            messages.error(request, text)
    else:
        messages.success(request, _("ممنون که گفتی."))
    return _to_rating(one)


@member_required
@require_safe
def ticket_file(request: HttpRequest, attachment_id: int) -> HttpResponseBase:
    """A file of one of the member's tickets."""
    return served(request, file_for_member(attachment_id, member_of(request).pk))


def _to_rating(one: Ticket) -> HttpResponseBase:
    """To where its member may say how it was; to the page, where there is nothing to say."""
    page = reverse("portal:ticket", args=[one.pk])
    return redirect(f"{page}#rating" if is_answered(one) else page)


def _thread_page(request: HttpRequest, one: Ticket, form: MessageForm, *, frame: str = "") -> HttpResponseBase:
    context = {"form": form, "stars": STARS, "frame": frame, **_of_thread(request, one)}
    return render(request, "portal/ticket.html", context, status=422 if form.errors else 200)


def _of_thread(request: HttpRequest, one: Ticket) -> dict[str, Any]:
    mark = mark_of(one, for_member=True, now=timezone.now())
    thread = newest_of_thread(one, request.GET.get("messages", ""), for_member=True)
    shown = thread.comments
    if request.method == "GET":
        read_by_member(one, shown)
    return {
        "ticket": one,
        "comments": shown,
        "news": first_news(one, shown),
        "thread": thread,
        "is_seen": seen_by_staff(one, shown),
        "may_rate": one.status in ENDED and is_answered(one),
        "mark": mark,
    }


def _opened(request: HttpRequest, member: Member, form: NewTicketForm) -> Ticket | None:
    typed, actor = form.cleaned_data, actor_of(request.user)
    new = NewTicket(
        subject=typed["subject"],
        text=typed["text"],
        kind=typed["kind"],
        department=typed.get("department", ""),
        channel=Ticket.Channel.PORTAL.value,
        files=typed["attachments"],
        token=form.token_of(actor),
    )
    try:
        return open_ticket(member.pk, new, actor=actor, now=timezone.now())
    except ValidationFailed as refused:
        form.refuse(refused.errors)
    except AppError as refused:
        form.add_error(None, refused.detail)
    return None


def _written(request: HttpRequest, one: Ticket, form: MessageForm) -> bool:
    typed, actor = form.cleaned_data, actor_of(request.user)
    message = Message(text=typed["text"], files=typed["attachments"], token=form.token_of(actor))
    try:
        write_as_member(one.pk, message, actor=actor, now=timezone.now(), reopens=True)
    except ValidationFailed as refused:
        form.refuse(refused.errors)
    except AppError as refused:
        form.add_error(None, refused.detail)
    return form.is_valid()
