"""Caps on what a purchase, a day and a balance may earn; the receipt says what was cut."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.ledger.adjustments import Adjustment, adjust_value
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.models import Purchase
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.receipts import Receipt
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import preview_purchase
from tests.shop import NOON, Shop

MIDNIGHT = NOON + timedelta(hours=12)  # the next day begins in Tehran
A_POINT = 100_000  # Rial


def earned(receipt: Receipt) -> tuple[int, int]:
    return receipt.points_earned, receipt.points_cut


def refund(receipt: Receipt, **what: int) -> None:
    refund_purchase(RefundOrder(receipt.id or 0, **what), actor="user:1", key=f"r{receipt.id}", now=NOON)


def test_a_purchase_earns_up_to_its_cap_after_the_factor_of_the_tier(shop: Shop) -> None:
    shop.tiers()
    shop.programme(max_points_per_purchase=160)
    member = shop.member()

    first = shop.buys(member, 100 * A_POINT)
    second = shop.buys(member, 110 * A_POINT)

    assert (earned(first), first.tier) == ((100, 0), "silver")
    assert earned(second) == (160, 5)
    assert Purchase.objects.get(pk=second.id).points_cut == 5


def test_a_cap_of_zero_cuts_everything(shop: Shop) -> None:
    shop.programme(max_points_per_purchase=0, points_per_visit=3, credit_bp=1_000)
    member = shop.member()

    receipt = shop.buys(member, 10 * A_POINT)

    assert (earned(receipt), receipt.credit_earned) == ((0, 13), 100_000)
    assert balances(member.pk, NOON).points == 0


def test_a_day_s_cap_is_of_the_local_day_of_the_purchase(shop: Shop) -> None:
    shop.programme(max_points_per_day=30)
    member = shop.member(enrolled_at=NOON - timedelta(days=9))

    late = shop.buys(member, 20 * A_POINT, now=MIDNIGHT - timedelta(microseconds=1))
    still = shop.buys(member, 20 * A_POINT, now=MIDNIGHT - timedelta(microseconds=1))
    next_day = shop.buys(member, 20 * A_POINT, now=MIDNIGHT)
    other = shop.buys(shop.member(), 20 * A_POINT)
    told_late = shop.buys(member, 20 * A_POINT, now=MIDNIGHT, occurred_at=NOON - timedelta(days=1))

    assert [earned(each) for each in (late, still, next_day, other, told_late)] == [
        (20, 0),
        (10, 10),
        (20, 0),
        (20, 0),
        (20, 0),
    ]


def test_what_a_refund_took_back_may_be_earned_again_the_same_day(shop: Shop) -> None:
    """A wrong amount undone and recorded anew must not cost the member the day's points."""
    shop.programme(max_points_per_day=30)
    member = shop.member()

    refund(shop.buys(member, 30 * A_POINT))
    again = shop.buys(member, 30 * A_POINT)
    refund(again, amount=10 * A_POINT)

    assert earned(again) == (30, 0)
    assert earned(shop.buys(member, 30 * A_POINT)) == (10, 20)


def test_points_that_were_spent_before_the_refund_still_count_for_the_day(shop: Shop) -> None:
    shop.programme(max_points_per_day=30)
    member = shop.member()
    first = shop.buys(member, 30 * A_POINT)
    shop.buys(member, 30_000, pay_with=PayWith(points=30))
    refund(first)

    assert earned(shop.buys(member, 30 * A_POINT)) == (0, 30)


def test_a_balance_is_filled_to_its_cap_and_spending_makes_room(shop: Shop) -> None:
    shop.programme(max_points_balance=100, earn_on_part_paid_by_value=True)
    member = shop.member(opening_points=95)

    full = shop.buys(member, 10 * A_POINT)
    none = shop.buys(member, 10 * A_POINT)
    spent = shop.buys(member, 10 * A_POINT, pay_with=PayWith(points=4))

    assert [earned(each) for each in (full, none, spent)] == [(5, 5), (0, 10), (4, 6)]
    assert balances(member.pk, NOON).points == 100
    assert shop.proven()


def test_a_balance_above_a_new_cap_stays_and_earns_nothing(shop: Shop) -> None:
    shop.programme(max_points_balance=100)
    member = shop.member(opening_points=250)

    assert earned(shop.buys(member, 10 * A_POINT)) == (0, 10)
    assert balances(member.pk, NOON).points == 250


