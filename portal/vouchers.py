"""A member's voucher: shown to the till, what became of it, and giving it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import member_required
from club.awards.redeeming import cancel_redemption
from club.ledger.selectors import entries
from club.purchases.documents import sources
from club.purchases.mission_steps import gift_words
from club.rewards.models import Redemption
from club.rewards.selectors import get_redemption
from core.errors import AppError, NotFound
from core.qr import qr_svg
from offers.pictures import icon_of
from portal.access import member_of


@never_cache
@member_required
@require_safe
def voucher(request: HttpRequest, redemption_id: int) -> HttpResponseBase:
    """A voucher to show: its code in big letters and as the till scans it; of a closed one what became of it."""
    row = _own(request, redemption_id)
    state = row.state_at(timezone.now())
    offer = row.coupon.offer_id if row.coupon else None
    context = {
        "row": row,
        "state": state,
        "icon": icon_of(row.kind),
        "gives": gift_words([offer])[offer],
        "qr": qr_svg(row.code) if state == Redemption.Status.ISSUED else "",
        **(_use_of(row) if state == Redemption.Status.USED else {}),
    }
    return render(request, "portal/voucher.html", context)


def _use_of(row: Redemption) -> dict[str, Any]:
    """What was given at once by it, or the purchase that used it."""
    came = [entry for entry in entries(row.member_id).filter(document=row.document) if entry.delta > 0]
    return {"came": came, "used_in": sources([row.used_in])[row.used_in] if row.used_in else None}


@never_cache
@member_required
@require_POST
def cancel(request: HttpRequest, redemption_id: int) -> HttpResponseBase:
    """Give a voucher back for its points."""
    row = _own(request, redemption_id)
    member = member_of(request)
    try:
        with transaction.atomic(durable=True):
            cancel_redemption(row.pk, actor=f"member:{member.pk}", now=timezone.now(), member_id=member.pk)
    except AppError as refused:
        messages.error(request, refused.detail)
        return redirect("portal:voucher", row.pk)
    messages.success(request, _("«%(reward)s» لغو شد و امتیازش برگشت.") % {"reward": row.name})
    return redirect("portal:rewards")


def _own(request: HttpRequest, redemption_id: int) -> Redemption:
    row = get_redemption(redemption_id)
    if row.member_id != member_of(request).pk:
        raise NotFound
    return row
