"""Groups with an earning rate of their own or none, and groups that value does not pay for."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from club.catalogue.models import Group
from club.ledger.selectors import balances
from club.purchases.models import PurchaseLine
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.receipts import Receipt, RefundReceipt
from club.purchases.refunds import RefundOrder, preview_refund, refund_purchase
from core.errors import ValidationFailed
from tests.shop import NOON, Shop

LATTE, SMOKE, COIN = OrderLine(product="latte"), OrderLine(product="smoke"), OrderLine(product="coin")


@pytest.fixture
def counter(shop: Shop) -> Shop:
    """A point for 100,000 Rial and 10% credit; drinks earn double, tobacco nothing, coins no credit."""
    shop.programme(credit_bp=1_000)
    Group.objects.create(code="drinks", name="نوشیدنی", rial_per_point=50_000)
    Group.objects.create(code="tobacco", name="دخانیات", earns=False, payable_by_value=False)
    Group.objects.create(code="coins", name="سکه", rial_per_point=1_000_000, credit_bp=0)
    shop.product("latte", 500_000, "drinks")
    shop.product("smoke", 1_000_000, "tobacco")
    shop.product("coin", 3_000_000, "coins")
    return shop


def bought(shop: Shop, *lines: OrderLine, **more: object) -> Receipt:
    member = shop.member(opening_credit=10_000_000)
    return shop.buy(PurchaseOrder(member_id=member.pk, lines=lines, **more))  # type: ignore[arg-type]


def returned(shop: Shop, receipt: Receipt, *, line: int | None = None, amount: int | None = None) -> RefundReceipt:
    shop.keys += 1
    lines = None if line is None else ((line, 1),)
    order = RefundOrder(receipt.id or 0, lines=lines, amount=amount)
    preview = preview_refund(order, now=NOON)
    done = refund_purchase(order, actor="user:1", key=f"r{shop.keys}", now=NOON)
    assert (preview.points_taken_back, preview.credit_taken_back) == (done.points_taken_back, done.credit_taken_back)
    return done


def test_each_line_earns_by_the_rule_of_its_group(counter: Shop) -> None:
    receipt = bought(counter, LATTE, SMOKE, COIN, OrderLine(unit_price=200_000))

    assert (receipt.points_earned, receipt.credit_earned) == (10 + 0 + 3 + 2, 50_000 + 0 + 0 + 20_000)
    lines = PurchaseLine.objects.order_by("index").values_list("points_earned", "credit_earned")
    assert list(lines) == [(10, 50_000), (0, 0), (3, 0), (2, 20_000)]


def test_a_line_s_own_group_and_several_groups_count_with_the_rate_best_for_the_member(counter: Shop) -> None:
    counter.product("gift-box", 1_000_000, "drinks", "coins")

    assert bought(counter, OrderLine(product="gift-box")).points_earned == 20
    assert bought(counter, OrderLine(unit_price=1_000_000, group="coins")).points_earned == 1
    assert bought(counter, OrderLine(product="latte", group="tobacco")).points_earned == 0


def test_a_product_may_earn_nothing_whatever_its_group(counter: Shop) -> None:
    counter.product("bag", 100_000, "drinks", earns=False)

    receipt = bought(counter, OrderLine(product="bag"))

    assert (receipt.points_earned, receipt.credit_earned) == (0, 0)


def test_a_visit_without_anything_that_earns_has_no_points_of_a_visit(counter: Shop) -> None:
    counter.programme(points_per_visit=4)

    assert bought(counter, SMOKE).points_earned == 0
    assert bought(counter, SMOKE, LATTE).points_earned == 14


def test_a_returned_line_takes_back_what_it_earned_and_no_more(counter: Shop) -> None:
    receipt = bought(counter, LATTE, SMOKE)

    smoke = returned(counter, receipt, line=1)
    latte = returned(counter, receipt, line=0)

    assert (smoke.refunded, smoke.points_taken_back, smoke.credit_taken_back) == (1_000_000, 0, 0)
    assert (latte.refunded, latte.points_taken_back, latte.credit_taken_back) == (500_000, 10, 50_000)
    assert counter.proven()


def test_points_of_the_visit_go_back_with_what_earned(counter: Shop) -> None:
    counter.programme(points_per_visit=6)
    receipt = bought(counter, LATTE, SMOKE, OrderLine(unit_price=250_000, quantity=2))

    assert receipt.points_earned == 10 + 5 + 6
    assert returned(counter, receipt, line=1).points_taken_back == 0
    assert returned(counter, receipt, line=0).points_taken_back == 13
    assert returned(counter, receipt).points_taken_back == 8


def test_a_capped_purchase_takes_back_its_share_of_what_was_left(counter: Shop) -> None:
    counter.programme(max_points_per_purchase=6)
    receipt = bought(counter, LATTE, OrderLine(unit_price=500_000))

    assert (receipt.points_earned, receipt.points_cut) == (6, 9)
    assert returned(counter, receipt, line=0).points_taken_back == 4
    assert returned(counter, receipt, line=1).points_taken_back == 2


def test_an_amount_returned_is_shared_over_the_lines(counter: Shop) -> None:
    receipt = bought(counter, LATTE, SMOKE)

    half = returned(counter, receipt, amount=750_000)
    rest = returned(counter, receipt)

    assert (half.points_taken_back, half.credit_taken_back) == (5, 25_000)
    assert (rest.points_taken_back, rest.credit_taken_back) == (5, 25_000)


def test_pieces_that_cost_nothing_are_no_full_refund_until_the_last(counter: Shop) -> None:
    counter.programme(points_per_visit=4)
    receipt = bought(counter, OrderLine(unit_price=0, quantity=2))

    assert returned(counter, receipt, line=0).points_taken_back == 2
    assert returned(counter, receipt, line=0).points_taken_back == 2


def test_value_pays_for_what_it_may_and_no_more(counter: Shop) -> None:
    receipt = bought(counter, LATTE, SMOKE, pay_with=PayWith(credit="max"))

    assert (receipt.paid_by_credit, receipt.payable) == (500_000, 1_000_000)
    assert (receipt.points_earned, receipt.credit_earned) == (0, 0)
    with pytest.raises(ValidationFailed) as refused:
        bought(counter, LATTE, SMOKE, pay_with=PayWith(credit=500_001))
    assert set(refused.value.errors) == {"pay_with.credit"}


def test_older_purchases_share_out_what_they_earned_by_what_each_line_cost(counter: Shop) -> None:
    """The data migration, on rows as they were before lines kept their shares."""
    receipts = [
        bought(counter, LATTE, SMOKE, COIN),
        bought(counter, OrderLine(unit_price=0), LATTE),
        bought(counter, COIN),
    ]
    PurchaseLine.objects.update(points_earned=0, credit_earned=0)
    migration = MigrationLoader(connection).get_migration("purchases", "0003_share_out_earnings")

    with connection.cursor() as cursor:
        cursor.execute(migration.operations[0].sql)  # type: ignore[attr-defined]

    for receipt in receipts:
        lines = list(PurchaseLine.objects.filter(purchase=receipt.id).order_by("index"))
        assert sum(line.points_earned for line in lines) == receipt.points_earned
        assert sum(line.credit_earned for line in lines) == receipt.credit_earned
    first = PurchaseLine.objects.filter(purchase=receipts[0].id).order_by("index")
    assert [line.points_earned for line in first] == [1, 2, 10]
    assert balances(receipts[0].member or 0, NOON).points == 13
