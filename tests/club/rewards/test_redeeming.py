"""Rewards taken for points: what they cost, what they give, when they are refused, and that cancelling leaves nothing."""

from datetime import timedelta
from typing import Any

import pytest

from club.awards.models import Award
from club.ledger.models import Entry, Lot
from club.ledger.selectors import balances
from club.ledger.services import InsufficientPoints
from club.lotteries.models import Chance
from club.lotteries.services import open_lottery
from club.members.models import Member
from club.members.services import MemberBlocked
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from club.purchases.orders import OrderLine, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.rewards.errors import NothingToCancel, RewardOutOfStock, VoucherExpired, VoucherUsed
from club.rewards.models import Redemption, Reward
from core.errors import Conflict, NotFound, ValidationFailed
from offers.coupons import void_coupon
from offers.given_codes import CouponExpired, CouponNotForMember, CouponUsed
from offers.models import Coupon, Offer
from sms.models import OutboxMessage
from tests.offering import publish
from tests.rewarding import DRINK, cancels, reward, takes, uses, with_points
from tests.shop import NOON, TOMAN, Shop

TEN = {"kind": "discount_percent", "percent": 10}


@pytest.fixture
def member(shop: Shop) -> Member:
    shop.product("latte", 95_000 * TOMAN)
    return with_points(shop.member(first_name="سارا"), 120)


def voucher(number: int) -> Redemption:
    return Redemption.objects.get(pk=number)


def test_points_go_and_a_voucher_comes(shop: Shop, member: Member) -> None:
    reward(benefit=DRINK, valid_days=30)

    receipt = takes(member)

    assert (receipt.points, receipt.worth, receipt.status) == (100, 950_000, "issued")
    assert receipt.balances == {"points": 20, "credit": 0}
    assert receipt.expires_at == "2026-12-22T20:30:00+00:00"  # the end of the thirtieth day in Tehran
    spent = Entry.objects.get(document=f"redemption:{receipt.id}")
    assert (spent.kind, spent.delta, spent.reason) == ("spend", -100, "نوشیدنی رایگان")
    coupon = Coupon.objects.get(code=receipt.coupon)
    assert (coupon.member_id, coupon.uses, coupon.document) == (member.pk, 1, f"redemption:{receipt.id}")
    told = OutboxMessage.objects.get(kind="reward_redeemed")
    assert (told.context["code"], told.context["expires"]) == (receipt.coupon, "2026-12-22")
    assert "credit" not in told.context  # else the text says that none came
    assert shop.proven()


def test_the_code_of_a_voucher_is_not_taken_back_like_any_code(shop: Shop, member: Member) -> None:
    reward(benefit=DRINK)
    taken = takes(member)

    with pytest.raises(NotFound):
        void_coupon(Coupon.objects.get(code=taken.coupon).pk, actor="user:1")

    assert not Coupon.objects.get(code=taken.coupon).void


def test_a_voucher_of_points_whose_purchase_came_back_returns_none_of_them(shop: Shop) -> None:
    member = shop.member()
    shop.product("latte", 950_000)
    reward(benefit=DRINK)
    bought = shop.buys(member, 10_000_000)
    taken = takes(member)
    refund_purchase(RefundOrder(bought.id or 0), actor="user:1", key="refund", now=NOON)

    receipt = cancels(taken.id)

    assert receipt.balances == {"points": 0, "credit": 0}
    assert shop.proven()


def test_the_soonest_points_to_end_are_spent_first(shop: Shop, member: Member) -> None:
    with_points(member, 50, expires_at=NOON + timedelta(days=5))
    reward(points=60)

    takes(member)

    assert sorted(Lot.objects.values_list("amount", "remaining")) == [(50, 0), (120, 110)]


def test_the_code_gives_the_reward_in_one_purchase_of_its_own_member(shop: Shop, member: Member) -> None:
    reward(benefit=DRINK)
    receipt = takes(member)
    with pytest.raises(CouponNotForMember):
        shop.buys(shop.member(), 100_000, coupons=(receipt.coupon,))

    bought = shop.buys(member, 100_000, coupons=(receipt.coupon.lower(),))

    assert bought.awards[0]["item"] == {"product": "latte", "quantity": 1}
    row = voucher(receipt.id)
    assert (row.status, row.used_in) == ("used", f"purchase:{bought.id}")
    with pytest.raises(CouponUsed):
        shop.buys(member, 100_000, coupons=(receipt.coupon,))
    with pytest.raises(NothingToCancel):
        cancels(receipt.id)
    assert shop.proven()


