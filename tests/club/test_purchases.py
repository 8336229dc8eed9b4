"""Recording a purchase: what it costs, what it earns, what follows."""

from datetime import UTC, datetime, timedelta

import pytest

from club.awards.profile import change_member
from club.catalogue.models import Group
from club.ledger.models import Entry
from club.ledger.selectors import balances
from club.ledger.services import InsufficientCredit, InsufficientPoints
from club.members.models import Member, TierChange
from club.members.services import MemberBlocked
from club.programme.selectors import programme_at
from club.purchases.models import Purchase
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import preview_purchase
from club.tiers.models import Tier
from core.errors import Conflict, IdempotencyConflict, NotFound, ValidationFailed
from core.models import DomainEvent
from tests.shop import NOON, TOMAN, Shop


def test_one_point_for_each_ten_thousand_toman_rounded_down_once(shop: Shop) -> None:
    member = shop.member()

    assert shop.buys(member, 250_000 * TOMAN).points_earned == 25
    assert shop.buys(member, 259_999 * TOMAN).points_earned == 25
    assert shop.buys(member, 9_999 * TOMAN).points_earned == 0
    assert balances(member.pk, NOON).points == 50
    assert shop.proven()


def test_ten_percent_credit_is_spent_on_the_next_order(shop: Shop) -> None:
    shop.programme(credit_bp=1_000, earn_on_part_paid_by_value=True)
    member = shop.member()

    first = shop.buys(member, 200_000 * TOMAN)
    second = shop.buys(member, 150_000 * TOMAN, pay_with=PayWith(credit="max"))

    assert first.credit_earned == 20_000 * TOMAN
    assert (second.paid_by_credit, second.payable) == (20_000 * TOMAN, 130_000 * TOMAN)
    assert second.balances["credit"] == 15_000 * TOMAN
    assert shop.proven()


def test_what_is_paid_by_value_earns_nothing_by_default(shop: Shop) -> None:
    shop.programme(credit_bp=1_000)
    member = shop.member(opening_credit=50_000 * TOMAN)

    receipt = shop.buys(member, 150_000 * TOMAN, pay_with=PayWith(credit=50_000 * TOMAN))

    assert (receipt.credit_earned, receipt.points_earned) == (10_000 * TOMAN, 10)


def test_points_go_before_credit_and_leave_the_rest(shop: Shop) -> None:
    member = shop.member(opening_points=100, opening_credit=1_000_000)

    receipt = shop.buys(member, 500_000, pay_with=PayWith(points="max", credit="max"))

    assert (receipt.paid_by_points, receipt.paid_by_credit, receipt.payable) == (100_000, 400_000, 0)
    assert receipt.balances == {"points": 0, "credit": 600_000}
    assert shop.proven()


@pytest.mark.parametrize(
    ("pay_with", "error"),
    [
        (PayWith(points=101), InsufficientPoints),
        (PayWith(credit=1_000_001), InsufficientCredit),
        (PayWith(credit=600_000), ValidationFailed),
        (PayWith(points=-1), ValidationFailed),
    ],
)
def test_a_payment_that_does_not_fit_is_refused_and_nothing_is_written(
    shop: Shop, pay_with: PayWith, error: type[Exception]
) -> None:
    member = shop.member(opening_points=100, opening_credit=1_000_000)
    before = (Entry.objects.count(), Purchase.objects.count(), balances(member.pk, NOON))

    with pytest.raises(error):
        shop.buys(member, 500_000, pay_with=pay_with)

    assert (Entry.objects.count(), Purchase.objects.count(), balances(member.pk, NOON)) == before


def test_the_same_key_and_order_answer_the_first_receipt_byte_for_byte(shop: Shop) -> None:
    order = PurchaseOrder(member_id=shop.member().pk, amount=1_000_000)

    first = shop.buy(order, key="once")
    second = shop.buy(order, key="once", now=NOON + timedelta(hours=1))

    assert second.replayed
    assert second.dump() == first.dump()
    assert Purchase.objects.count() == 1
    with pytest.raises(IdempotencyConflict):
        shop.buy(PurchaseOrder(member_id=order.member_id, amount=1_000_001), key="once")


