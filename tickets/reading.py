"""What was read of a ticket, by either side, and whether a page that stays open shows all there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rights import Person
from core.errors import Conflict
from tickets.models import Comment, Ticket
from tickets.selectors import comments_under

MEMBER = Comment.Side.MEMBER.value


class AnsweredMeanwhile(Conflict):
    """Somebody else answered the member while this answer was being written; sent again, it goes out."""

    message = gettext_lazy(
        "%(who)s همین حالا پاسخ داده است و پاسخ شما هنوز نرفته؛ آن را بخوانید و اگر هنوز لازم است دوباره بفرستید."
    )


def read_by_member(ticket: Ticket, shown: Sequence[Comment]) -> None:
    """The member has these messages before the eyes; what came in since stays new."""
    _read(ticket, "member_read_at", [one for one in shown if one.side != MEMBER and not one.is_internal])


def read_by_staff(ticket: Ticket, shown: Sequence[Comment], user: Person) -> None:
    """One of the staff has them: it counts of whoever looks after the ticket, and of anybody while nobody does."""
    if ticket.assignee_id in (None, user.pk):
        _read(ticket, "staff_read_at", [one for one in shown if one.side == MEMBER])


def first_news(ticket: Ticket, shown: Sequence[Comment]) -> Comment | None:
    """Where its member goes on reading: the first message of ours not read yet, else the newest of all."""
    read_at = ticket.member_read_at
    news = (one for one in shown if one.side != MEMBER and not (read_at and one.created_at <= read_at))
    return next(news, shown[-1] if shown else None)


def seen_by_staff(ticket: Ticket, shown: Sequence[Comment]) -> bool:
    """Whether the member had the last word and we have read it."""
    return bool(shown) and shown[-1].side == MEMBER and _is_read(ticket.staff_read_at, shown[-1])


def seen_by_member(ticket: Ticket, shown: Sequence[Comment]) -> bool:
    """Whether we had the last word, notes aside, and the member has read it."""
    said = [one for one in shown if not one.is_internal]
    return bool(said) and said[-1].side != MEMBER and _is_read(ticket.member_read_at, said[-1])


def read_by_answering(ticket: Ticket, shown: int | None) -> dict[str, datetime]:
    """How the mark moves as somebody answers who had messages up to this one before the eyes; None: all of them."""
    rows = comments_under(ticket).filter(side=MEMBER)
    newest = (rows if shown is None else rows.filter(pk__lte=shown)).aggregate(at=Max("created_at"))["at"]
    is_later = newest is not None and (ticket.staff_read_at is None or newest > ticket.staff_read_at)
    return {"staff_read_at": newest} if is_later else {}


def refuse_crossing(ticket: Ticket, shown: int | None, user: User | None) -> None:
    """Have whoever answers a locked ticket read first what a colleague has answered since. Raises AnsweredMeanwhile."""
    if shown is None:
        return
    answers = comments_under(ticket).filter(side=Comment.Side.STAFF, is_internal=False, pk__gt=shown)
    other = answers.exclude(user=user).order_by("pk").last()
    if other is not None:
        raise AnsweredMeanwhile(who=str(other.user) if other.user else _("سامانه"))


def mark_of(ticket: Ticket, *, for_member: bool, now: datetime, writing: Sequence[str] = ()) -> str:
    """What a page of the ticket shows to this side, in a few letters: as long as it is the same, nothing is new.

    `writing` names who is just writing beside the reader.
    It is taken before the messages are read: what comes in between is then asked for once more, never missed.
    """
    rows = comments_under(ticket)
    found = rows.filter(is_internal=False) if for_member else rows
    said = found.aggregate(last=Max("pk"), count=Count("pk"))
    shown = [
        *(said["last"], said["count"], timezone.localdate(now)),
        *(ticket.pk, ticket.status, ticket.kind, ticket.subject, ticket.department_id, ticket.merged_into_id),
        *(ticket.rating, ticket.rating_text, ticket.staff_read_at if for_member else ticket.member_read_at),
    ]
    if not for_member:
        is_late = ticket.due_at is not None and ticket.due_at < now
        shown += [ticket.priority, ticket.assignee_id, ticket.product_id, ticket.due_at, is_late, list(writing)]
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _read(ticket: Ticket, name: str, shown: Sequence[Comment]) -> None:
    newest = max((one.created_at for one in shown), default=None)
    before: datetime | None = getattr(ticket, name)
    if newest is None or (before is not None and newest <= before):
        return
    unread = Q(**{name: None}) | Q(**{f"{name}__lt": newest})
    Ticket.objects.filter(unread, pk=ticket.pk).update(**{name: newest})


def _is_read(read_at: datetime | None, comment: Comment) -> bool:
    return read_at is not None and comment.created_at <= read_at
