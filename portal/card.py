"""The member's card: shown to the till, reported lost, and replaced."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import member_required
from club.members.cards import block_card, issue_card
from club.members.codes import shown_code
from club.members.models import Member
from core.errors import Conflict
from core.qr import qr_svg
from portal.access import member_of


@never_cache
@member_required
@require_safe
def card(request: HttpRequest) -> HttpResponseBase:
    """The card to show at the till."""
    member, now = member_of(request), timezone.now()
    code = _code(member, now) if request.method == "GET" else {}
    return render(request, "portal/card.html", {"member": member, "qr": card_qr(member), **code})


@never_cache
@member_required
@require_safe
def code(request: HttpRequest) -> HttpResponseBase:
    """The part of the page with the code that a till takes now."""
    return render(request, "portal/_code.html", _code(member_of(request), timezone.now()))


@never_cache
@member_required
@require_POST
def lost(request: HttpRequest) -> HttpResponseBase:
    """Block the card at once; a second press changes nothing."""
    member = member_of(request)
    try:
        block_card(member.pk, actor=_actor(request), reason=_("صاحب کارت گفت گم شده است"))
    except Conflict:
        return redirect("portal:card")
    messages.success(request, _("کارتت بسته شد و دیگر جایی کار نمی‌کند."))
    return redirect("portal:card")


@never_cache
@member_required
@require_POST
def renew(request: HttpRequest) -> HttpResponseBase:
    """Give who has no card a new one."""
    member = member_of(request)
    if not member.card:
        issue_card(member.pk, actor=_actor(request))
        messages.success(request, _("این هم کارت تازه‌ات."))
    return redirect("portal:card")


def card_qr(member: Member) -> SafeString | str:
    """The QR code of the card's number, which the till takes as if it were typed."""
    return qr_svg(member.card) if member.card else ""


def _code(member: Member, now: datetime) -> dict[str, Any]:
    if not member.card:
        return {}
    shown = shown_code(member.pk, now=now)
    return {"code": shown.code, "seconds": max(1, int((shown.valid_until - now).total_seconds()))}


def _actor(request: HttpRequest) -> str:
    return f"member:{member_of(request).pk}"