def test_points_that_have_ended_leave_room_before_the_nightly_job_ran(shop: Shop) -> None:
    shop.programme(max_points_balance=100, points_valid_days=5)
    member = shop.member()
    shop.buys(member, 100 * A_POINT)

    receipt = shop.buys(member, 100 * A_POINT, now=NOON + timedelta(days=6))

    assert earned(receipt) == (100, 0)


def test_points_that_are_not_usable_yet_count_for_the_balance(shop: Shop) -> None:
    shop.programme(max_points_balance=100, points_usable_after_hours=48)
    member = shop.member()
    shop.buys(member, 90 * A_POINT)

    assert earned(shop.buys(member, 20 * A_POINT)) == (10, 10)


def test_a_debt_is_paid_beside_the_cap_of_the_balance(shop: Shop) -> None:
    member = indebted_member(shop)
    shop.programme(max_points_balance=50)

    receipt = shop.buys(member, 90 * A_POINT)

    assert earned(receipt) == (80, 10)
    after = balances(member.pk, NOON)
    assert (after.points, after.points_debt) == (50, 0)
    assert receipt.balances["points"] == 50
    assert shop.proven()


def indebted_member(shop: Shop) -> Member:
    """Owes 30 points: earned, spent, and the purchase refunded."""
    shop.programme(refund_shortfall="debt")
    member = shop.member()
    bought = shop.buys(member, 30 * A_POINT)
    shop.buys(member, 30_000, pay_with=PayWith(points=30))
    refund(bought)
    assert balances(member.pk, NOON).points_debt == 30
    return member


def test_what_is_given_by_hand_is_no_earning_and_not_cut(shop: Shop) -> None:
    shop.programme(max_points_balance=10, max_points_per_day=10, max_points_per_purchase=10)
    member = shop.member()

    adjust_value(Adjustment(member.pk, "points", 500, "هدیه"), actor="user:1", key="k", now=NOON)

    assert balances(member.pk, NOON).points == 500


@pytest.mark.parametrize("cap", ["max_points_per_purchase", "max_points_per_day", "max_points_balance"])
@pytest.mark.parametrize("points", [None, 7])
def test_the_preview_says_the_cut_and_the_balances_of_recording(shop: Shop, cap: str, points: int | None) -> None:
    member = indebted_member(shop)
    adjust_value(Adjustment(member.pk, "points", 40, "هدیه"), actor="user:1", key="k", now=NOON)
    shop.buys(member, 5 * A_POINT)
    shop.programme(**{cap: 20})
    order = PurchaseOrder(member_id=member.pk, amount=60 * A_POINT, pay_with=PayWith(points=points))

    preview = preview_purchase(order, now=NOON).as_json()
    recorded = shop.buy(order).as_json()

    assert preview == {name: value for name, value in recorded.items() if name not in ("id", "number")}
    assert recorded["points_cut"] > 0


def test_the_preview_of_somebody_in_debt_says_the_balances_of_recording(shop: Shop) -> None:
    order = PurchaseOrder(member_id=indebted_member(shop).pk, amount=40 * A_POINT)

    preview = preview_purchase(order, now=NOON)

    assert preview.balances == shop.buy(order).balances == {"points": 10, "credit": 0}


def test_caps_leave_the_statements_of_a_purchase_a_constant(shop: Shop) -> None:
    def statements(order: PurchaseOrder) -> int:
        with CaptureQueriesContext(connection) as caught:
            shop.buy(order)
        return len([query for query in caught.captured_queries if "SAVEPOINT" not in query["sql"]])

    shop.programme(max_points_balance=10**6, max_points_per_day=10**6, max_points_per_purchase=10**6)
    member = shop.member()
    shop.buys(member, A_POINT)  # the first of a process reads the catalogue of rewards
    few = statements(PurchaseOrder(member_id=member.pk, amount=A_POINT))
    for _ in range(8):
        refund(shop.buys(member, A_POINT))
        shop.buys(member, A_POINT)
    lines = tuple(OrderLine(unit_price=A_POINT) for _ in range(30))

    assert statements(PurchaseOrder(member_id=member.pk, lines=lines)) == few <= 10
