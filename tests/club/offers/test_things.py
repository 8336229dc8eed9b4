"""What offers give besides value: coupons, chances, tiers for a time; and that a full refund takes them back."""

from datetime import timedelta

import pytest

from club.lotteries.models import Chance, Lottery
from club.members.models import Member, TierChange
from club.purchases.merging import merge_members
from club.purchases.orders import PurchaseOrder
from club.purchases.receipts import Receipt
from club.purchases.refunds import RefundOrder, preview_refund, refund_purchase
from club.tiers.granting import end_grants
from core.models import Club
from offers.given_codes import CouponExpired, CouponNotForMember, CouponUsed
from offers.models import Coupon
from tests.offering import publish
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}


@pytest.fixture
def shop(club: Club) -> Shop:
    found = Shop(club)
    found.tiers()
    return found


def refund(receipt: Receipt, **more: object) -> None:
    order = RefundOrder(receipt.id or 0, **more)  # type: ignore[arg-type]
    foretold = preview_refund(order, now=NOON)
    done = refund_purchase(order, actor="user:1", key=f"refund-{receipt.id}-{len(more)}", now=NOON)
    assert (foretold.tier, foretold.balances) == (done.tier, done.balances)


def next_purchase_coupon() -> None:
    ten = publish("ده درصد با کد", TEN, code_required=True)
    publish("خرید بعدی", {"kind": "coupon", "offer": ten.pk, "valid_days": 7}, stacking="always")


def buys_with(shop: Shop, member: Member, code: str, days: int = 0) -> Receipt:
    order = PurchaseOrder(member_id=member.pk, amount=1_000_000, coupons=(code,))
    return shop.buy(order, now=NOON + timedelta(days=days))


def test_a_coupon_for_the_next_purchase_is_the_members_own_and_works_once(shop: Shop) -> None:
    member, other = shop.member(), shop.member()
    next_purchase_coupon()

    code = shop.buys(member, 1_000_000).awards[0]["coupon"]

    with pytest.raises(CouponNotForMember):
        buys_with(shop, other, code)
    assert buys_with(shop, member, code.lower(), days=7).discount == 100_000
    with pytest.raises(CouponUsed):
        buys_with(shop, member, code)


def test_it_ends_with_its_last_day(shop: Shop) -> None:
    member = shop.member()
    next_purchase_coupon()
    code = shop.buys(member, 1_000_000).awards[0]["coupon"]

    with pytest.raises(CouponExpired):
        buys_with(shop, member, code, days=8)


def test_a_full_refund_takes_it_back_and_a_part_does_not(shop: Shop) -> None:
    member = shop.member()
    next_purchase_coupon()
    receipt = shop.buys(member, 1_000_000)

    refund(receipt, amount=400_000)
    assert not Coupon.objects.get(member=member).void

    refund(receipt)
    with pytest.raises(CouponExpired):
        buys_with(shop, member, receipt.awards[0]["coupon"])


def test_a_full_refund_gives_the_use_of_a_code_back(shop: Shop) -> None:
    member = shop.member()
    offer = publish("با کد", TEN, code_required=True)
    Coupon.objects.create(offer=offer, code="ONCE", uses=1, per_member=1, actor="user:1")

    refund(buys_with(shop, member, "once"))

    assert buys_with(shop, member, "once").discount == 100_000


def test_chances_are_counted_in_their_lottery_and_taken_back(shop: Shop) -> None:
    member = shop.member()
    Lottery.objects.create(code="yalda", name="یلدا")
    benefit = {"kind": "chances", "lottery": "yalda", "count": 2, "per_amount": 500_000}
    publish("شانس یلدا", benefit, stacking="always")

    receipt = shop.buys(member, 1_200_000)

    assert receipt.chances == [{"lottery": "yalda", "count": 4}]
    assert Chance.objects.get(member=member, given_back=False).count == 4
    refund(receipt)
    assert not Chance.objects.filter(member=member, given_back=False).exists()


def held(member: Member) -> str:
    member.refresh_from_db()
    return member.tier_code


@pytest.fixture
def gold_for_30_days(shop: Shop) -> None:
    publish(
        "طلایی یک‌ماهه",
        {"kind": "tier", "code": "gold", "days": 30},
        stacking="always",
        when={"fact": "is_first_purchase", "op": "eq", "value": True},
    )


@pytest.mark.usefixtures("gold_for_30_days")
def test_a_tier_for_a_time_is_held_to_its_last_day(shop: Shop) -> None:
    member = shop.member()

    receipt = shop.buys(member, 1_000_000)

    assert (receipt.tier, receipt.tier_changed, held(member)) == ("gold", True, "gold")
    assert end_grants(at=NOON + timedelta(days=30)) == 0
    assert held(member) == "gold"
    assert end_grants(at=NOON + timedelta(days=31)) == 1
    assert held(member) == "bronze"
    assert end_grants(at=NOON + timedelta(days=31)) == 0


@pytest.mark.usefixtures("gold_for_30_days")
def test_a_refund_of_another_purchase_leaves_it_and_the_whole_of_its_own_ends_it(shop: Shop) -> None:
    member = shop.member()
    first, second = shop.buys(member, 1_000_000), shop.buys(member, 1_000_000)

    refund(second)
    refund(first, amount=500_000)
    assert held(member) == "gold"

    refund(first)
    assert held(member) == "bronze"


@pytest.mark.usefixtures("gold_for_30_days")
def test_who_reached_more_meanwhile_keeps_it(shop: Shop) -> None:
    member = shop.member()
    shop.buys(member, 1_000_000)
    shop.buys(member, 12_000_000)

    end_grants(at=NOON + timedelta(days=40))

    assert held(member) == "silver"


@pytest.mark.usefixtures("gold_for_30_days")
def test_who_held_the_tier_before_it_was_given_keeps_it(shop: Shop) -> None:
    member = shop.member()
    Member.objects.filter(pk=member.pk).update(tier_code="gold")
    TierChange.objects.create(member=member, from_code="bronze", to_code="gold", document="member:1", at=NOON)
    shop.buys(member, 1_000_000)

    end_grants(at=NOON + timedelta(days=40))

    assert held(member) == "gold"


@pytest.mark.usefixtures("gold_for_30_days")
def test_a_given_tier_ends_with_its_time_in_the_record_it_was_merged_into(shop: Shop) -> None:
    member, into = shop.member(), shop.member()
    shop.buys(member, 1_000_000)
    merge_members(member.pk, into.pk, actor="user:1", key="merge", now=NOON)
    assert held(into) == "gold"

    end_grants(at=NOON + timedelta(days=40))

    assert held(into) == "bronze"


def test_of_two_times_for_one_tier_the_longer_holds(shop: Shop) -> None:
    member = shop.member()
    for days, priority in ((60, 1), (5, 0)):
        benefit = {"kind": "tier", "code": "gold", "days": days}
        publish(f"{days} روز", benefit, stacking="always", priority=priority)

    shop.buys(member, 1_000_000)

    end_grants(at=NOON + timedelta(days=50))
    assert held(member) == "gold"
