"""Who brought whom, taken home as a file."""

from __future__ import annotations

from operator import attrgetter

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from core.errors import Text
from core.keyset import every
from core.language import listed
from core.tables.writing import Column
from crm.referrals.guards import REASONS
from crm.referrals.links import CHANNEL, NETWORKS
from crm.referrals.listing import Brought, brought_page
from desk.files import list_file

CHUNK = 500


def network_name(network: str) -> Text:
    """What people call a network; "" is a link that named none."""
    return NETWORKS.get(network, network or _("پیوند بی‌نشان"))


def _network(row: Brought) -> str:
    channel, _colon, network = row.friend.source.partition(":")
    return str(network_name(network if channel == CHANNEL else ""))


def _referrer(row: Brought) -> str:
    return str(row.friend.referred_by or row.friend.agent_code)


def _code(row: Brought) -> str | None:
    member, agent = row.friend.referred_by, row.friend.agent_code
    return member.referral_code if member else agent.code if agent else None


def _reasons(row: Brought) -> str:
    return listed([REASONS.get(code, code) for code in row.referral.reasons]) if row.referral else ""


COLUMNS = (
    Column(gettext_lazy("عضو"), lambda row: str(row.friend)),
    Column(gettext_lazy("موبایل"), attrgetter("friend.phone")),
    Column(gettext_lazy("معرف"), _referrer),
    Column(gettext_lazy("معرف کیست"), lambda row: _("عضو") if row.friend.referred_by else _("عامل")),
    Column(gettext_lazy("کد معرف"), _code),
    Column(gettext_lazy("شبکه"), _network),
    Column(gettext_lazy("تاریخ عضویت"), attrgetter("friend.enrolled_at"), "moment"),
    Column(gettext_lazy("نخستین خرید"), attrgetter("friend.first_purchase_at"), "moment"),
    Column(gettext_lazy("جمع خرید"), attrgetter("friend.spent_rial"), "money"),
    Column(gettext_lazy("پاداش داده‌شده"), attrgetter("given"), "money"),
    Column(gettext_lazy("پاداش در انتظار"), attrgetter("waiting"), "money"),
    Column(gettext_lazy("بررسی"), lambda row: row.referral.get_review_display() if row.referral else None),
    Column(gettext_lazy("دلیل‌ها"), _reasons),
    Column(gettext_lazy("زمان تصمیم"), lambda row: row.referral.decided_at if row.referral else None, "moment"),
    Column(gettext_lazy("دلیل تصمیم"), lambda row: row.referral.decision_reason if row.referral else ""),
)


@never_cache
@staff_required("manage_offers")
@require_safe
def referrals_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Everybody whom a member or an agent has brought, the newest first."""
    rows = every(lambda before: brought_page(limit=CHUNK, before=before), attrgetter("friend.pk"))
    return list_file(request, COLUMNS, rows, form=form, title=_("معرفی‌ها"), name="referrals")
