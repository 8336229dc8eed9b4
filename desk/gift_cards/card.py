"""One gift card: what is on it, where it went, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of, can, staff_required
from club.gift_cards.changing import block_card, refund_card, replace_card, send_card_again, unblock_card
from club.gift_cards.models import GiftCard
from club.gift_cards.selectors import get_card, movements, state_of, usable_balance
from club.purchases.documents import sources
from club.purchases.payments import method_name
from core.errors import AppError, NotFound
from core.jalali import local_date
from core.qr import qr_svg
from core.templatetags.club_ui import money_unit
from core.tenancy.scope import club_zone
from desk.manager.record import actors


@dataclass(frozen=True)
class Printed:
    """A card as it is printed."""

    card: GiftCard
    qr: SafeString


@never_cache
@staff_required("sell_gift_cards")
@require_http_methods(["GET", "HEAD", "POST"])
def gift_card(request: HttpRequest, gift_card_id: int) -> HttpResponseBase:
    """The card with its movements; a post does one of ACTS to it."""
    card = get_card(gift_card_id)
    if request.method == "POST":
        return _done(request, card)
    rows, now = movements(card), timezone.now()
    named = sources(row.document for row in rows)
    may_see = may_see_code(request, card)
    context = {
        "card": card,
        "state": state_of(card, now),
        "usable": usable_balance(card, now),
        "rows": [(row, named[row.document]) for row in rows],
        "may_see": may_see,
        "may_manage": can(request.user, "manage_gift_cards"),
        "qr": qr_svg(card.shown_code) if may_see else "",
        "by": actors([card.actor]).get(card.actor, ""),
        "method": method_name(card.payment_method),
    }
    return render(request, "desk/gift_cards/card.html", context)


@never_cache
@staff_required("sell_gift_cards")
@require_safe
def card_print(request: HttpRequest, gift_card_id: int) -> HttpResponseBase:
    """The card with what is left on it on paper of A6, for who may see its code."""
    card = get_card(gift_card_id)
    if not may_see_code(request, card):
        raise NotFound
    if not usable_balance(card, timezone.now()):
        messages.error(request, _("با این کارت اکنون چیزی خریده نمی‌شود؛ چاپش به کار مشتری نمی‌آید."))
        return redirect("desk:gift_card", card.pk)
    return render(request, "desk/gift_cards/print.html", {"printed": printed([card]), "card": card})


def printed(cards: list[GiftCard]) -> list[Printed]:
    """The cards with what a till scans."""
    return [Printed(card, qr_svg(card.shown_code)) for card in cards]


def may_see_code(request: HttpRequest, card: GiftCard) -> bool:
    """Whoever manages cards, and who sold this one today: who knows a code can spend it."""
    if can(request.user, "manage_gift_cards"):
        return True
    zone = club_zone()
    sold_today = local_date(card.occurred_at, zone) == local_date(timezone.now(), zone)
    return card.origin == GiftCard.Origin.SOLD and card.actor == actor_of(request.user) and sold_today


def _done(request: HttpRequest, card: GiftCard) -> HttpResponseBase:
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise NotFound
    may = act == "block" or can(request.user, "manage_gift_cards") or (act == "send" and may_see_code(request, card))
    if not may:
        raise PermissionDenied
    try:
        messages.success(request, ACTS[act](card, request))
    except AppError as refused:
        messages.error(request, refused.detail)
    return redirect("desk:gift_card", card.pk)


def _block(card: GiftCard, request: HttpRequest) -> str:
    block_card(card.pk, actor=actor_of(request.user))
    return _("کارت بسته شد؛ با آن چیزی خریده نمی‌شود و مانده‌اش سر جایش است.")


def _unblock(card: GiftCard, request: HttpRequest) -> str:
    unblock_card(card.pk, actor=actor_of(request.user))
    return _("کارت باز شد.")


def _replace(card: GiftCard, request: HttpRequest) -> str:
    replace_card(card.pk, actor=actor_of(request.user))
    return _("کد تازه ساخته شد؛ کد پیشین دیگر چیزی را باز نمی‌کند.")


def _send(card: GiftCard, request: HttpRequest) -> str:
    send_card_again(card.pk, actor=actor_of(request.user), now=timezone.now())
    return _("پیامک کارت دوباره فرستاده شد.")


def _refund(card: GiftCard, request: HttpRequest) -> str:
    money = refund_card(card.pk, actor=actor_of(request.user), now=timezone.now())
    return _("کارت پس گرفته شد؛ %(money)s به مشتری بدهید.") % {"money": money_unit(money)}


ACTS: dict[str, Callable[[GiftCard, HttpRequest], Any]] = {
    "block": _block,
    "unblock": _unblock,
    "replace": _replace,
    "refund": _refund,
    "send": _send,
}
