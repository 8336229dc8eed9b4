"""What the nightly proof says of offers: their awards, counters and codes fit the purchases."""

import pytest
from django.db import connection

from club.purchases.orders import PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.refunds import RefundOrder, refund_purchase
from core.models import Club
from offers.models import Coupon
from tests.offering import publish
from tests.shop import NOON, Shop


@pytest.fixture
def shop(club: Club) -> Shop:
    """A purchase that was discounted by a code, another that was taken back, and credit by an offer."""
    found = Shop(club)
    offer = publish("با کد", {"kind": "discount_percent", "percent": 10}, code_required=True)
    Coupon.objects.create(offer=offer, code="TEN", actor="user:1")
    publish("اعتبار", {"kind": "credit_percent", "percent": 5}, stacking="always")
    for _time in range(2):
        order = PurchaseOrder(member_id=found.member().pk, amount=1_000_000, coupons=("TEN",))
        receipt = found.buy(order)
    refund_purchase(RefundOrder(receipt.id or 0), actor="user:1", key="back", now=NOON)
    return found


def test_what_was_given_and_taken_back_is_clean(shop: Shop) -> None:
    assert verify_value() == []


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE offers_offercounter SET used = used + 1 WHERE period = ''", "offer"),
        ("UPDATE offers_offercounter SET spent = spent + 1 WHERE period <> ''", "offer"),
        ("DELETE FROM offers_offercounter WHERE period = ''", "offer"),
        ("UPDATE offers_coupon SET used = used + 1", "coupon"),
        ("UPDATE offers_couponuse SET given_back = true", "coupon"),
        ("UPDATE awards_award SET discount = discount + 1 WHERE kind = 'discount_percent'", "purchase"),
        ("UPDATE awards_award SET given_back = NOT given_back", "purchase"),
        ("DELETE FROM awards_award WHERE kind = 'credit_percent'", "offer"),
    ],
)
def test_what_is_changed_is_found(shop: Shop, tampering: str, found: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(tampering)
        assert cursor.rowcount > 0

    assert found in {fault.what.split()[0] for fault in verify_value()}
