"""What is open to a member, and what is still missing."""

import pytest

from club.members.models import Member
from club.purchases.openings import open_offers, own_coupons
from core.models import Club
from core.tenancy.scope import club_scope
from offers.engine import is_held_out
from offers.models import Coupon
from tests.offering import publish
from tests.shop import NOON, Shop

TEN = {"kind": "credit_percent", "percent": 10}


@pytest.fixture
def shop(club: Club) -> Shop:
    found = Shop(club)
    found.tiers()
    return found


def names(member: Member) -> list[str]:
    return [one.offer.terms.name for one in open_offers(member.pk, at=NOON)]


def test_what_only_the_basket_decides_is_ready_and_says_what_to_buy(shop: Shop) -> None:
    member = shop.member()
    publish("بالای ۵۰۰", TEN, when={"fact": "amount", "op": "gt", "value": 5_000_000}, summary="ده درصد اعتبار")

    (one,) = open_offers(member.pk, at=NOON)

    assert (one.ready, one.summary, one.needs) == (True, "ده درصد اعتبار", ("مبلغ خرید بیش از ۵۰۰٬۰۰۰ تومان",))


def test_what_is_missing_is_counted_from_where_the_member_stands(shop: Shop) -> None:
    member = shop.member()
    shop.buys(member, 10_000)
    publish("یازدهمین", TEN, when={"fact": "visit_number", "op": "gt", "value": 10})

    (one,) = open_offers(member.pk, at=NOON)

    assert (one.ready, one.needs) == (False, ("۹ خرید دیگر",))


@pytest.mark.parametrize(
    "when",
    [
        {"fact": "tag", "op": "has", "value": "vip"},
        {"fact": "gender", "op": "eq", "value": "female"},
        {"fact": "referred", "op": "eq", "value": True},
        {"fact": "visit_number", "op": "lt", "value": 1},
        {"all": [{"fact": "amount", "op": "gt", "value": 1}, {"fact": "tag", "op": "has", "value": "vip"}]},
    ],
)
def test_an_offer_for_others_is_not_seen(shop: Shop, when: dict[str, object]) -> None:
    member = shop.member()
    publish("دیگران", TEN, when=when)

    assert names(member) == []


def test_one_way_of_several_is_enough_to_be_seen(shop: Shop) -> None:
    member = shop.member()
    ways = [{"fact": "tag", "op": "has", "value": "vip"}, {"fact": "tier", "op": "gte", "value": "gold"}]
    publish("ویژه", TEN, when={"any": ways})

    assert names(member) == ["ویژه"]


def test_one_that_the_member_has_had_as_often_as_may_be_is_gone(shop: Shop) -> None:
    member = shop.member()
    publish("یک بار", TEN, limits={"per_member": 1})
    assert names(member) == ["یک بار"]

    shop.buys(member, 100_000)

    assert names(member) == []
    assert names(shop.member()) == ["یک بار"]


def test_the_members_own_codes_are_seen_by_nobody_else(shop: Shop, other_club: Club) -> None:
    member, other = shop.member(), shop.member()
    offer = publish("با کد", TEN, code_required=True)
    Coupon.objects.create(offer=offer, code="SARA", member=member, uses=1, actor="user:1")

    assert [one.code for one in own_coupons(member.pk, at=NOON)] == ["SARA"]
    assert own_coupons(other.pk, at=NOON) == []
    assert names(member) == []
    with club_scope(other_club):
        assert own_coupons(member.pk, at=NOON) == []


def test_who_is_held_out_of_an_offer_hears_nothing_of_it_not_even_of_an_own_code(shop: Shop) -> None:
    member = shop.member()
    open_to_all, coded = (publish(f"شاهد {n}", TEN, control_percent=50, code_required=n) for n in (False, True))
    other = next(one for one in iter(shop.member, None) if not is_held_out(coded.pk, one.pk, 5_000))
    held = next(one for one in iter(shop.member, None) if is_held_out(coded.pk, one.pk, 5_000))
    Coupon.objects.create(offer=coded, code="A", member=other, actor="user:1")
    Coupon.objects.create(offer=coded, code="B", member=held, actor="user:1")

    assert [one.code for one in own_coupons(other.pk, at=NOON)] == ["A"]
    assert own_coupons(held.pk, at=NOON) == []
    assert names(member) == ([] if is_held_out(open_to_all.pk, member.pk, 5_000) else ["شاهد False"])


def test_a_code_that_the_member_has_used_often_enough_is_not_listed(shop: Shop) -> None:
    member = shop.member()
    offer = publish("با کد", TEN, code_required=True)
    Coupon.objects.create(offer=offer, code="SARA", member=member, per_member=2, actor="user:1")

    left = []
    for _time in range(2):
        left += [one.uses_left for one in own_coupons(member.pk, at=NOON)]
        shop.buys(member, 1_000_000, coupons=("SARA",))

    assert left == [2, 1]
    assert own_coupons(member.pk, at=NOON) == []


def test_the_number_of_queries_does_not_grow(shop: Shop) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    member = shop.member()

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            open_offers(member.pk, at=NOON)
        return len(seen)

    publish("یک", TEN, limits={"per_member": 1})
    open_offers(member.pk, at=NOON)
    few = queries()
    for number in range(10):
        publish(f"پیشنهاد {number}", TEN, limits={"per_member": 1})
    open_offers(member.pk, at=NOON)

    assert queries() == few
