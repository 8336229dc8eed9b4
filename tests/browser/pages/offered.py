"""The offers that pages are looked at with: one that gives, one that loses, some of which something is missing."""

from datetime import timedelta

from django.utils import timezone

from club.members.models import Member
from offers.models import Coupon
from tests.offering import publish

GIFT = {"kind": "credit_percent", "percent": 5}


def offer_something(member: Member) -> None:
    """Live offers, and a code of the member's own."""
    ends = (timezone.now() + timedelta(days=20)).isoformat()
    publish("هدیهٔ خرید", GIFT, summary="۵٪ اعتبار برگشتی روی هر خرید")
    publish("هدیهٔ کوچک", {"kind": "credit_percent", "percent": 2})
    publish("خرید بزرگ", GIFT, when={"fact": "amount", "op": "gte", "value": 50_000_000}, ends_at=ends)
    publish(
        "اسپرسوی مهمان",
        {"kind": "free_item", "product": "espresso", "quantity": 1},
        when={"fact": "visit_number", "op": "every", "value": 10},
    )
    publish("سه‌شنبهٔ زود", GIFT, when={"fact": "time", "op": "between", "value": ["05:00", "05:01"]})
    offer = publish("پوزش از تو", {"kind": "discount_amount", "amount": 300_000}, code_required=True)
    Coupon.objects.create(offer=offer, code="SORRY1234", member=member, uses=1, ends_at=timezone.now() + timedelta(9))
