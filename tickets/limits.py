"""How much a member opens, writes and sends in a day, counted over all records that the club knows them by."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Min, Sum
from django.utils.translation import gettext_lazy as _

from club.members.selectors import records_of
from core.errors import Text, Throttled
from core.tenancy.scope import current_club_id
from tickets.models import Attachment, Comment, Ticket

A_DAY = timedelta(days=1)
MOST_TICKETS, MOST_MESSAGES, MOST_FILES = 20, 100, 30
MOST_BYTES = 60 * 1024 * 1024
"""What is kept of a member's files of one day, together."""
TOO_MANY_TICKETS = _(
    "سقف تیکت‌های یک روز پر شد؛ ادامهٔ حرف را می‌شود زیر یکی از همان‌ها نوشت. تیکت تازه تا %(hours)s ساعت دیگر باز می‌شود."
)
TOO_MANY_MESSAGES = _("سقف پیام‌های یک روز پر شد؛ پیام بعدی تا %(hours)s ساعت دیگر پذیرفته می‌شود.")
TOO_MANY_FILES = _("سقف فایل‌های یک روز پر شد؛ پیام بدون فایل همین حالا می‌رسد و فایل تا %(hours)s ساعت دیگر.")


def line_up(member_id: int) -> None:
    """Let no two messages of the member be counted at once, until the running transaction ends."""
    with connection.cursor() as cursor:
        name = f"ticket_writer:{current_club_id()}:{member_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def refuse_flood(member_id: int, *, now: datetime, files: int = 0, size: int = 0, opens: bool = False) -> None:
    """Refuse the member's next message with so many files of so many bytes, where the last day has had enough.

    `opens`: it would open a ticket. Raises Throttled with `seconds` until the oldest of that day counts no more.
    """
    records, since = records_of(member_id), now - A_DAY
    # Whatever was written since then has touched its ticket since then, which an index knows.
    touched = Ticket.objects.filter(member__in=records, updated_at__gt=since)
    if opens:
        opened = touched.filter(channel=Ticket.Channel.PORTAL, created_at__gt=since)
        told = opened.aggregate(count=Count("pk"), first=Min("created_at"))
        if told["count"] >= MOST_TICKETS:
            raise _too_many(TOO_MANY_TICKETS, told["first"], now)
    written = Comment.objects.filter(ticket__in=touched, side=Comment.Side.MEMBER, created_at__gt=since)
    told = written.aggregate(count=Count("pk"), first=Min("created_at"))
    if told["count"] >= MOST_MESSAGES:
        raise _too_many(TOO_MANY_MESSAGES, told["first"], now)
    if files:
        sent = Attachment.objects.filter(comment__in=written)
        told = sent.aggregate(count=Count("pk"), size=Sum("size"), first=Min("comment__created_at"))
        if told["count"] + files > MOST_FILES or (told["size"] or 0) + size > MOST_BYTES:
            raise _too_many(TOO_MANY_FILES, told["first"], now)


def _too_many(text: Text, first: datetime | None, now: datetime) -> Throttled:
    seconds = max(1, math.ceil(((first or now) + A_DAY - now).total_seconds()))
    return Throttled(text, hours=math.ceil(seconds / 3_600), seconds=seconds)
