"""What a lead is told by SMS."""

from django.utils.translation import gettext_lazy as _

from sms.kinds import DAY, LATIN, SERVICE, TEXT, Kind

CODE = Kind(
    "lead_code",
    _("کد خرید نخستِ سرنخ"),
    SERVICE,
    _(
        """{club}
[[{name}، ]]هدیهٔ نخستین خریدت، {offer}:
کد {code}[[ تا {expires}]]"""
    ),
    {"name": TEXT, "offer": TEXT, "code": LATIN, "expires": DAY},
    invites=True,
    needs=("code",),
)