def test_a_refused_purchase_leaves_its_key_free(shop: Shop) -> None:
    member = shop.member()

    with pytest.raises(InsufficientCredit):
        shop.buy(PurchaseOrder(member_id=member.pk, amount=1_000, pay_with=PayWith(credit=1)), key="k")

    assert shop.buy(PurchaseOrder(member_id=member.pk, amount=1_000), key="k").number == 1


def test_crossing_a_threshold_lifts_the_tier_once_and_the_old_factor_earns(shop: Shop) -> None:
    shop.tiers()
    member = shop.member()

    first = shop.buys(member, 9_000_000)
    second = shop.buys(member, 1_000_000)
    third = shop.buys(member, 1_000_000)

    assert (first.tier, first.next_tier) == ("bronze", {"code": "silver", "missing": 1_000_000})
    assert (second.tier, second.tier_changed, second.points_earned) == ("silver", True, 10)
    assert (third.tier_changed, third.points_earned) == (False, 15)
    assert third.next_tier == {"code": "gold", "missing": 39_000_000}


def test_a_sale_to_nobody_is_kept_and_gives_nothing(shop: Shop) -> None:
    receipt = shop.buy(PurchaseOrder(amount=700_000))

    assert (receipt.member, receipt.points_earned, receipt.tier) == (None, 0, None)
    assert Purchase.objects.get().net == 700_000
    assert DomainEvent.objects.filter(kind="purchase.recorded").count() == 0


def test_lines_take_price_groups_and_vat_from_the_catalogue(shop: Shop) -> None:
    shop.programme(credit_bp=1_000)
    Group.objects.create(code="drinks", name="نوشیدنی", rial_per_point=50_000)
    Group.objects.create(code="tobacco", name="دخانیات", earns=False, payable_by_value=False)
    shop.product("latte", 500_000, "drinks")
    shop.product("smoke", 1_000_000, "tobacco")
    shop.product("cake", 1_100_000, vat_bp=1_000)

    receipt = shop.buy(
        PurchaseOrder(
            member_id=shop.member().pk,
            lines=(OrderLine(product="latte", quantity=2), OrderLine(product="smoke"), OrderLine(product="cake")),
        )
    )

    assert receipt.gross == 3_100_000
    assert receipt.vat == 100_000
    assert receipt.points_earned == 20 + 0 + 10
    assert receipt.credit_earned == 100_000 + 0 + 100_000


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (OrderLine(product="nothing"), "lines[0].product"),
        (OrderLine(unit_price=1, group="nothing"), "lines[0].group"),
        (OrderLine(unit_price=1, quantity=0), "lines[0].quantity"),
        (OrderLine(unit_price=-1), "lines[0].unit_price"),
        (OrderLine(unit_price=10**15 + 1), "lines[0].unit_price"),
        (OrderLine(unit_price=10**15, quantity=2), "lines"),
        (OrderLine(), "lines[0].unit_price"),
    ],
)
def test_a_wrong_line_is_refused_by_its_path(shop: Shop, line: OrderLine, path: str) -> None:
    member = shop.member()

    with pytest.raises(ValidationFailed) as refused:
        shop.buy(PurchaseOrder(member_id=member.pk, lines=(line,)))

    assert path in refused.value.errors


def test_caps_cut_points_and_the_receipt_says_how_many(shop: Shop) -> None:
    shop.programme(max_points_per_purchase=20, max_points_per_day=30)
    member = shop.member()

    first = shop.buys(member, 2_500_000)
    second = shop.buys(member, 2_500_000)

    assert (first.points_earned, first.points_cut) == (20, 5)
    assert (second.points_earned, second.points_cut) == (10, 15)


