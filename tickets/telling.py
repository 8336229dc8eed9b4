"""What members and staff are told of a ticket: notices on their panels, and SMS to its member."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.language import grouped, in_language
from core.tenancy.scope import current_club
from crm.notices.services import notify, notify_staff
from sms import outbox
from sms.wording import portal_link
from tickets.assigning import is_supporter, named_people
from tickets.messages import ANSWERED, ANSWERED_AND_ENDED, ENDED, ENDED_UNANSWERED
from tickets.models import Comment, Department, StatusChange, Ticket
from tickets.rights import ANSWER, MANAGE


def tell_member_of_answer(ticket: Ticket, comment: Comment, *, now: datetime) -> None:
    """That we have answered, in the running transaction; of one answer once."""
    text = _("به تیکت شمارهٔ %(number)s پاسخ دادیم.") % {"number": ticket.shown_number}
    _tell_member(ANSWERED.code, ticket, text, document=f"ticket_comment:{comment.pk}", now=now)


def tell_member_of_end(ticket: Ticket, end: StatusChange, *, now: datetime, asks: bool) -> None:
    """That it has ended; where it `asks`, that we would like to hear how our answer was."""
    kind = ENDED if asks else ENDED_UNANSWERED
    asked = _("تیکت شمارهٔ %(number)s پایان یافت؛ از پاسخ ما راضی بودی؟")
    text = asked if asks else _("تیکت شمارهٔ %(number)s پایان یافت؛ اگر چیزی مانده، زیر همان بنویس.")
    _tell_member(kind.code, ticket, text % {"number": ticket.shown_number}, document=_end(ticket, end), now=now)


def tell_member_of_answer_and_end(ticket: Ticket, end: StatusChange, *, now: datetime) -> None:
    """Both at once: that we have answered and hold it for done."""
    text = _("به تیکت شمارهٔ %(number)s پاسخ دادیم و آن را حل‌شده می‌دانیم؛ راضی بودی؟") % {"number": ticket.shown_number}
    _tell_member(ANSWERED_AND_ENDED.code, ticket, text, document=_end(ticket, end), now=now)


def tell_staff(ticket: Ticket, text: str, *, document: str, now: datetime, but: User | None = None) -> None:
    """Tell who looks after the ticket, or who answers its department's; not `but`, who does it just now.

    Who no longer answers tickets is told nothing. `text` may name %(number)s, %(subject)s and %(department)s.
    """
    said = text % {"number": ticket.shown_number, "subject": ticket.subject, "department": ticket.department}
    link = _newest(ticket.pk)
    assignee = _at_work(ticket.assignee)
    people = [assignee] if assignee else named_people(ticket.department)
    for person in people:
        if person != but:
            notify_staff(said, document=document, now=now, user=person, link=link)
    if not people:
        notify_staff(said, document=document, now=now, right=ANSWER, link=link)


def tell_head(ticket: Ticket, text: str, *, document: str, now: datetime) -> None:
    """The same to the head of its department; to everybody who manages tickets where it has none."""
    said = text % {"number": ticket.shown_number, "subject": ticket.subject}
    link = _newest(ticket.pk)
    head = _at_work(ticket.department.head if ticket.department else None)
    if head is None:
        notify_staff(said, document=document, now=now, right=MANAGE, link=link)
    elif head != ticket.assignee:
        notify_staff(said, document=document, now=now, user=head, link=link)


def tell_head_of_rating(ticket: Ticket, *, now: datetime) -> None:
    """That a member was not satisfied; of one end once, also to a head who answered it alone."""
    said = _("عضو به پاسخ تیکت شمارهٔ %(number)s تنها %(stars)s ستاره از ۵ داد: %(subject)s")
    given = {"number": ticket.shown_number, "stars": in_language(ticket.rating or 0), "subject": ticket.subject}
    link = _newest(ticket.pk)
    head = _at_work(ticket.department.head if ticket.department else None)
    whom: dict[str, Any] = {"user": head} if head else {"right": MANAGE}
    ended = ticket.solved_at.timestamp() if ticket.solved_at else 0
    notify_staff(said % given, document=f"ticket_rated:{ticket.pk}:{ended:.0f}", now=now, link=link, **whom)


def tell_of_leaver(gone: User, to: User, count: int, *, now: datetime) -> None:
    """That so many tickets have come from a colleague who answers none any more."""
    said = ngettext(
        "«%(name)s» دیگر به تیکت‌ها پاسخ نمی‌دهد؛ %(count)s تیکت بازش به شما رسید.",
        "«%(name)s» دیگر به تیکت‌ها پاسخ نمی‌دهد؛ %(count)s تیکت بازش به شما رسید.",
        count,
    )
    link = f"{reverse('desk:tickets')}?owner=me"
    text = said % {"name": gone, "count": grouped(count)}
    notify_staff(text, document=_leaver(gone, now), now=now, user=to, link=link)


def tell_department_of_leaver(
    gone: User, department: Department | None, count: int, *, is_shared: bool, now: datetime
) -> None:
    """What became of a leaver's tickets of one department: its head hears of it, and its people where they wait."""
    said, asked = _left(count) if not is_shared else _shared(count), {} if is_shared else {"owner": "none"}
    asked |= {"department": department.code} if department else {}
    sent: dict[str, Any] = {
        "document": f"{_leaver(gone, now)}:{department.pk if department else 0}",
        "link": f"{reverse('desk:tickets')}?{urlencode(asked)}",
        "now": now,
    }
    text = said % {"name": gone, "count": grouped(count)}
    head = _at_work(department.head if department else None)
    people = [] if is_shared else named_people(department)
    if not (is_shared or people):
        notify_staff(text, right=ANSWER, **sent)
        return
    for person in {*people, *([head] if head else [])}:
        notify_staff(text, user=person, **sent)
    if head is None:
        notify_staff(text, right=MANAGE, **sent)


