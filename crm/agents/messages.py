"""What agents are told by SMS."""

from django.utils.translation import gettext_lazy as _

from sms.kinds import LATIN, MONEY, SERVICE, TEXT, Kind

WELCOME = Kind(
    "agent_welcome",
    _("دعوت عامل فروش"),
    SERVICE,
    _(
        """{club}
[[{name}، ]]پنل همکاری شما باز شد. با همین شماره و کد پیامکی وارد شوید:
{address}"""
    ),
    {"name": TEXT, "address": LATIN},
    to_staff=True,
)

REFUSED = Kind(
    "agent_refused",
    _("پاسخ نه به درخواست همکاری"),
    SERVICE,
    _(
        """{club}
[[{name}، ]]این بار نتوانستیم درخواست همکاری شما را بپذیریم. سپاس از پیشنهادتان."""
    ),
    {"name": TEXT},
    to_staff=True,
)

PAID = Kind(
    "agent_paid",
    _("واریز پورسانت"),
    SERVICE,
    _(
        """{club}
[[{name}، ]]{amount} پورسانت به حساب شما واریز شد.
شمارهٔ پیگیری: {reference}"""
    ),
    {"name": TEXT, "amount": MONEY, "reference": LATIN},
    to_staff=True,
    needs=("amount",),
)

ENDED = Kind(
    "agent_ended",
    _("پایان همکاری عامل"),
    SERVICE,
    _(
        """{club}
[[{name}، ]]قرارداد همکاری شما پایان یافت.[[ {owed} پورسانت شما پرداخت می‌شود.]]"""
    ),
    {"name": TEXT, "owed": MONEY},
    to_staff=True,
)

MESSAGES = (WELCOME, REFUSED, PAID, ENDED)