def test_a_full_refund_of_the_purchase_makes_the_voucher_good_again(shop: Shop, member: Member) -> None:
    reward(benefit=DRINK)
    receipt = takes(member)
    bought = shop.buys(member, 100_000, coupons=(receipt.coupon,))

    refund_purchase(RefundOrder(bought.id or 0), actor="user:1", key="back", now=NOON)

    assert (voucher(receipt.id).status, voucher(receipt.id).used_in) == ("issued", "")
    assert shop.proven()
    cancels(receipt.id)
    assert balances(member.pk, NOON).points == 120
    assert shop.proven()


def test_cancelling_returns_the_points_to_their_lots_and_leaves_nothing_taken(shop: Shop, member: Member) -> None:
    with_points(member, 50, expires_at=NOON + timedelta(days=5))
    reward(benefit=DRINK, stock=1, per_member=1)
    before = sorted(Lot.objects.values_list("amount", "remaining", "expires_at"), key=str)
    receipt = takes(member)

    cancelled = cancels(receipt.id)

    assert (cancelled.status, cancelled.balances["points"]) == ("cancelled", 170)
    assert sorted(Lot.objects.values_list("amount", "remaining", "expires_at"), key=str) == before
    with pytest.raises(CouponExpired):
        shop.buys(member, 100_000, coupons=(receipt.coupon,))
    with pytest.raises(NothingToCancel):
        cancels(receipt.id)
    assert takes(member).balances["points"] == 70, "stock and the limit of the member are free again"
    assert shop.proven()


def test_a_thing_over_the_counter_is_handed_out_once_and_until_its_end(shop: Shop, member: Member) -> None:
    reward(points=10, valid_days=1)
    first, second, third = (takes(member) for _time in range(3))

    assert uses(first.id).status == "used"
    with pytest.raises(VoucherUsed):
        uses(first.id)
    with pytest.raises(VoucherExpired) as ended:
        uses(second.id, now=NOON + timedelta(days=2))
    assert ended.value.detail == "«نوشیدنی رایگان» منقضی شده است؛ مهلتش تا ۲ آذر ۱۴۰۵ بود."
    with pytest.raises(NothingToCancel):
        cancels(second.id, now=NOON + timedelta(days=2))
    cancels(third.id)
    with pytest.raises(Conflict, match="conflict"):
        uses(third.id)
    assert shop.proven()


def test_a_voucher_of_a_coupon_handed_out_by_hand_is_no_good_in_a_purchase(shop: Shop, member: Member) -> None:
    reward(benefit=DRINK)
    receipt = takes(member)

    uses(receipt.id)

    with pytest.raises(CouponExpired):
        shop.buys(member, 100_000, coupons=(receipt.coupon,))
    assert shop.proven()


AT_ONCE: dict[str, dict[str, Any]] = {
    "credit_amount": {"amount": 50_000},
    "points_amount": {"points": 7},
    "coupon": {"valid_days": 7},
    "chances": {"lottery": "yalda", "count": 2},
    "tier": {"code": "gold", "days": 30},
}


@pytest.mark.parametrize("kind", AT_ONCE)
def test_what_needs_no_basket_is_given_at_once(shop: Shop, member: Member, kind: str) -> None:
    shop.tiers()
    open_lottery(code="yalda", name="یلدا", actor="user:1")
    benefit = {"kind": kind, **AT_ONCE[kind]}
    if kind == "coupon":
        benefit["offer"] = publish("بازگشت", TEN, code_required=True).pk
    reward(benefit=benefit)

    receipt = takes(member)

    document = f"redemption:{receipt.id}"
    assert receipt.status == "used"
    assert receipt.balances == {
        "points": 20 + (7 if kind == "points_amount" else 0),
        "credit": 50_000 if kind == "credit_amount" else 0,
    }
    assert Award.objects.filter(document=document, kind=kind).count() == 1
    assert Coupon.objects.filter(document=document).count() == (kind == "coupon")
    assert Chance.objects.filter(document=document).count() == (kind == "chances")
    assert (Member.objects.get(pk=member.pk).tier_code == "gold") is (kind == "tier")
    assert shop.proven()


