"""The offers as the till shows them: what is open to the member, what applies to the purchase, why the rest do not."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from club.gift_cards.spending import FIELD
from club.members.models import Member
from club.purchases.awarded import Gift, gifts_of
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.openings import OpenOffer, OwnCoupon, open_offers, own_coupons
from club.purchases.orders import PurchaseOrder
from club.purchases.receipts import Receipt
from club.purchases.retelling import considered_of
from club.purchases.services import preview_purchase
from core.errors import ValidationFailed
from desk.cashier.screen import Card
from offers.codes import LONGEST, coupon_key, normal_coupon_code
from offers.given_codes import CouponNoEffect, CouponRefused

SHOWN_AT_ONCE = 4
CODES_SHOWN = 6
LABELS: dict[str, Promise] = {
    "lost_to": _("جور بود"),
    "not_matched": _("جور نبود"),
    "limit_reached": _("سهم پر"),
    "budget_spent": _("بودجه تمام"),
    "held_out": _("گروه مقایسه"),
    "not_active": _("بیرون از زمان"),
    "no_effect": _("بی اثر"),
    "cap_reached": _("سقف تخفیف"),
}
NOT_TOLD = frozenset({"applied", "held_out"})
"""What applies stands among the gifts; of a comparison nobody beside the till should hear."""


@dataclass(frozen=True)
class Offers:
    """What stands on the till: before the amount the open offers, after it gifts and reasons; always the own codes.

    The rest are behind one click; codes that have no place are typed.
    """

    gifts: list[Gift] = field(default_factory=list)
    others: list[dict[str, Any]] = field(default_factory=list)
    rest: list[dict[str, Any]] = field(default_factory=list)
    open: list[OpenOffer] = field(default_factory=list)
    open_rest: list[OpenOffer] = field(default_factory=list)
    codes: list[OwnCoupon] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.gifts or self.others or self.open or self.codes)

    @property
    def behind(self) -> int:
        """How many are behind the click."""
        return len(self.rest) + len(self.open_rest)


def preview_with_codes(order: PurchaseOrder, *, now: datetime) -> tuple[Receipt, str]:
    """The purchase without the codes that are refused, and why the first of them is. Raises as preview_purchase.

    Of what fits no basket yet nothing is said while there is none.
    """
    refused, is_empty = "", not (order.amount or order.lines)
    while True:
        try:
            return preview_purchase(order, now=now), refused
        except CouponRefused as error:
            order = replace(order, coupons=_without(order.coupons, error.data["coupon"]))
            if not (refused or (is_empty and isinstance(error, CouponNoEffect))):
                refused = error.detail
        except ValidationFailed as error:
            if FIELD not in error.errors or not order.pay_with.gift_card:
                raise
            order = replace(order, pay_with=replace(order.pay_with, gift_card=None))
            refused = refused or " ".join(error.errors[FIELD])


def _without(codes: tuple[str, ...], refused: str) -> tuple[str, ...]:
    left = tuple(code for code in codes if coupon_key(normal_coupon_code(code)[:LONGEST]) != coupon_key(refused))
    return left if len(left) < len(codes) else ()


def told_of(purchase: Purchase, lines: Sequence[PurchaseLine]) -> list[dict[str, Any]]:
    """What became of each offer that a recorded purchase was not given: what lost first, then the nearest misses."""
    return [
        one | {"label": LABELS[one["outcome"]]} for one in considered_of(purchase, lines) if one["outcome"] != "applied"
    ]


def offers_for(card: Card | None, receipt: Receipt | None, now: datetime) -> Offers:
    """The offers of a purchase as far as it is typed; as many queries for one offer as for a thousand."""
    member = card.member if card else None
    codes = own_coupons(member.pk, at=now)[:CODES_SHOWN] if member else []
    if receipt is None or not receipt.gross:
        found = open_offers(member.pk, at=now) if member and member.status == Member.Status.ACTIVE else []
        return Offers(open=found[:SHOWN_AT_ONCE], open_rest=found[SHOWN_AT_ONCE:], codes=codes)
    told = [one for one in receipt.considered if one["outcome"] not in NOT_TOLD]
    return Offers(gifts_of(receipt.awards), told[:SHOWN_AT_ONCE], told[SHOWN_AT_ONCE:], codes=codes)
