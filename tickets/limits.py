"""How much a member opens, writes and sends in a day, counted over all records that the club knows them by.

What a program writes for a member is not among it: the API has limits of its own.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import PROGRAM
from club.members.selectors import records_of
from core.errors import Text, Throttled
from core.language import in_language
from core.models import AuditEntry
from core.tenancy.scope import current_club_id
from tickets import states
from tickets.models import Attachment, Comment, StatusChange, Ticket

A_DAY = timedelta(days=1)
RATES = "ticket.rate"
MOST_TICKETS, MOST_MESSAGES, MOST_FILES = 20, 100, 30
MOST_REOPENED, MOST_RATED = 5, 10
"""Of one ticket, by one person."""
MOST_BYTES = 60 * 1024 * 1024
"""What is kept of a member's files of one day, together."""
TOO_MANY_TICKETS = _(
    "سقف تیکت‌های یک روز پر شد؛ ادامهٔ حرف را می‌شود زیر یکی از همان‌ها نوشت. تیکت تازه تا %(hours)s ساعت دیگر باز می‌شود."
)
TOO_MANY_MESSAGES = _("سقف پیام‌های یک روز پر شد؛ پیام بعدی تا %(hours)s ساعت دیگر پذیرفته می‌شود.")
TOO_MANY_FILES = _("سقف فایل‌های یک روز پر شد؛ پیام بدون فایل همین حالا می‌رسد و فایل تا %(hours)s ساعت دیگر.")

TOO_OFTEN_REOPENED = _(
    "سقف باز کردن دوبارهٔ این تیکت در یک روز پر شد؛ %(hours)s ساعت دیگر می‌شود بازش کرد. تیکت تازه همین حالا باز می‌شود."
)
TOO_OFTEN_RATED = _(
    "سقف تغییر امتیاز این تیکت در یک روز پر شد؛ امتیاز پیشین سر جایش است و %(hours)s ساعت دیگر می‌شود عوضش کرد."
)


def is_program(actor: str) -> bool:
    """Whether it writes over the API."""
    return actor.startswith(f"{PROGRAM}:")


def line_up(member_id: int) -> None:
    """Let no two messages of the member be counted at once, until the running transaction ends."""
    with connection.cursor() as cursor:
        name = f"ticket_writer:{current_club_id()}:{member_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def refuse_flood(member_id: int, *, now: datetime, files: int = 0, size: int = 0, opens: bool = False) -> None:
    """Refuse the member's next message with so many files of so many bytes, where the last day has had enough.

    `opens`: it would open a ticket. Only what came from the portal counts.
    Raises Throttled with `seconds` until the oldest of that day counts no more.
    """
    records, since = records_of(member_id), now - A_DAY
    # Whatever was written since then has touched its ticket since then, which an index knows.
    touched = Ticket.objects.filter(member__in=records, updated_at__gt=since)
    if opens:
        opened = touched.filter(channel=Ticket.Channel.PORTAL, created_at__gt=since)
        told = opened.aggregate(count=Count("pk"), first=Min("created_at"))
        _refuse_more(told, MOST_TICKETS, TOO_MANY_TICKETS, now)
    written = Comment.objects.filter(ticket__in=touched, side=Comment.Side.MEMBER, created_at__gt=since)
    written = written.exclude(actor__startswith=f"{PROGRAM}:")
    told = written.aggregate(count=Count("pk"), first=Min("created_at"))
    _refuse_more(told, MOST_MESSAGES, TOO_MANY_MESSAGES, now)
    if files:
        sent = Attachment.objects.filter(comment__in=written)
        told = sent.aggregate(count=Count("pk"), size=Sum("size"), first=Min("comment__created_at"))
        if told["count"] + files > MOST_FILES or (told["size"] or 0) + size > MOST_BYTES:
            raise _too_many(TOO_MANY_FILES, told["first"], now)


def refuse_reopening(ticket: Ticket, *, actor: str, now: datetime) -> None:
    """Refuse a member to open a ticket, which is locked, again where the last day has had enough. Raises Throttled."""
    rows = StatusChange.objects.filter(ticket=ticket, actor=actor, at__gt=now - A_DAY)
    rows = rows.filter(from_status__in=states.ENDED, to_status__in=states.OPEN)
    _refuse_more(rows.aggregate(count=Count("pk"), first=Min("at")), MOST_REOPENED, TOO_OFTEN_REOPENED, now)


def refuse_rating(ticket: Ticket, *, actor: str, now: datetime) -> None:
    """The same of another rating."""
    rows = AuditEntry.objects.filter(target=ticket.document, action=RATES, actor=actor, created_at__gt=now - A_DAY)
    _refuse_more(rows.aggregate(count=Count("pk"), first=Min("created_at")), MOST_RATED, TOO_OFTEN_RATED, now)


def _refuse_more(told: dict[str, Any], most: int, text: Text, now: datetime) -> None:
    if told["count"] >= most:
        raise _too_many(text, told["first"], now)


def _too_many(text: Text, first: datetime | None, now: datetime) -> Throttled:
    seconds = max(1, math.ceil(((first or now) + A_DAY - now).total_seconds()))
    return Throttled(str(text) % {"hours": in_language(math.ceil(seconds / 3_600))}, seconds=seconds)