def test_a_change_of_the_programme_holds_from_its_moment(shop: Shop) -> None:
    from club.programme.services import change_programme

    shop.programme(credit_bp=1_000)
    member = shop.member(enrolled_at=NOON - timedelta(days=30))
    old = shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(days=2))
    change_programme({"credit_bp": 800}, effective_from=NOON - timedelta(days=1), actor="user:1")

    new = shop.buys(member, 1_000_000)
    late = shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(days=2))

    assert (old.credit_earned, new.credit_earned, late.credit_earned) == (100_000, 80_000, 100_000)
    assert Purchase.objects.get(pk=old.id).credit_earned == 100_000


def test_a_late_purchase_is_judged_by_the_tier_and_visits_of_its_moment(shop: Shop) -> None:
    shop.tiers()
    member = shop.member(enrolled_at=NOON - timedelta(days=30))
    shop.buys(member, 20_000_000, occurred_at=NOON - timedelta(days=10))

    late = shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(days=20))

    assert late.points_earned == 10
    assert Purchase.objects.get(pk=late.id).visit_number == 1
    assert Member.objects.get().tier_code == "silver"


def test_a_late_purchase_changes_no_tier_that_is_held_by_now(shop: Shop) -> None:
    shop.tiers()
    member = shop.member(enrolled_at=NOON - timedelta(days=30))
    shop.buys(member, 20_000_000, occurred_at=NOON - timedelta(days=10))
    changes = TierChange.objects.count()

    late = shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(days=20))

    assert (late.tier, late.tier_changed) == ("silver", False)
    assert TierChange.objects.count() == changes


def test_a_late_purchase_takes_no_tier_down(shop: Shop) -> None:
    shop.tiers()
    member = shop.member(enrolled_at=NOON - timedelta(days=30))
    shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(days=10))
    change_member(member.pk, {"tier_floor": "gold"}, actor="user:1", now=NOON - timedelta(days=5))
    change_member(member.pk, {"tier_floor": None}, actor="user:1", now=NOON - timedelta(days=5))

    shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(days=20))

    assert Member.objects.get(pk=member.pk).tier_code == "gold"


def test_a_late_purchase_that_lifts_lifts_from_what_came_after_it(shop: Shop) -> None:
    shop.tiers()
    member = shop.member(enrolled_at=NOON - timedelta(days=30))
    shop.buys(member, 20_000_000, occurred_at=NOON - timedelta(days=10))

    late = shop.buys(member, 30_000_000, occurred_at=NOON - timedelta(days=20))

    change = TierChange.objects.get(document=f"purchase:{late.id}")
    assert (late.tier_changed, change.from_code, change.to_code) == (True, "silver", "gold")
    assert change.at == NOON - timedelta(days=10)


def test_points_that_pay_a_debt_are_in_no_balance_and_reach_no_tier(shop: Shop) -> None:
    shop.programme(refund_shortfall="debt")
    Tier.objects.create(code="low", name="x", rank=0, metric="points", threshold=0)
    Tier.objects.create(code="high", name="x", rank=1, metric="points", threshold=50)
    member = shop.member()
    bought = shop.buys(member, 4_000_000)
    shop.buys(member, 40_000, pay_with=PayWith(points=40))
    refund_purchase(RefundOrder(bought.id or 0), actor="user:1", key="r", now=NOON)
    order = PurchaseOrder(member_id=member.pk, amount=6_000_000)

    preview = preview_purchase(order, now=NOON)
    recorded = shop.buy(order)

    assert preview.balances == recorded.balances == {"points": 20, "credit": 0}
    assert preview.tier == recorded.tier == "high"  # 40 - 0 + 60 - 40 paid back


