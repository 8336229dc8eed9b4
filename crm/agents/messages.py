"""What agents are told by SMS."""

from django.utils.translation import gettext_lazy as _

from sms.kinds import LATIN, SERVICE, TEXT, Kind

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
