"""How much the files of a club's tickets take of its database, and how much they may."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from core import audit
from core.errors import ValidationFailed
from core.language import grouped
from crm.notices.services import notify_staff
from tickets.models import Attachment, TicketSettings
from tickets.promises import settings_now
from tickets.rights import MANAGE
from tickets.settings import SETTINGS

MEGABYTE = 1024 * 1024
LEAST_ROOM, MOST_ROOM = 100, 1_000_000
"""Between them lie the megabytes that a club may choose."""
NEARLY = 80


@dataclass(frozen=True)
class Room:
    """The bytes that files take, and those that they may."""

    used: int
    most: int

    @property
    def percent(self) -> int:
        """How full it is, in whole percent, up to 100."""
        return min(100, self.used * 100 // self.most)

    @property
    def is_nearly_full(self) -> bool:
        """Whether it is time to think of more."""
        return self.percent >= NEARLY


def room_now() -> Room:
    """What the files of the club in scope take."""
    used = Attachment.objects.aggregate(size=Sum("size"))["size"] or 0
    return Room(used, settings_now().most_megabytes * MEGABYTE)


def make_room(size: int, *, now: datetime) -> None:
    """See that files of so many bytes may still be kept; managers are told, once a month, where they nearly may not.

    Several at once may go beyond by what each of them brings. Raises ValidationFailed (attachments).
    """
    room = room_now()
    after = Room(room.used + size, room.most)
    if after.is_nearly_full:
        _tell_managers(after, now)
    if after.used > after.most:
        said = _("جای فایل‌های این باشگاه پر است و فایل تازه پذیرفته نمی‌شود؛ پیام بی فایل می‌رسد.")
        raise ValidationFailed({"attachments": [said]})


@transaction.atomic
def set_room(megabytes: int, *, actor: str) -> None:
    """Let the files of tickets take so much; what is there stays. Raises ValidationFailed (most_megabytes)."""
    if not LEAST_ROOM <= megabytes <= MOST_ROOM:
        raise ValidationFailed({"most_megabytes": [_("عددی از ۱۰۰ تا ۱٬۰۰۰٬۰۰۰ بنویسید.")]})
    before = {"most_megabytes": settings_now().most_megabytes}
    TicketSettings.objects.update_or_create(defaults={"most_megabytes": megabytes})
    audit.record("ticket.settings", actor=actor, target=SETTINGS, before=before, after={"most_megabytes": megabytes})


def _tell_managers(room: Room, now: datetime) -> None:
    text = _("فایل‌های تیکت‌ها %(percent)s٪ از جایشان را گرفته‌اند؛ سقفش را بالا ببرید تا پیام‌ها بی فایل نمانند.")
    document = f"ticket_files:{room.most}:{now:%Y-%m}:{'full' if room.percent == 100 else 'nearly'}"
    link = f"{reverse('desk:ticket_settings')}#h-files"
    notify_staff(text % {"percent": grouped(room.percent)}, document=document, now=now, right=MANAGE, link=link)
