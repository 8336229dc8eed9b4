"""The capabilities of the mission that offers close, each seen once as its row says it. Money of the rows is Toman."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from club.awards.models import Award
from club.catalogue.models import Group
from club.ledger.models import Entry
from club.lotteries.services import open_lottery
from club.members.models import Member
from club.purchases.openings import open_offers
from club.purchases.orders import OrderLine, PurchaseOrder
from club.purchases.receipts import Receipt
from core.models import Club
from offers.coupons import NewCoupons, create_coupons
from offers.given_codes import CouponExpired, CouponNoEffect, CouponUsed
from offers.vocabulary import BENEFITS
from tests.offering import publish
from tests.shop import NOON, TOMAN, Shop

TEN = {"kind": "discount_percent", "percent": 10}


@pytest.fixture
def shop(club: Club) -> Shop:
    found = Shop(club)
    found.programme(rial_per_point=10_000 * TOMAN, credit_bp=None)
    found.tiers()
    for code in ("coffee", "cake"):
        Group.objects.create(code=code, name=code)
    found.product("latte", 100_000 * TOMAN, "coffee")
    found.product("walnut", 50_000 * TOMAN, "cake")
    return found


def buys(shop: Shop, member: Member, *products: str, codes: tuple[str, ...] = (), **more: Any) -> Receipt:
    lines = tuple(OrderLine(product=code) for code in products)
    return shop.buy(PurchaseOrder(member_id=member.pk, lines=lines, coupons=codes, delivery_price=200_000), **more)


# Row 51: each kind can be created and redeemed; the redemption row shows its kind and its value in Rial.
KINDS: dict[str, tuple[dict[str, Any], int]] = {
    "discount_percent": ({"percent": 10}, 150_000),
    "discount_amount": ({"amount": 90_000}, 90_000),
    "fixed_price": ({"amount": 1_200_000, "quantity": 2}, 300_000),
    "buy_x_get_y": ({"buy": 1, "get": 1}, 500_000),
    "credit_percent": ({"percent": 20}, 300_000),
    "credit_amount": ({"amount": 70_000}, 70_000),
    "points_factor": ({"factor": 3}, 30_000),
    "points_amount": ({"points": 40}, 40_000),
    "free_item": ({"product": "walnut", "quantity": 1}, 500_000),
    "free_delivery": ({}, 200_000),
    "coupon": ({"valid_days": 7}, 0),
    "chances": ({"lottery": "yalda", "count": 2}, 0),
    "tier": ({"code": "gold", "days": 30}, 0),
}


@pytest.mark.parametrize("kind", BENEFITS)
def test_row_51_each_kind_is_given_and_shows_its_kind_and_worth(shop: Shop, kind: str) -> None:
    figures, worth = KINDS[kind]
    open_lottery(code="yalda", name="یلدا", actor="user:1")
    benefit = {"kind": kind, **figures}
    if kind == "coupon":
        benefit["offer"] = publish("بازگشت", TEN, code_required=True).pk
    offer = publish("هدیه", benefit, stacking="always")

    (told,) = buys(shop, shop.member(), "latte", "walnut").awards

    award = Award.objects.get(offer=offer)
    assert (award.kind, award.worth) == (kind, worth) == (told["kind"], told["worth"])


def test_row_60_a_combo_earns_more_than_a_coffee(shop: Shop) -> None:
    both = [{"fact": "quantity_of", "op": "gte", "value": 1, "of": of} for of in ("coffee", "cake")]
    publish("عصرانه", {"kind": "points_amount", "points": 10}, when={"all": both})

    assert buys(shop, shop.member(), "latte").points_earned == 10
    assert buys(shop, shop.member(), "latte", "walnut").points_earned == 10 + 5 + 10


def test_row_68_points_are_double_in_a_window_and_the_history_names_the_rule(shop: Shop) -> None:
    window = [
        {"fact": "date", "op": "eq", "value": "2026-08-23"},  # 1 Shahrivar 1405
        {"fact": "time", "op": "between", "value": ["16:00", "20:00"]},
    ]
    publish("دو برابر", {"kind": "points_factor", "factor": 2}, when={"all": window})
    member = shop.member(enrolled_at=NOON - timedelta(days=300))
    five, last, eight = (
        datetime(2026, 8, 23, hour, minute, second, tzinfo=UTC)
        for hour, minute, second in ((13, 30, 0), (16, 29, 59), (16, 30, 0))  # 17:00, 19:59:59 and 20:00 in Tehran
    )

    earned = [buys(shop, member, "latte", now=at).points_earned for at in (five, last, eight)]

    assert earned == [20, 20, 10]
    named = Entry.objects.filter(wallet__member=member, reason="دو برابر")
    assert [entry.delta for entry in named.order_by("seq")] == [10, 10]


def test_row_71_an_offer_for_some_is_not_seen_and_refused_to_others(shop: Shop) -> None:
    vip = {"fact": "tag", "op": "has", "value": "vip"}
    publish("ویژه", TEN, when=vip)
    hidden = publish("ویژه با کد", TEN, when=vip, code_required=True)
    create_coupons(NewCoupons(offer=hidden.pk, code="VIP"), actor="user:1")
    guest, friend = shop.member(), shop.member(tags=["vip"])

    assert [len(open_offers(one.pk, at=NOON)) for one in (guest, friend)] == [0, 1]
    assert buys(shop, friend, "latte", codes=("VIP",)).discount == 100_000
    with pytest.raises(CouponNoEffect):
        buys(shop, guest, "latte", codes=("VIP",))


def test_row_83_from_the_eleventh_purchase_on_credit_comes_by_itself(shop: Shop) -> None:
    publish("همیشگی", {"kind": "credit_percent", "percent": 5}, when={"fact": "visit_number", "op": "gt", "value": 10})
    member = shop.member()

    credit = [shop.buys(member, 300_000 * TOMAN).credit_earned for _purchase in range(11)]

    assert credit == [0] * 10 + [15_000 * TOMAN]


def test_row_89_of_thirty_offers_each_says_whether_it_matched_and_why_not(shop: Shop) -> None:
    for number in range(30):
        publish(f"{number}", TEN, when={"fact": "amount", "op": "gte", "value": 100_000 * (number + 1)})

    told = shop.buys(shop.member(), 1_000_000).considered

    assert [one["outcome"] for one in told] == ["applied"] + ["lost_to"] * 9 + ["not_matched"] * 20
    assert [one["failed"][0]["missing"] for one in told[10:12]] == [100_000, 200_000]  # the nearest first
    assert all(one["text"] for one in told)


def test_row_106_two_members_have_thresholds_of_their_own(shop: Shop) -> None:
    small, large = shop.member(), shop.member()
    for days in (30, 20, 10):
        shop.buys(small, 100_000 * TOMAN, now=NOON - timedelta(days=days))
        shop.buys(large, 400_000 * TOMAN, now=NOON - timedelta(days=days))
    own = {"fact": "amount", "op": "gte", "value": {"own": "mean_basket", "percent": 120}}
    publish("بیش از همیشه", TEN, when=own)

    needs = [open_offers(one.pk, at=NOON)[0].misses[0].value for one in (small, large)]

    assert needs == [120_000 * TOMAN, 480_000 * TOMAN]
    assert [shop.buys(one, 200_000 * TOMAN).discount for one in (small, large)] == [20_000 * TOMAN, 0]


def test_row_134_the_first_purchase_is_cheaper_and_the_second_is_not(shop: Shop) -> None:
    publish(
        "خوش‌آمد",
        {"kind": "discount_percent", "percent": 15},
        when={"fact": "is_first_purchase", "op": "eq", "value": True},
    )
    member = shop.member()

    assert [shop.buys(member, 400_000 * TOMAN).discount for _purchase in range(2)] == [60_000 * TOMAN, 0]


def test_row_149_a_code_is_for_one_use_or_many_from_an_amount_on_to_its_last_day(shop: Shop) -> None:
    thanks = publish("سپاس", TEN, code_required=True, when={"fact": "amount", "op": "gte", "value": 500_000})
    (once,) = create_coupons(NewCoupons(offer=thanks.pk, count=1, uses=1), actor="user:1")
    create_coupons(NewCoupons(offer=thanks.pk, code="ALL", uses=2, ends_at=NOON + timedelta(days=7)), actor="user:1")

    def uses(code: str, rial: int = 1_000_000, days: int = 0) -> int:
        return shop.buys(shop.member(), rial, coupons=(code,), now=NOON + timedelta(days=days)).discount

    assert [uses(once.code), uses("all"), uses("ALL", days=6)] == [100_000] * 3
    for code, days, refused in ((once.code, 0, CouponUsed), ("ALL", 0, CouponUsed), ("ALL", 7, CouponExpired)):
        with pytest.raises(refused):
            uses(code, days=days)
    create_coupons(NewCoupons(offer=thanks.pk, code="MORE"), actor="user:1")
    with pytest.raises(CouponNoEffect):
        uses("MORE", 499_990)
