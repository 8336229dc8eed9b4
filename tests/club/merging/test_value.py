"""What both records had is one after a merge: value, purchases, figures and tier; a refund afterwards finds its way."""

from datetime import timedelta

from club.ledger.models import Entry, Lot
from club.ledger.selectors import balances, entries
from club.ledger.services import adjust, expire_due_lots
from club.members.models import Member, TierChange
from club.members.selectors import get_member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.purchases.orders import PayWith
from club.purchases.recorded import receipts_of, recorded_purchase
from club.purchases.refunds import RefundOrder, preview_refund, refund_purchase
from club.purchases.selectors import get_purchase, left_after
from club.tiers.models import Tier
from tests.club.merging.conftest import merge
from tests.shop import NOON, Shop


def lots_of(member: Member) -> list[tuple[object, ...]]:
    rows = Lot.objects.filter(wallet__member=member, remaining__gt=0)
    return sorted(rows.values_list("wallet__unit", "remaining", "document", "usable_from", "expires_at"), key=str)


# ── value ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_lots_move_whole_with_their_document_begin_and_end(shop: Shop) -> None:
    shop.programme(credit_bp=1000, credit_valid_days=30, credit_usable_after_hours=24, points_valid_days=90)
    one, two = shop.member(opening_points=50), shop.member(opening_credit=700)
    shop.buys(one, 1_000_000)
    shop.buys(two, 2_000_000)
    together = sorted(lots_of(one) + lots_of(two), key=str)

    merged = merge(one, two)

    assert lots_of(two) == together
    assert lots_of(one) == []
    assert merged.moved == {"points": 150, "credit": 100_000, "points_debt": 0, "credit_debt": 0}
    assert set(Entry.objects.filter(document=f"merge:{one.pk}").values_list("kind", flat=True)) == {"merge"}
    assert shop.proven()


def test_a_debt_moves_as_a_debt_and_is_paid_from_what_is_earned_next(shop: Shop) -> None:
    shop.programme(refund_shortfall="debt")
    one, two = shop.member(), shop.member(opening_points=30)
    bought = shop.buys(one, 1_000_000)
    adjust(one.pk, unit="points", delta=-80, reason="x", actor="user:1", document="adjust:x", at=NOON)
    refund_purchase(RefundOrder(bought.id or 0), actor="user:1", key="refund", now=NOON)
    assert balances(one.pk, NOON).points_debt == 80

    merge(one, two)

    has = balances(two.pk, NOON)
    assert (has.points, has.points_debt) == (30, 80)
    shop.buys(two, 1_000_000)
    has = balances(two.pk, NOON)
    assert (has.points, has.points_debt) == (50, 0)
    assert shop.proven()


def test_the_history_of_both_is_one_and_its_sum_is_the_balance(shop: Shop) -> None:
    one, two = shop.member(opening_points=50), shop.member(opening_points=20)
    shop.buys(one, 1_000_000)

    merge(one, two)

    rows = list(entries(two.pk, unit="points"))
    assert sum(row.delta for row in rows) == balances(two.pk, NOON).points == 170
    assert sorted(row.kind for row in rows) == ["earn", "merge", "merge", "merge", "merge", "opening", "opening"]


def test_a_moved_lot_ends_on_its_own_day(shop: Shop) -> None:
    shop.programme(points_valid_days=10)
    one, two = shop.member(), shop.member(opening_points=5)
    shop.buys(one, 1_000_000)
    merge(one, two)

    expire_due_lots(at=NOON + timedelta(days=12))

    assert balances(two.pk, NOON + timedelta(days=12)).points == 5
    assert shop.proven()


# ── purchases, figures, tier ──────────────────────────────────────────────────────────────────────────────


def test_purchases_figures_and_the_tier_they_reach_together_follow(shop: Shop) -> None:
    shop.tiers()
    one, two = shop.member(), shop.member()
    first = shop.buys(one, 6_000_000, occurred_at=NOON - timedelta(hours=2))
    shop.buys(two, 6_000_000)

    merge(one, two)

    left = get_member(two.pk)
    assert (left.visits, left.spent_rial, left.tier_code) == (2, 12_000_000, "silver")
    assert left.first_purchase_at == NOON - timedelta(hours=2)
    assert Purchase.objects.get(pk=first.id).member_id == two.pk
    assert TierChange.objects.filter(member=two).latest("id").document == f"merge:{one.pk}"
    gone = get_member(one.pk)
    assert (gone.status, gone.merged_into_id, gone.visits, gone.spent_rial) == ("erased", two.pk, 0, 0)
    assert shop.buys(two, 10_000).points_earned == 1


