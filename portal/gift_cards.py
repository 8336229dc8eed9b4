"""The member's gift cards: to be spent, taken over from paper, shut when lost; and what is on a card in hand."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import member_required
from accounts.throttle import CARD_ADDRESS, CARD_MEMBER, client_address, count_attempt
from club.gift_cards.changing import block_card, claim_card
from club.gift_cards.models import GiftCard
from club.gift_cards.selectors import card_by_code, cards_of_member, state_of
from core.errors import AppError, NotFound
from core.qr import qr_svg
from core.tenancy.scope import current_club_id
from core.text import whole_number
from portal.access import member_of

MOST_SHOWN = 30


@dataclass(frozen=True)
class Own:
    """A card of the member's with what the till reads while it can be spent."""

    card: GiftCard
    state: str
    qr: SafeString | str


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def gift_cards(request: HttpRequest) -> HttpResponseBase:
    """The member's cards with balance and code; a code typed is looked up, a few times an hour, or taken over."""
    member, now = member_of(request), timezone.now()
    act = request.POST.get("act", "")
    if act == "lost":
        return _shut(request, member.pk)
    asked: dict[str, Any] = _looked_up(request, member.pk) if request.method == "POST" else {}
    if act == "claim" and "found" in asked:
        return redirect("portal:gift_cards")
    cards = []
    for card in cards_of_member(member.pk)[:MOST_SHOWN]:
        state = state_of(card, now)
        cards.append(Own(card, state, qr_svg(card.shown_code) if state == "active" else ""))
    status = 422 if asked.get("refused") else 200
    return render(request, "portal/gift_cards.html", {"cards": cards, **asked}, status=status)


def _looked_up(request: HttpRequest, member_id: int) -> dict[str, Any]:
    """The card of the code that was typed, or why nothing is said; who tries many codes is made to wait.

    `may_claim`: it is in nobody's list. Asked for with the code, it is taken into the member's.
    """
    now, code = timezone.now(), request.POST.get("code", "")[:64]
    claims = (CARD_MEMBER, f"{current_club_id()}:{member_id}"), (CARD_ADDRESS, client_address(request))
    try:
        count_attempt(*claims, now=now)
        if request.POST.get("act") == "claim":
            card = claim_card(code, member_id=member_id)
            messages.success(request, _("کارت در فهرست توست."))
        else:
            card = card_by_code(code)
    except NotFound:
        return {"code": code, "refused": _("کارت هدیه‌ای با این کد نیست؛ دوباره نگاه کن.")}
    except AppError as refused:
        return {"code": code, "refused": refused.detail}
    if card.is_personal and card.member_id != member_id:
        return {"code": code, "refused": _("کارت هدیه‌ای با این کد نیست؛ دوباره نگاه کن.")}
    state = state_of(card, now)
    may_claim = card.member_id is None and state == "active"
    return {"code": code, "found": card, "found_state": state, "may_claim": may_claim}


def _shut(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """One's own lost card is shut; the shop alone opens it again or gives it a new code."""
    try:
        block_card(whole_number(request.POST.get("card", "")) or 0, actor=f"member:{member_id}", member_id=member_id)
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, _("کارت بسته شد و مانده‌اش سر جایش است؛ کد تازه را از فروشگاه بگیر."))
    return redirect("portal:gift_cards")
