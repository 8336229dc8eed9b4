"""What members are told of their tickets by SMS."""

from django.utils.translation import gettext_lazy as _

from sms.kinds import LATIN, NUMBER, SERVICE, Kind

ANSWERED = Kind(
    "ticket_answer",
    _("پاسخ به تیکت"),
    SERVICE,
    _(
        """{club}
به تیکت {number} پاسخ دادیم:
{address}"""
    ),
    {"number": NUMBER, "address": LATIN},
)
ANSWERED_AND_ENDED = Kind(
    "ticket_answer_end",
    _("پاسخ و پایان تیکت"),
    SERVICE,
    _(
        """{club}
به تیکت {number} پاسخ دادیم و آن را حل‌شده می‌دانیم. راضی بودی؟
{address}"""
    ),
    {"number": NUMBER, "address": LATIN},
)
ENDED = Kind(
    "ticket_end",
    _("پایان تیکت و پرسش از رضایت"),
    SERVICE,
    _(
        """{club}
تیکت {number} پایان یافت. از پاسخ ما راضی بودی؟
{address}"""
    ),
    {"number": NUMBER, "address": LATIN},
)
ENDED_UNANSWERED = Kind(
    "ticket_end_alone",
    _("پایان تیکت بی‌پاسخ"),
    SERVICE,
    _(
        """{club}
تیکت {number} پایان یافت. اگر چیزی مانده، زیر همان بنویس:
{address}"""
    ),
    {"number": NUMBER, "address": LATIN},
)