def test_the_higher_tier_and_floor_of_the_two_stay(shop: Shop) -> None:
    shop.tiers()
    one, two = shop.member(), shop.member()
    Member.objects.filter(pk=one.pk).update(tier_code="gold", tier_floor="silver")

    merge(one, two)

    left = get_member(two.pk)
    assert (left.tier_code, left.tier_floor) == ("gold", "silver")
    assert get_member(one.pk).tier_code == ""


def test_points_of_both_count_for_a_tier_by_points(shop: Shop) -> None:
    shop.tiers()
    Tier.objects.filter(code="silver").update(metric="points", threshold=150)
    one, two = shop.member(), shop.member()
    shop.buys(one, 1_000_000)
    shop.buys(two, 1_000_000)

    merge(one, two)

    assert get_member(two.pk).tier_code == "silver"


# ── a refund afterwards ───────────────────────────────────────────────────────────────────────────────────


def test_a_refund_of_an_old_purchase_takes_and_gives_at_the_one_left(shop: Shop) -> None:
    shop.programme(credit_bp=1000, credit_valid_days=30)
    one, two = shop.member(opening_credit=300_000), shop.member()
    bought = shop.buys(one, 1_000_000, pay_with=PayWith(credit=300_000))
    own_end = Lot.objects.get(document=f"member:{one.pk}").expires_at
    merge(one, two)
    order = RefundOrder(bought.id or 0)
    foreseen = preview_refund(order, now=NOON)

    receipt = refund_purchase(order, actor="user:1", key="refund", now=NOON)

    assert (receipt.credit_taken_back, receipt.credit_returned) == (70_000, 300_000)
    assert (foreseen.credit_taken_back, foreseen.credit_returned) == (70_000, 300_000)
    assert balances(two.pk, NOON).credit == 300_000
    returned = Lot.objects.get(wallet__member=two, remaining=300_000)
    assert (returned.document, returned.expires_at) == (f"member:{one.pk}", own_end)
    assert balances(one.pk, NOON).credit == 0
    assert (get_member(two.pk).visits, get_member(two.pk).spent_rial) == (0, 0)
    assert shop.proven()


def test_part_refunds_across_a_merge_give_back_exactly_what_was_paid(shop: Shop) -> None:
    one, two, three = shop.member(opening_credit=100_000), shop.member(), shop.member()
    bought = shop.buys(one, 1_000_000, pay_with=PayWith(credit="max"))
    parts = [RefundOrder(bought.id or 0, amount=amount) for amount in (300_000, 300_000, 400_000)]
    returned = refund_purchase(parts[0], actor="user:1", key="r1", now=NOON).credit_returned
    merge(one, two)
    returned += refund_purchase(parts[1], actor="user:1", key="r2", now=NOON).credit_returned
    merge(two, three, key="merge-2")
    returned += refund_purchase(parts[2], actor="user:1", key="r3", now=NOON).credit_returned

    assert returned == 100_000
    assert balances(three.pk, NOON).credit == 100_000
    assert shop.proven()


def test_value_that_had_ended_before_is_not_taken_a_second_time(shop: Shop) -> None:
    shop.programme(points_valid_days=10)
    one, two = shop.member(), shop.member(opening_points=500)
    bought = shop.buys(one, 1_000_000)
    later = NOON + timedelta(days=20)
    expire_due_lots(at=later)
    merge_members(one.pk, two.pk, actor="user:7", key="merge", now=later)

    receipt = refund_purchase(RefundOrder(bought.id or 0), actor="user:1", key="refund", now=later)

    assert receipt.points_taken_back == 0
    assert balances(two.pk, later).points == 500


def test_a_receipt_says_the_balances_that_there_were(shop: Shop) -> None:
    one, two = shop.member(), shop.member(opening_points=900)
    bought = shop.buys(one, 1_000_000)

    merge(one, two)

    [receipt] = receipts_of([recorded_purchase(bought.id or 0)])
    assert (receipt["member"], receipt["balances"]["points"]) == (two.pk, 100)
    printed = left_after(get_purchase(bought.id or 0))
    assert printed and printed.points == 100
