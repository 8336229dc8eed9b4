"""Returns: the purchase found by its number, by what is on its receipt or by its member; the slip of what came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import can, staff_required
from club.members.models import Member
from club.members.selectors import MemberHit, get_member
from club.purchases.models import Purchase, PurchaseLine, Refund
from club.purchases.payments import method_name
from club.purchases.selectors import (
    get_purchase,
    get_refund,
    goods_in,
    left_after,
    lines_of,
    member_purchases,
    purchases_called,
    recent_refunds,
    refunds_of,
)
from core.errors import Text
from core.text import whole_number
from desk.cashier.lookup import LONGEST, look_up

ROWS = 20
RECENT = 8


@dataclass(frozen=True)
class Found:
    """What the text may mean: purchases, members to choose from, or why nobody."""

    purchases: list[Purchase] = field(default_factory=list)
    members: tuple[MemberHit, ...] = ()
    refusal: Text = ""
    more: bool = False

    @property
    def purchase(self) -> Purchase | None:
        """The one purchase meant; None where it may be another, or a member."""
        is_only = len(self.purchases) == 1 and not self.members
        return self.purchases[0] if is_only else None

    @property
    def member_id(self) -> int | None:
        """The one member meant, in the same way."""
        return self.members[0].id if len(self.members) == 1 and not self.purchases else None


@dataclass(frozen=True)
class Back:
    """A line of a slip: what of a purchase's line came back. No quantity where it was an amount of money."""

    name: str
    quantity: int
    net: int


@never_cache
@staff_required("refund_purchase")
@require_safe
def returns(request: HttpRequest) -> HttpResponseBase:
    """Find the purchase that comes back; the only one that is meant opens at once."""
    text, chosen = request.GET.get("q", "")[:LONGEST].strip(), whole_number(request.GET.get("member", ""))
    found = find(text) if text and chosen is None else Found()
    if found.purchase:
        return redirect("desk:refund", found.purchase.pk)
    member_id = chosen if chosen is not None else found.member_id
    if member_id is not None:
        return _of_member(request, get_member(member_id), text)
    context = {
        "text": text,
        "found": found,
        "goods": _with_goods(found.purchases),
        "recent": [] if text else recent_refunds(limit=RECENT),
    }
    return render(request, "desk/returns.html", context)


def find(text: str) -> Found:
    """What was typed or scanned: a receipt's code, a purchase's number or external id, or a member in any way."""
    purchases = purchases_called(text)
    if purchases and text.startswith("#"):
        return Found(purchases)
    seen = look_up(text, now=timezone.now())
    return Found(purchases, seen.hits, seen.refusal, seen.more)


def _of_member(request: HttpRequest, member: Member, text: str) -> HttpResponseBase:
    if member.merged_into_id:
        member = get_member(member.merged_into_id)
    before = request.GET.get("before", "")
    rows = member_purchases(member.pk, before=whole_number(before), limit=ROWS + 1)
    context = {
        "text": text,
        "member": member,
        "goods": _with_goods(rows[:ROWS]),
        "older": rows[ROWS - 1].pk if len(rows) > ROWS else None,
        "is_first": not before,
        "may_view": can(request.user, "view_members"),
    }
    return render(request, "desk/returns.html", context)


def _with_goods(purchases: list[Purchase]) -> list[tuple[Purchase, list[str]]]:
    names = goods_in([purchase.pk for purchase in purchases])
    return [(purchase, names[purchase.pk]) for purchase in purchases]


@never_cache
@staff_required("refund_purchase")
@require_safe
def slip(request: HttpRequest, purchase_id: int, refund_id: int) -> HttpResponseBase:
    """The slip of a return, for an 80 mm printer, or with `a4` for A4 paper."""
    purchase = get_purchase(purchase_id)
    refund = get_refund(purchase, refund_id)
    context: dict[str, Any] = {
        "purchase": purchase,
        "refund": refund,
        "place": [row.pk for row in refunds_of(purchase)].index(refund.pk) + 1,
        "rows": came_back(refund, lines_of(purchase)),
        "balances": left_after(purchase, refund),
        "paid_with": method_name(purchase.payment_method),
        "is_roll": "a4" not in request.GET,
        "print_now": "print" in request.GET,
    }
    return render(request, "desk/return_slip.html", context)


def came_back(refund: Refund, lines: list[PurchaseLine]) -> list[Back]:
    """What came back by this refund, line by line."""
    names = {line.index: line.name or line.product_code for line in lines}
    return [Back(names.get(row["index"], ""), row["quantity"], row["net"]) for row in refund.lines]
