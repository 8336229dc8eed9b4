"""Recording, previewing, reading and refunding purchases."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from api import bodies
from api.document import describe
from api.once import required_key
from api.paging import list_query, page
from api.views.base import ApiView, answer, stored_answer
from api.views.members import NEWEST_PURCHASES
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.recorded import purchases, receipt_of, receipts_of, recorded_purchase
from club.purchases.refunds import RefundOrder, preview_refund, refund_purchase
from club.purchases.services import preview_purchase, record_purchase
from core.errors import ValidationFailed
from core.reading import Faults

LINE_NAMES = {"vat_percent": "vat_bp"}


class Purchases(ApiView):
    pos_may_write = True

    @describe("List purchases", page_of="PurchaseInList")
    def get(self, request: Request) -> HttpResponse:
        return answer(page(purchases(), list_query(request.query_params), NEWEST_PURCHASES, receipts_of))

    @describe("Record a purchase", body=bodies.NEW_PURCHASE, answer="Receipt", status=201, key="required")
    def post(self, request: Request) -> HttpResponse:
        key = required_key(request)
        order = _order(self.body(bodies.NEW_PURCHASE))
        receipt = record_purchase(order, actor=self.actor, key=key, now=self.now)
        return stored_answer(receipt.dump(), replayed=receipt.replayed)


class PurchasePreview(ApiView):
    pos_may_write = True

    @describe("Preview a purchase", body=bodies.NEW_PURCHASE, answer="ReceiptPreview")
    def post(self, request: Request) -> HttpResponse:
        return answer(preview_purchase(_order(self.body(bodies.NEW_PURCHASE)), now=self.now).as_json())


class Purchase(ApiView):
    @describe("Read a purchase", answer="Purchase")
    def get(self, request: Request, purchase_id: int) -> HttpResponse:
        return answer(receipt_of(recorded_purchase(purchase_id)))


class Refunds(ApiView):
    pos_may_write = True

    @describe("Refund a purchase", body=bodies.REFUND, answer="Refund", status=201, key="required")
    def post(self, request: Request, purchase_id: int) -> HttpResponse:
        key = required_key(request)
        order = _refund(self.body(bodies.REFUND), purchase_id)
        receipt = refund_purchase(order, actor=self.actor, key=key, now=self.now)
        return stored_answer(receipt.dump(), replayed=receipt.replayed)


class RefundPreview(ApiView):
    pos_may_write = True

    @describe("Preview a refund", body=bodies.REFUND_PREVIEW, answer="RefundPreview")
    def post(self, request: Request, purchase_id: int) -> HttpResponse:
        order = _refund(self.body(bodies.REFUND_PREVIEW), purchase_id)
        return answer(preview_refund(order, now=self.now).as_json())


def _order(values: dict[str, Any]) -> PurchaseOrder:
    pay_with = values.get("pay_with") or {}
    member = values["member"]
    return PurchaseOrder(
        member_id=member if isinstance(member, int) else None,
        member_phone=member if isinstance(member, str) else None,
        amount=values.get("amount"),
        lines=tuple(_line(line) for line in values.get("lines") or ()),
        pay_with=PayWith(
            credit=pay_with.get("credit"), points=pay_with.get("points"), gift_card=pay_with.get("gift_card") or None
        ),
        branch=values.get("branch") or None,
        channel=values.get("channel") or "till",
        payment_method=values.get("payment_method") or "",
        occurred_at=values.get("occurred_at"),
        external_id=values.get("external_id"),
        delivery_price=values.get("delivery_price"),
        coupons=tuple(code for code in values.get("coupons") or () if code),
    )


def _line(values: dict[str, Any]) -> OrderLine:
    given = {LINE_NAMES.get(name, name): value for name, value in values.items() if value is not None}
    return OrderLine(**given)


def _refund(values: dict[str, Any], purchase_id: int) -> RefundOrder:
    lines = values.get("lines")
    seen: set[int] = set()
    faults: Faults = {}
    for place, line in enumerate(lines or ()):
        if line["index"] in seen:
            faults[f"lines[{place}].index"] = [_("این سطر دو بار آمده است.")]
        seen.add(line["index"])
    if faults:
        raise ValidationFailed(faults)
    return RefundOrder(
        purchase_id=purchase_id,
        lines=None if lines is None else tuple((line["index"], line["quantity"]) for line in lines),
        amount=values.get("amount"),
        reason=(values.get("reason") or "").strip(),
        occurred_at=values.get("occurred_at"),
    )
