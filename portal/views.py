"""Pages of a member: home, ledger, purchases and their receipts. Each shows the member's own alone."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import member_required
from club.ledger.models import Unit
from club.ledger.selectors import balances, waiting_then
from club.purchases.awarded import gifts_of
from club.purchases.codes import receipt_code
from club.purchases.mission_steps import steps_of
from club.purchases.retelling import nearly_had
from club.purchases.selectors import (
    card_of,
    left_after,
    lines_of,
    member_purchases,
    purchase_of,
    refunds_of,
    standing_after,
)
from club.rewards.nearest import nearest_reward
from core.qr import qr_svg
from core.text import whole_number
from portal.access import member_of
from portal.card import card_qr
from portal.files import file_links
from portal.home import congratulate, home_of, waiting_of
from portal.missions import on_home
from portal.offers import cards_of
from portal.statement import page

ROWS = 20
ON_THE_RAIL = 5
TABS = (("", _("همه")), (Unit.POINTS.value, _("امتیاز")), (Unit.CREDIT.value, _("اعتبار")))
DEBTS = ((Unit.POINTS_DEBT.value, _("بدهی امتیاز")), (Unit.CREDIT_DEBT.value, _("بدهی اعتبار")))


@never_cache
@member_required
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """The first page after logging in."""
    member, now = member_of(request), timezone.now()
    context = {
        "member": member,
        "home": home_of(member, now),
        "cards": (cards := cards_of(member.pk, now))[:ON_THE_RAIL],
        "more_offers": len(cards) > ON_THE_RAIL,
        "stamped": next((card for card in cards if card.stamps and card.stamps.is_card), None),
        "missions": on_home(member),
        "risen_to": congratulate(member, now) if request.method == "GET" else None,
        "qr": card_qr(member),
    }
    return render(request, "portal/home.html", context)


@never_cache
@member_required
@require_safe
def ledger(request: HttpRequest) -> HttpResponseBase:
    """Every change of points and credit with its reason, its document and what was left."""
    member, has = member_of(request), balances(member_of(request).pk, timezone.now())
    debts = [tab for tab, owed in zip(DEBTS, (has.points_debt, has.credit_debt), strict=True) if owed]
    tabs = [*TABS, *debts]
    asked = request.GET.get("unit", "")
    unit = asked if asked in dict(tabs) else ""
    rows = page(member.pk, unit=unit or None, before=_cursor(request), limit=ROWS + 1)
    context = {
        "balances": has,
        "waiting": waiting_of(member.pk, timezone.now()),
        "tabs": tabs,
        "unit": unit,
        "rows": rows[:ROWS],
        "older": rows[ROWS - 1].id if len(rows) > ROWS else None,
        "is_first": _cursor(request) is None,
        "files": file_links("portal:ledger_file", f"?unit={unit}" if unit else ""),
    }
    return render(request, "portal/ledger.html", context)


@never_cache
@member_required
@require_safe
def purchases(request: HttpRequest) -> HttpResponseBase:
    """The member's purchases, newest first."""
    rows = member_purchases(member_of(request).pk, before=_cursor(request), limit=ROWS + 1)
    context = {
        "rows": rows[:ROWS],
        "older": rows[ROWS - 1].pk if len(rows) > ROWS else None,
        "is_first": _cursor(request) is None,
        "files": file_links("portal:purchases_file"),
    }
    return render(request, "portal/purchases.html", context)


@never_cache
@member_required
@require_safe
def invoice(request: HttpRequest, purchase_id: int) -> HttpResponseBase:
    """The receipt of one's own purchase, for the screen, A4 paper, or with `roll` an 80 mm printer."""
    member = member_of(request)
    purchase = purchase_of(member.pk, purchase_id)
    lines = lines_of(purchase)
    after = left_after(purchase)
    then, written = purchase.occurred_at, purchase.created_at
    waiting = waiting_then(member.pk, Unit.POINTS, then, recorded_by=written) if after and after.points else 0
    context = {
        "purchase": purchase,
        "nearest": nearest_reward(after.points - waiting) if after else None,
        "lines": lines,
        "gifts": gifts_of(purchase.awards),
        "nearly": nearly_had(purchase, lines),
        "refunds": refunds_of(purchase),
        "standing": standing_after(purchase),
        "balances": after,
        "card": card_of(purchase),
        "missions": steps_of(purchase.facts.get("missions", []), document=purchase.document),
        "is_roll": "roll" in request.GET,
        "qr": qr_svg(request.build_absolute_uri(reverse("portal:home"))),
        "code": qr_svg(receipt_code(purchase.pk)),
    }
    return render(request, "portal/invoice.html", context)


def _cursor(request: HttpRequest) -> int | None:
    return whole_number(request.GET.get("before", ""))
