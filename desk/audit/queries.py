"""What a list that was taken home was filtered by: the names and values of its address in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from club.ledger.models import Kind as EntryKind
from club.ledger.models import Unit
from club.members.models import JoinRequest, Member
from club.purchases.models import Purchase
from core.errors import Text
from core.jalali import format_date
from core.language import in_language
from desk.audit.words import KINDS, THINGS
from desk.members.listing import BOUGHT, HAS, JOINED, RFM
from sms.models import OutboxMessage, Suppression

YES_OR_NO: dict[str, Text] = {"1": _("بله"), "0": _("نه")}
LABELS: dict[str, Text] = {
    "agent": _("عامل فروش"),
    "bought": _("خرید"),
    "branch": _("شعبه"),
    "buyer": _("خریدار"),
    "channel": _("کانال"),
    "day_from": _("از روز"),
    "day_to": _("تا روز"),
    "days": _("روزها"),
    "due": _("کار بعدی"),
    "earns": _("امتیاز دارد"),
    "from": _("از روز"),
    "has": _("چه دارد"),
    "is_active": _("فعال"),
    "joined": _("عضویت"),
    "joined_from": _("عضویت از روز"),
    "joined_to": _("عضویت تا روز"),
    "kind": _("نوع"),
    "left": _("کارکنان پیشین"),
    "member": _("عضو"),
    "message_class": _("نوع پیامک"),
    "number": _("نسخه"),
    "of": _("عضو"),
    "owner": _("کارشناس"),
    "person": _("چه کسی"),
    "q": _("جست‌وجو"),
    "reason": _("دلیل"),
    "rfm": _("رفتار خرید"),
    "returned_from": _("بازگشت از روز"),
    "returned_to": _("بازگشت تا روز"),
    "role": _("نقش"),
    "segment": _("گروه مشتریان"),
    "show": _("رویداد"),
    "source": _("از کجا آمد"),
    "stage": _("مرحله"),
    "state": _("وضعیت"),
    "status": _("وضعیت"),
    "tag": _("برچسب"),
    "target": _("روی چه"),
    "text": _("جست‌وجو"),
    "tier": _("سطح"),
    "to": _("تا روز"),
    "unit": _("چه"),
}


def _words(choices: type[models.TextChoices]) -> dict[str, Text]:
    return dict(choices.choices)


VALUES: dict[str, Mapping[str, Text]] = {
    "bought": BOUGHT,
    "buyer": {"member": _("عضو"), "nobody": _("بدون عضویت")},
    "channel": _words(Purchase.Channel),
    "earns": YES_OR_NO,
    "has": HAS,
    "is_active": YES_OR_NO,
    "joined": JOINED,
    "kind": {**_words(EntryKind), **{code: kind.label for code, kind in KINDS.items()}},
    "left": YES_OR_NO,
    "message_class": dict(OutboxMessage._meta.get_field("message_class").flatchoices),
    "reason": _words(Suppression.Reason),
    "rfm": RFM,
    "role": _words(Role),
    "show": {
        "purchase": _("خرید"),
        "payment": _("پرداخت"),
        "spend": _("خرج"),
        "refund": _("برگشت"),
        "value": _("دستی و پایان مهلت"),
        "sms": _("پیامک"),
        "change": _("تغییر"),
    },
    "state": {
        **_words(JoinRequest.State),
        "kept": _("برنگشته یا بخشی"),
        "part": _("بخشی برگشته"),
        "whole": _("همه برگشته"),
    },
    "status": {**dict(OutboxMessage._meta.get_field("status").flatchoices), **_words(Member.Status)},
    "unit": _words(Unit),
}


# Filters by what the club calls otherwise than by its code or number: the kind of thing that is looked up.
LOOKS = {
    "tier": "tier",
    "segment": "segment",
    "branch": "branch",
    "of": "member",
    "member": "member",
    "person": "person",
}


def filter_of(name: str, value: str) -> tuple[str, str, str]:
    """What a filter is called, its value in words, and of what kind the thing is where it is still to be looked up."""
    bare = name.partition("__")[0]
    label = str(LABELS.get(bare, _("فیلتر")))
    if bare in LOOKS:
        return label, value, LOOKS[bare]
    return label, _value(bare, value), ""


def _value(name: str, value: str) -> str:
    if value in VALUES.get(name, ()):
        return str(VALUES[name][value])
    if name == "target":
        kind, _colon, rest = value.partition(":")
        return f"{THINGS.get(kind, kind)} {in_language(rest)}".strip()
    try:
        return " – ".join(format_date(date.fromisoformat(day)) for day in value.split("/"))
    except ValueError:
        return in_language(value)
