"""A purchase told late is judged as of its own moment, and its explanation says later what it said then."""

from datetime import timedelta

import pytest
from django.utils import timezone

from club.purchases.models import Purchase
from club.purchases.recorded import receipt_of
from club.purchases.retelling import considered_of
from core.models import Club
from offers.given_codes import CouponNotStarted
from offers.models import Coupon
from tests.offering import publish
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}


@pytest.fixture
def shop(club: Club) -> Shop:
    return Shop(club)


def test_a_late_purchase_comes_so_long_after_the_one_before_it(shop: Shop) -> None:
    member = shop.member()
    shop.buys(member, 100_000, now=NOON - timedelta(days=70))
    shop.buys(member, 100_000)
    publish("برگشته", TEN, when={"fact": "days_since_last_purchase", "op": "gte", "value": 60})

    late = shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(hours=1))

    assert late.discount == 100_000
    facts = Purchase.objects.get(pk=late.id).facts
    assert facts["days_since_last_purchase"] == 70


def test_a_late_purchase_before_all_others_comes_after_none(shop: Shop) -> None:
    member = shop.member(enrolled_at=NOON - timedelta(days=300))
    shop.buys(member, 100_000)
    publish("برگشته", TEN, when={"fact": "days_since_last_purchase", "op": "gte", "value": 0})

    assert shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(days=200)).discount == 0


def test_a_gap_of_no_days_is_told_again_as_it_was(shop: Shop) -> None:
    member = shop.member()
    for hours in (4, 3, 2):
        shop.buys(member, 100_000, now=NOON - timedelta(hours=hours))
    own = {"own": "usual_gap", "percent": 200}
    publish("دیرآمده", TEN, when={"fact": "days_since_last_purchase", "op": "gt", "value": own})

    receipt = shop.buys(member, 1_000_000)

    (told,) = receipt.considered
    assert told["failed"][0]["value"] == 0
    assert receipt_of(Purchase.objects.select_related("branch").get(pk=receipt.id))["considered"] == [told]


def test_a_code_used_before_its_offer_was_published_has_not_started(shop: Shop) -> None:
    an_hour_ago = NOON - timedelta(hours=1)
    offer = publish("کد", TEN, code_required=True, since=an_hour_ago, starts_at=an_hour_ago.isoformat())
    Coupon.objects.create(offer=offer, code="SOON", actor="user:1")

    with pytest.raises(CouponNotStarted):
        shop.buys(shop.member(), 1_000_000, occurred_at=NOON - timedelta(hours=2), coupons=("SOON",))


def test_an_offer_without_a_start_is_open_to_late_purchases(shop: Shop) -> None:
    publish("همیشه", TEN, since=NOON)

    assert shop.buys(shop.member(), 1_000_000, occurred_at=NOON - timedelta(days=30)).discount == 100_000


def test_what_was_settled_elsewhere_is_left_as_it_was_and_not_explained(shop: Shop) -> None:
    publish("همیشه", TEN)

    receipt = shop.buys(shop.member(), 1_000_000, is_settled=True)

    row = Purchase.objects.select_related("branch").get(pk=receipt.id)
    assert (receipt.net, receipt.awards, receipt.considered) == (1_000_000, [], [])
    assert considered_of(row, list(row.lines.all())) == []


def test_what_was_recorded_before_an_offer_was_made_is_not_explained_by_it(shop: Shop) -> None:
    receipt = shop.buys(shop.member(), 1_000_000)
    publish("تازه", TEN, since=timezone.now() + timedelta(minutes=5))

    row = Purchase.objects.select_related("branch").get(pk=receipt.id)

    assert considered_of(row, list(row.lines.all())) == []