def test_what_cannot_be_had_is_refused_and_nothing_is_written(shop: Shop, member: Member) -> None:
    reward("dear", points=121)
    reward("gone", points=1, stock=1)
    reward("once", points=1, per_member=1)
    reward("off", points=1, is_active=False)
    takes(with_points(shop.member(), 5), "gone")
    takes(member, "once")

    with pytest.raises(InsufficientPoints):
        takes(member, "dear")
    with pytest.raises(RewardOutOfStock):
        takes(member, "gone")
    for code, more in (("once", {}), ("off", {}), ("dear", {"price": 100})):
        with pytest.raises(Conflict):
            takes(member, code, **more)
    with pytest.raises(NotFound):
        takes(member, "nothing")
    with pytest.raises(ValidationFailed):
        takes(member, "once", occurred_at=NOON + timedelta(hours=1))
    Member.objects.filter(pk=member.pk).update(status="blocked")
    with pytest.raises(MemberBlocked):
        takes(member, "dear")

    assert Redemption.objects.filter(member=member).count() == 1
    assert shop.proven()


def test_another_benefit_is_another_offer_and_old_vouchers_keep_theirs(shop: Shop, member: Member) -> None:
    from club.awards.naming import known_codes
    from club.rewards.services import update_reward

    made = reward(points=10, benefit=DRINK)
    old = takes(member)
    update_reward("drink", {"benefit": TEN}, known=known_codes(), actor="user:1", now=NOON)

    new = takes(member)

    assert Offer.objects.filter(made_for="reward").count() == 2
    assert Reward.objects.get().offer_id != made.offer_id
    assert shop.buys(member, 100_000, coupons=(old.coupon,)).awards[0]["kind"] == "free_item"
    assert shop.buys(member, 100_000, coupons=(new.coupon,)).discount == 10_000


def test_vouchers_follow_a_merge_and_their_points_come_back_to_who_is_left(shop: Shop, member: Member) -> None:
    reward(benefit=DRINK)
    receipt, into = takes(member), shop.member()
    merge_members(member.pk, into.pk, actor="user:1", key="merge", now=NOON)
    assert shop.proven()

    cancels(receipt.id, member_id=into.pk)

    assert balances(into.pk, NOON).points == 120
    assert shop.proven()


def test_what_an_erased_member_had_open_ends(shop: Shop, member: Member) -> None:
    reward(benefit=DRINK)
    receipt = takes(member)

    erase_member(member.pk, actor="user:1", reason="خواست", now=NOON)

    assert voucher(receipt.id).state_at(NOON) == "expired"
    with pytest.raises(VoucherExpired):
        uses(receipt.id)
    assert shop.proven()


def test_a_refund_opens_no_voucher_of_somebody_erased(shop: Shop, member: Member) -> None:
    reward(benefit=DRINK)
    receipt = takes(member)
    bought = shop.buys(member, 100_000, coupons=(receipt.coupon,))
    erase_member(member.pk, actor="user:1", reason="خواست", now=NOON)

    refund_purchase(RefundOrder(bought.id or 0), actor="user:1", key="back", now=NOON)

    assert voucher(receipt.id).state_at(NOON) == "expired"
    assert shop.proven()


def test_nobody_cancels_what_is_another_members(shop: Shop, member: Member) -> None:
    reward()
    receipt = takes(member)

    with pytest.raises(NotFound):
        cancels(receipt.id, member_id=shop.member().pk)


def test_a_bad_benefit_is_named_by_its_path(shop: Shop) -> None:
    with pytest.raises(ValidationFailed) as refused:
        reward(benefit={"kind": "discount_percent", "percent": 0})

    assert refused.value.errors.keys() == {"benefit.percent"}


def test_a_discount_by_lines_needs_a_purchase_of_them(shop: Shop, member: Member) -> None:
    reward(benefit={**TEN, "applies_to": "matching_lines", "of": "latte"})
    receipt = takes(member)

    lines = (OrderLine(product="latte"), OrderLine(unit_price=50_000, name="کیک"))
    bought = shop.buy(PurchaseOrder(member_id=member.pk, lines=lines, coupons=(receipt.coupon,)))

    assert bought.discount == 95_000
