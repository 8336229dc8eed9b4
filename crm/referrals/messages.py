"""What a referrer is told by SMS."""

from django.utils.translation import gettext_lazy as _

from sms.kinds import MONEY, SERVICE, TEXT, Kind, register

FRIEND_BOUGHT = Kind(
    "friend_bought",
    _("پاداش معرفی"),
    SERVICE,
    _(
        """{club}
[[{name}، ]]دوستت[[ {friend}]] خرید کرد و {credit} اعتبار گرفتی. سپاس از معرفی‌ات.
{link}"""
    ),
    {"name": TEXT, "friend": TEXT, "credit": MONEY, "credit_balance": MONEY},
    needs=("credit",),
)


def register_messages() -> None:
    """Make the kind known to who sends it."""
    register(FRIEND_BOUGHT)
