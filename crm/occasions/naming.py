"""What occasions are called."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from offers.vocabulary import EVENT, SEGMENT_ENTERED, SEGMENT_LEFT

NAMES: dict[str, Promise] = {
    "enrolment": _("عضویت"),
    "birthday": _("تولد"),
    "anniversary": _("سالگرد عضویت"),
    "purchase": _("خریدی که معرفی‌اش سپس پذیرفته شد"),
    "referral_converted": _("خرید دوست معرفی‌شده"),
    "lead_converted": _("مشتری شدن سرنخ"),
    "survey_answered": _("پاسخ نظرسنجی"),
    "ticket_closed": _("بسته شدن تیکت"),
    "tier_reached": _("رسیدن به سطح"),
    "lapsed": _("دور ماندن از خرید"),
    SEGMENT_ENTERED: _("آمدن به گروه مشتریان"),
    SEGMENT_LEFT: _("رفتن از گروه مشتریان"),
}


def name_of(trigger: str, types: Mapping[str, str]) -> str:
    """The trigger in words; an activity by what the club calls its type."""
    if trigger.startswith(EVENT) and trigger not in NAMES:
        code = trigger.removeprefix(EVENT)
        return types.get(code, code)
    return str(NAMES.get(trigger, trigger))