def test_the_preview_of_a_newcomer_refuses_value_that_is_not_there(shop: Shop) -> None:
    order = PurchaseOrder(member_phone="09123456789", enrol=True, amount=1_000_000, pay_with=PayWith(credit=10))

    with pytest.raises(InsufficientCredit):
        preview_purchase(order, now=NOON)
    with pytest.raises(InsufficientCredit):
        shop.buy(order)
    assert not Member.objects.exists()


def test_a_newcomer_of_a_late_purchase_joined_with_it(shop: Shop) -> None:
    order = PurchaseOrder(
        member_phone="09123456789", enrol=True, amount=1_000_000, occurred_at=NOON - timedelta(hours=2)
    )

    shop.buy(order)

    assert Member.objects.get().enrolled_at == NOON - timedelta(hours=2)


def test_of_two_first_versions_of_one_moment_the_later_holds_before_it_too(shop: Shop) -> None:
    shop.programme(rial_per_point=10_000)
    shop.programme(rial_per_point=20_000)
    before = datetime(2019, 1, 1, tzinfo=UTC)
    member = shop.member(enrolled_at=before)

    late = shop.buys(member, 1_000_000, occurred_at=before)

    assert late.points_earned == 50
    assert programme_at(before).rial_per_point == 20_000


def test_the_preview_says_what_recording_gives_and_writes_nothing(shop: Shop) -> None:
    shop.programme(credit_bp=500)
    shop.tiers()
    order = PurchaseOrder(
        member_id=shop.member(opening_points=50).pk, amount=10_000_000, pay_with=PayWith(points="max")
    )
    entries = Entry.objects.count()

    preview = preview_purchase(order, now=NOON)

    assert (Entry.objects.count(), Purchase.objects.count()) == (entries, 0)
    recorded = shop.buy(order).as_json()
    assert preview.as_json() == {name: value for name, value in recorded.items() if name not in ("id", "number")}


def test_an_unknown_phone_is_enrolled_in_the_same_transaction(shop: Shop) -> None:
    order = PurchaseOrder(member_phone="۰۹۱۲ ۳۴۵ ۶۷۸۹", enrol=True, amount=1_000_000)
    preview = preview_purchase(order, now=NOON)

    receipt = shop.buy(order)

    assert preview.points_earned == receipt.points_earned == 10
    assert Member.objects.get(phone="09123456789").visits == 1
    with pytest.raises(NotFound):
        shop.buy(PurchaseOrder(member_phone="09120000000", amount=1))


def test_a_blocked_member_and_a_known_external_id_are_refused(shop: Shop) -> None:
    member = shop.member()
    shop.buys(member, 1_000, external_id="inv-1")

    with pytest.raises(Conflict) as known:
        shop.buys(member, 2_000, external_id="inv-1")
    assert known.value.data == {"number": 1, "field": "external_id"}
    Member.objects.update(status="blocked")
    with pytest.raises(MemberBlocked):
        shop.buys(member, 1_000)


def test_a_purchase_of_zero_is_a_visit(shop: Shop) -> None:
    member = shop.member()

    shop.buys(member, 0)

    assert Member.objects.get(pk=member.pk).visits == 1


def test_statements_do_not_grow_with_lines_history_or_members(
    shop: Shop, django_assert_num_queries: object, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(order: PurchaseOrder) -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            shop.buy(order)
        return len([q for q in caught.captured_queries if "SAVEPOINT" not in q["sql"]])

    shop.programme(credit_bp=1_000)
    shop.tiers()
    shop.product("tea", 400_000)
    member = shop.member(opening_points=100, opening_credit=10_000_000)
    spend = PayWith(points=1, credit=1_000)
    few = statements(PurchaseOrder(member_id=member.pk, lines=(OrderLine(product="tea"),), pay_with=spend))
    for _ in range(5):
        shop.member()
        shop.buys(member, 1_000_000)
    many = statements(
        PurchaseOrder(member_id=member.pk, lines=tuple(OrderLine(product="tea") for _ in range(30)), pay_with=spend)
    )

    assert few == many <= 12
