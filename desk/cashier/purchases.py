"""The purchases that were recorded, and the receipt of one."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from club.purchases.awarded import gifts_of
from club.purchases.codes import receipt_code
from club.purchases.mission_steps import steps_of
from club.purchases.models import Purchase
from club.purchases.selectors import (
    card_of,
    get_purchase,
    left_after,
    lines_of,
    purchases_page,
    refunds_of,
    standing_after,
)
from core.qr import qr_svg
from core.text import whole_number
from desk.cashier import screen
from desk.cashier.offers import told_of
from desk.files import file_links

ROWS = 25


@never_cache
@staff_required("record_purchase")
@require_safe
def purchase_list(request: HttpRequest) -> HttpResponseBase:
    """All purchases, newest first, found by number, phone or name."""
    text, before = request.GET.get("q", "")[:120], request.GET.get("before", "")
    rows = purchases_page(text, before=whole_number(before), limit=ROWS + 1)
    now, own = timezone.now(), screen.refundable_at(request.user)
    context = {
        "rows": [screen.Recent(row, screen.can_undo(row, now, own)) for row in rows[:ROWS]],
        "more": rows[ROWS - 1].pk if len(rows) > ROWS else None,
        "text": text,
        "is_first": not before,
        "files": file_links(request, "admin:purchases_purchase_export"),  # the manager's list, of the same search
    }
    return render(request, "desk/purchases.html", context)


@never_cache
@staff_required("record_purchase")
@require_safe
def receipt(request: HttpRequest, purchase_id: int) -> HttpResponseBase:
    """The receipt, for the screen, A4 paper, or with `roll` an 80 mm printer."""
    purchase = get_purchase(purchase_id)
    shown = invoice_of(purchase)
    context = shown | {
        "gifts": gifts_of(purchase.awards),
        "told": told_of(purchase, shown["lines"]),
        "is_roll": "roll" in request.GET,
        "print_now": "print" in request.GET,
        "can_undo": screen.can_undo(purchase, timezone.now(), screen.refundable_at(request.user)),
        "qr": club_code(request),
    }
    return render(request, "desk/receipt.html", context)


def invoice_of(purchase: Purchase) -> dict[str, Any]:
    """Return what `_invoice.html` shows of a purchase."""
    return {
        "purchase": purchase,
        "lines": lines_of(purchase),
        "refunds": refunds_of(purchase),
        "standing": standing_after(purchase),
        "balances": left_after(purchase),
        "card": card_of(purchase),
        "missions": steps_of(purchase.facts.get("missions", []), document=purchase.document),
        "code": qr_svg(receipt_code(purchase.pk)),
    }


def club_code(request: HttpRequest) -> SafeString | str:
    """Return the QR code of the members' page, for the foot of a receipt."""
    try:
        address = request.build_absolute_uri(reverse("portal:home"))
    except NoReverseMatch:
        return ""
    return qr_svg(address)
