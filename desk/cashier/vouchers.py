"""Vouchers of things handed over the counter: shown at the till, handed out by one press, with a sale or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.rights import actor_of, staff_required
from club.awards.redeeming import check_usable, use_redemption
from club.members.models import Member
from club.rewards.models import Redemption, Reward
from club.rewards.selectors import catalogue, open_vouchers, times_taken, vouchers_by_codes
from core.errors import AppError
from desk.cashier.screen import Card
from offers.codes import coupon_key

SHOWN = 6


@dataclass(frozen=True)
class HandOut:
    """A thing to be handed over: of which voucher, to whom, and why not where it cannot be."""

    voucher: Redemption
    refusal: str = ""
    is_typed: bool = False


def typed_vouchers(codes: Sequence[str]) -> list[Redemption]:
    """Those of the typed codes that no purchase uses: a thing is handed over for them."""
    return vouchers_by_codes(codes, by_purchase=False) if codes else []


def without(codes: Sequence[str], typed: Sequence[Redemption]) -> tuple[str, ...]:
    """The codes that are left for the purchase."""
    handed = {voucher.code for voucher in typed}
    return tuple(code for code in codes if coupon_key(code) not in handed)


def hand_outs(member: Member | None, typed: Sequence[Redemption], now: datetime) -> list[HandOut]:
    """What there is to hand over: by the typed codes, then what else the member has open."""
    known = {voucher.pk for voucher in typed}
    own = open_vouchers(member.pk, at=now) if member else []
    rest = [HandOut(one) for one in own if one.coupon_id is None and one.pk not in known]
    return [*(HandOut(one, refusal_of(one, now), is_typed=True) for one in typed), *rest[:SHOWN]]


def within_reach(card: Card | None) -> list[Reward]:
    """What the member can take now for points, the cheapest first; nothing is asked for who has none."""
    if card is None or card.member is None or card.member.status != Member.Status.ACTIVE:
        return []
    has = card.balances.usable_points
    found = [row for row in catalogue() if row.points <= has and row.left != 0] if has else []
    taken = times_taken(card.member.pk) if any(row.per_member is not None for row in found) else {}
    kept = [row for row in found if row.per_member is None or taken.get(row.pk, 0) < row.per_member]
    return sorted(kept, key=lambda row: row.points)[:SHOWN]


def refusal_of(voucher: Redemption, now: datetime) -> str:
    """Why it cannot be handed over now; nothing where it can."""
    try:
        check_usable(voucher, now)
    except AppError as refused:
        return refused.detail
    return ""


def hand_over(vouchers: Sequence[Redemption], *, actor: str, now: datetime) -> list[str]:
    """Mark them used, each by itself, as what is sold beside them is recorded; what each is called."""
    said = []
    for voucher in vouchers:
        try:
            with transaction.atomic(durable=True):
                use_redemption(voucher.pk, actor=actor, now=now)
        except AppError:
            continue  # another till was quicker; the purchase stands
        said.append(_("«%(reward)s» را تحویل دهید") % {"reward": voucher.name})
    return said


@never_cache
@staff_required("record_purchase")
@require_POST
def use_voucher(request: HttpRequest, redemption_id: int) -> HttpResponseBase:
    """Hand out what the voucher is for."""
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        with transaction.atomic(durable=True):
            use_redemption(redemption_id, actor=actor_of(request.user), now=timezone.now())
    except AppError as refused:
        if wants_json or refused.http_status == 404:
            raise
        messages.error(request, refused.detail)
        return redirect("desk:till")
    voucher = Redemption.objects.get(pk=redemption_id)
    said = _("«%(reward)s» تحویل داده شد.") % {"reward": voucher.name}
    if wants_json:
        return JsonResponse({"said": said})
    messages.success(request, said)
    return redirect(f"{reverse('desk:till')}?{urlencode({'member': voucher.member_id})}")