def tell_mentioned(comment: Comment, user: User, *, now: datetime) -> None:
    """That a colleague calls on one of the staff."""
    text = _("همکارتان می‌خواهد تیکت شمارهٔ %(number)s را ببینید.") % {"number": comment.ticket.shown_number}
    link = _newest(comment.ticket_id)
    notify_staff(text, document=f"ticket_comment:{comment.pk}", now=now, user=user, link=link)


def _newest(ticket_id: int) -> str:
    return reverse("desk:ticket", args=[ticket_id]) + "#last"


def _end(ticket: Ticket, end: StatusChange) -> str:
    """An end by the change that it was: what ends anew is told anew, one end once."""
    return f"ticket_end:{ticket.pk}:{end.pk}"


def _shared(count: int) -> str:
    return ngettext(
        "«%(name)s» دیگر به تیکت‌ها پاسخ نمی‌دهد؛ %(count)s تیکت بازش به همکاران رسید.",
        "«%(name)s» دیگر به تیکت‌ها پاسخ نمی‌دهد؛ %(count)s تیکت بازش به همکاران رسید.",
        count,
    )


def _left(count: int) -> str:
    return ngettext(
        "«%(name)s» دیگر به تیکت‌ها پاسخ نمی‌دهد؛ %(count)s تیکت بازش بدون مسئول ماند.",
        "«%(name)s» دیگر به تیکت‌ها پاسخ نمی‌دهد؛ %(count)s تیکت بازش بدون مسئول ماند.",
        count,
    )


def _leaver(gone: User, now: datetime) -> str:
    return f"tickets_let_go:{gone.pk}:{now.timestamp():.0f}"


def _at_work(user: User | None) -> User | None:
    """Whoever is named, as long as this is somebody who may answer tickets."""
    return user if user is not None and is_supporter(user.pk) else None


def _tell_member(kind: str, ticket: Ticket, text: str, *, document: str, now: datetime) -> None:
    path = f"{reverse('portal:ticket', args=[ticket.pk])}#news"
    notify(ticket.member_id, text, document=document, now=now, link=path)
    if ticket.member.phone:
        outbox.enqueue(
            kind,
            phone=ticket.member.phone,
            context={"number": ticket.number, "address": f"{portal_link(current_club())}{path}"},
            member_id=ticket.member_id,
            document=document,
        )
