"""The member's gift cards, and what is on a card of paper that somebody has in hand."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import member_required
from accounts.throttle import CARD_ADDRESS, CARD_MEMBER, client_address, count_attempt
from club.gift_cards.models import GiftCard
from club.gift_cards.selectors import card_by_code, cards_of_member, state_of
from core.errors import NotFound, Throttled
from core.qr import qr_svg
from core.tenancy.scope import current_club_id
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
    """The member's cards with balance and code; a code typed is looked up, a few times an hour."""
    member, now = member_of(request), timezone.now()
    asked: dict[str, Any] = _looked_up(request, member.pk) if request.method == "POST" else {}
    cards = []
    for card in cards_of_member(member.pk)[:MOST_SHOWN]:
        state = state_of(card, now)
        cards.append(Own(card, state, qr_svg(card.shown_code) if state == "active" else ""))
    status = 422 if asked.get("refused") else 200
    return render(request, "portal/gift_cards.html", {"cards": cards, **asked}, status=status)


def _looked_up(request: HttpRequest, member_id: int) -> dict[str, Any]:
    """The card of the code that was typed, or why nothing is said; who tries many codes is made to wait."""
    now, code = timezone.now(), request.POST.get("code", "")[:64]
    claims = (CARD_MEMBER, f"{current_club_id()}:{member_id}"), (CARD_ADDRESS, client_address(request))
    try:
        count_attempt(*claims, now=now)
        card = card_by_code(code)
    except Throttled as refused:
        return {"code": code, "refused": refused.detail}
    except NotFound:
        return {"code": code, "refused": _("کارت هدیه‌ای با این کد نیست؛ دوباره نگاه کن.")}
    if card.is_personal and card.member_id != member_id:
        return {"code": code, "refused": _("کارت هدیه‌ای با این کد نیست؛ دوباره نگاه کن.")}
    return {"code": code, "found": card, "found_state": state_of(card, now)}
