"""Refunds undo their share, exactly, and only once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from club.ledger.models import Entry, Lot
from club.ledger.selectors import balances
from club.ledger.services import expire_due_lots
from club.members.models import Member
from club.purchases.models import Refund
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.receipts import RefundReceipt
from club.purchases.refunds import (
    AlreadyReversed,
    RefundExceedsPurchase,
    RefundOrder,
    preview_refund,
    refund_purchase,
)
from club.tiers.ladder import without
from club.tiers.models import Tier
from club.tiers.selectors import ladder
from core.errors import NotFound, ValidationFailed
from sms.models import OutboxMessage
from tests.shop import NOON, Shop


def refund(shop: Shop, purchase_id: int | None, now=NOON, **what: object) -> RefundReceipt:
    shop.keys += 1
    assert purchase_id is not None
    return refund_purchase(RefundOrder(purchase_id, **what), actor="user:1", key=f"r{shop.keys}", now=now)  # type: ignore[arg-type]


def test_half_the_value_returned_takes_half_the_points(shop: Shop) -> None:
    member = shop.member()
    bought = shop.buys(member, 10_000_000)

    receipt = refund(shop, bought.id, amount=5_000_000)

    assert (receipt.refunded, receipt.points_taken_back) == (5_000_000, 50)
    assert balances(member.pk, NOON).points == 50
    assert shop.proven()


def test_each_way_of_payment_comes_back_in_its_own_kind_to_its_own_lots(shop: Shop) -> None:
    member = shop.member(opening_points=100, opening_credit=500_000)
    lots = {lot.pk: lot.remaining for lot in Lot.objects.all()}
    bought = shop.buys(member, 2_500_000, pay_with=PayWith(points=50, credit=200_000))

    receipt = refund(shop, bought.id)

    assert (receipt.refunded, receipt.points_returned, receipt.credit_returned) == (2_250_000, 50, 200_000)
    assert {lot.pk: lot.remaining for lot in Lot.objects.filter(pk__in=lots)} == lots
    assert balances(member.pk, NOON).points == 100
    assert shop.proven()


@pytest.mark.parametrize("parts", [[1], [333_333, 333_333], [10, 999_990], [700_001, 299_998]])
def test_the_sum_of_part_refunds_is_exact(shop: Shop, parts: list[int]) -> None:
    shop.programme(credit_bp=777)
    member = shop.member(opening_points=321, opening_credit=123_450)
    bought = shop.buys(member, 1_000_001, pay_with=PayWith(points=321, credit=123_450))

    answers = [refund(shop, bought.id, amount=part) for part in parts] + [refund(shop, bought.id)]

    assert sum(answer.refunded for answer in answers) == bought.payable
    assert sum(answer.points_returned for answer in answers) == 321
    assert sum(answer.credit_returned for answer in answers) == 123_450
    assert sum(answer.points_taken_back for answer in answers) == bought.points_earned
    assert sum(answer.credit_taken_back for answer in answers) == bought.credit_earned
    assert min(min(a.refunded, a.points_returned, a.credit_returned, a.points_taken_back) for a in answers) >= 0
    assert balances(member.pk, NOON).points == 321
    assert shop.proven()


def test_a_line_comes_back_by_quantity_and_no_more_than_was_bought(shop: Shop) -> None:
    bought = shop.buy(
        PurchaseOrder(
            member_id=shop.member().pk, lines=(OrderLine(unit_price=100_000, quantity=3), OrderLine(unit_price=50_000))
        )
    )

    assert refund(shop, bought.id, lines=((0, 2),)).refunded == 200_000
    with pytest.raises(RefundExceedsPurchase):
        refund(shop, bought.id, lines=((0, 2),))
    with pytest.raises(ValidationFailed):
        refund(shop, bought.id, lines=((7, 1),))
    assert refund(shop, bought.id).refunded == 150_000
    with pytest.raises(AlreadyReversed):
        refund(shop, bought.id)


def test_points_already_gone_by_expiry_are_not_taken_a_second_time(shop: Shop) -> None:
    shop.programme(points_valid_days=30, refund_shortfall="debt")
    member = shop.member()
    bought = shop.buys(member, 10_000_000)
    later = NOON + timedelta(days=40)
    assert expire_due_lots(at=later) == 1

    receipt = refund(shop, bought.id, now=later)

    assert (receipt.points_taken_back, receipt.shortfall["points"]) == (0, 0)
    assert balances(member.pk, later).points_debt == 0
    assert shop.proven()


def test_value_returned_to_an_ended_lot_ends_again(shop: Shop) -> None:
    shop.programme(points_valid_days=30)
    member = shop.member()
    shop.buys(member, 10_000_000)
    bought = shop.buys(member, 100_000, pay_with=PayWith(points=100))
    later = NOON + timedelta(days=40)

    refund(shop, bought.id, now=later)
    assert balances(member.pk, later).usable_points == 0
    assert expire_due_lots(at=later) == 1

    assert balances(member.pk, later).points == 0
    assert shop.proven()


def test_a_refund_takes_figures_and_tier_back(shop: Shop) -> None:
    shop.tiers()
    member = shop.member()
    bought = shop.buys(member, 10_000_000)

    receipt = refund(shop, bought.id, amount=1_000_000)

    after = Member.objects.get(pk=member.pk)
    assert (receipt.tier, after.tier_code, after.spent_rial, after.visits) == ("bronze", "bronze", 9_000_000, 1)
    refund(shop, bought.id)
    assert Member.objects.get(pk=member.pk).visits == 0


def lifted_long_ago(shop: Shop) -> tuple[Member, int | None]:
    """A member whose tier was reached within a window that has passed; it does not go down by itself."""
    Tier.objects.create(code="bronze", name="x", rank=0, threshold=0, window_days=30)
    Tier.objects.create(code="silver", name="x", rank=1, threshold=10_000_000, window_days=30)
    member = shop.member(enrolled_at=NOON - timedelta(days=90))
    lifting = shop.buys(member, 10_000_000, occurred_at=NOON - timedelta(days=60))
    assert lifting.tier == "silver"
    return member, lifting.id


def test_a_refund_leaves_a_tier_that_its_purchase_did_not_give(shop: Shop) -> None:
    member, _lifting = lifted_long_ago(shop)
    coffee = shop.buys(member, 100_000)

    receipt = refund(shop, coffee.id)

    assert (receipt.tier, Member.objects.get(pk=member.pk).tier_code) == ("silver", "silver")


def test_the_refund_of_the_purchase_that_gave_the_tier_takes_it_back_whenever(shop: Shop) -> None:
    member, lifting = lifted_long_ago(shop)

    receipt = refund(shop, lifting)

    assert (receipt.tier, Member.objects.get(pk=member.pk).tier_code) == ("bronze", "bronze")


def test_a_purchase_of_a_clock_ahead_is_undone_at_once(shop: Shop) -> None:
    bought = shop.buys(shop.member(), 100_000, occurred_at=NOON + timedelta(minutes=4))

    assert refund(shop, bought.id).refunded == 100_000
    with pytest.raises(ValidationFailed):
        refund(shop, bought.id, occurred_at=NOON)


@pytest.mark.parametrize("metric", ["spent", "visits", "points"])
@pytest.mark.parametrize("window_days", [None, 30])
@pytest.mark.parametrize("days_before", [10, 30, 40])
@pytest.mark.parametrize("amount", [None, 10_000])
def test_the_tier_foreseen_is_that_of_the_figures_after_the_refund(
    shop: Shop, metric: str, window_days: int | None, days_before: int, amount: int | None
) -> None:
    for rank, threshold in enumerate([0, {"spent": 1_500_000, "visits": 2, "points": 15}[metric]]):
        Tier.objects.create(
            code=f"t{rank}", name="سطح", rank=rank, threshold=threshold, metric=metric, window_days=window_days
        )
    member = shop.member(enrolled_at=NOON - timedelta(days=90))
    bought = shop.buys(member, 1_000_000, now=NOON - timedelta(days=days_before))
    shop.buys(member, 1_000_000, now=NOON - timedelta(days=5))
    steps = ladder(member.pk, NOON)
    what = {} if amount is None else {"amount": amount}

    preview = preview_refund(RefundOrder(bought.id or 0, amount=amount), now=NOON)
    done = refund(shop, bought.id, **what)

    assert preview.tier == done.tier == Member.objects.get(pk=member.pk).tier_code
    lost = {"spent": amount or 1_000_000, "visits": int(amount is None), "points": done.points_taken_back}
    assert without(steps, lost, age=timedelta(days=days_before)) == tuple(ladder(member.pk, NOON))


def test_a_fully_refunded_purchase_is_no_visit_but_was_the_first(shop: Shop) -> None:
    from club.purchases.models import Purchase

    member = shop.member()
    refund(shop, shop.buys(member, 1_000_000).id)

    again = shop.buys(member, 1_000_000)

    facts = Purchase.objects.get(pk=again.id).facts
    assert (facts["visit_number"], facts["is_first_purchase"]) == (1, False)


def test_the_preview_of_a_refund_says_the_same_and_writes_nothing(shop: Shop) -> None:
    member = shop.member(opening_credit=100_000)
    bought = shop.buys(member, 1_000_000, pay_with=PayWith(credit=100_000))

    preview = preview_refund(RefundOrder(bought.id or 0, amount=500_000), now=NOON)
    assert balances(member.pk, NOON).points == 9
    done = refund(shop, bought.id, amount=500_000)

    assert (preview.refunded, preview.points_taken_back, preview.credit_returned) == (
        done.refunded,
        done.points_taken_back,
        done.credit_returned,
    )


@pytest.mark.parametrize(
    "what",
    [{"amount": 0}, {"amount": -1}, {"amount": 1, "lines": ((0, 1),)}, {"lines": ()}, {"reason": "x" * 201}],
)
def test_a_wrong_refund_is_refused(shop: Shop, what: dict[str, object]) -> None:
    bought = shop.buys(shop.member(), 1_000)

    with pytest.raises(ValidationFailed):
        refund(shop, bought.id, **what)


def test_an_unknown_purchase_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        refund(shop, 10**9)
    bought = shop.buys(shop.member(), 1_000)
    with pytest.raises(RefundExceedsPurchase):
        refund(shop, bought.id, amount=1_001)


def test_parts_are_to_the_clubs_rounding_step(shop: Shop) -> None:
    shop.programme(credit_bp=500)
    member = shop.member(opening_credit=100_000)
    bought = shop.buy(
        PurchaseOrder(
            member_id=member.pk,
            lines=(OrderLine(unit_price=100_010, quantity=3), OrderLine(unit_price=70_000)),
            pay_with=PayWith(credit=68_100),
        )
    )

    one = refund(shop, bought.id, lines=((0, 1),))
    some = refund(shop, bought.id, amount=70_000)

    assert all(
        value % 10 == 0
        for receipt in (one, some)
        for value in (receipt.refunded, receipt.credit_returned, receipt.credit_taken_back)
    )
    assert shop.proven()


def test_the_preview_tells_the_tier_too_and_leaves_nothing(shop: Shop) -> None:
    shop.tiers()
    member = shop.member()
    bought = shop.buys(member, 60_000_000)
    lifted = Member.objects.get(pk=member.pk).tier_code
    entries = Entry.objects.count()

    told = preview_refund(RefundOrder(bought.id or 0), now=NOON)

    assert (Refund.objects.count(), Entry.objects.count()) == (0, entries)
    assert Member.objects.get(pk=member.pk).tier_code == lifted != told.tier
    assert refund(shop, bought.id) == replace(told, id=Refund.objects.get().pk)


def test_the_ledger_keeps_the_reason_of_a_refund(shop: Shop) -> None:
    member = shop.member()
    bought = shop.buys(member, 1_000_000)

    refund(shop, bought.id, reason="خراب بود")

    assert Entry.objects.get(kind="take_back").reason == "خراب بود"


def test_a_purchase_that_went_back_whole_is_neither_the_first_nor_the_last(shop: Shop) -> None:
    member = shop.member()
    days = [NOON - timedelta(days=days) for days in (3, 2, 1)]
    first, _second, last = [shop.buys(member, 1_000_000, now=day) for day in days]

    refund(shop, last.id, amount=1)
    member.refresh_from_db()
    assert (member.first_purchase_at, member.last_purchase_at) == (days[0], days[2])

    refund(shop, last.id)
    refund(shop, first.id)
    member.refresh_from_db()
    assert (member.visits, member.first_purchase_at, member.last_purchase_at) == (1, days[1], days[1])

    refund(shop, _second.id)
    member.refresh_from_db()
    assert (member.visits, member.first_purchase_at, member.last_purchase_at) == (0, None, None)


def test_the_sms_tells_what_was_taken_and_given_back(shop: Shop) -> None:
    member = shop.member(opening_points=100, opening_credit=500_000)
    bought = shop.buys(member, 2_500_000, pay_with=PayWith(points=50, credit=200_000))

    refund(shop, bought.id)

    told = OutboxMessage.objects.get(kind="purchase_refunded").context
    assert (told["points"], told["points_returned"], told["points_balance"]) == (bought.points_earned, 50, 100)
    assert (told["credit"], told["credit_returned"], told["credit_balance"]) == (0, 200_000, 500_000)
    assert told["unsaid"] == ["credit"]


def test_the_sms_of_a_purchase_keeps_silent_of_credit_only_where_there_is_none_and_none_moved(shop: Shop) -> None:
    poor, spender = shop.member(), shop.member(opening_credit=200_000)

    shop.buys(poor, 0)
    shop.buys(spender, 1_000_000, pay_with=PayWith(credit=200_000))

    said = OutboxMessage.objects.filter(kind="purchase_receipt").order_by("id")
    of_nothing, of_all = [row.context for row in said]
    assert (of_nothing["amount"], of_nothing["unsaid"]) == (0, ["points", "credit", "points_balance", "credit_balance"])
    assert (of_all["credit_balance"], of_all["unsaid"]) == (0, ["credit"])
