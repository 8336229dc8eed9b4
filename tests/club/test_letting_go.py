"""What a refund finds spent: let go or owed, and taken once it comes back."""

import pytest

from club.ledger.models import LetGo
from club.ledger.selectors import balances
from club.purchases.merging import merge_members
from club.purchases.orders import PayWith
from club.purchases.refunds import RefundOrder, preview_refund
from tests.club.test_refunds import refund
from tests.shop import NOON, Shop


def test_what_was_spent_meanwhile_is_let_go_with_clip(shop: Shop) -> None:
    member = shop.member()
    bought = shop.buys(member, 10_000_000)
    shop.buys(member, 60_000, pay_with=PayWith(points=60))

    receipt = refund(shop, bought.id)

    assert (receipt.points_taken_back, receipt.shortfall["points"]) == (40, 60)
    assert balances(member.pk, NOON).points == 0
    assert shop.proven()


def test_what_was_let_go_is_taken_when_what_it_was_spent_on_comes_back(shop: Shop) -> None:
    """Else points would be made of nothing: buy, spend them, return the purchase, then bring the spending back."""
    member = shop.member()
    bought = shop.buys(member, 10_000_000)
    spent = shop.buys(member, 60_000, pay_with=PayWith(points=60))
    refund(shop, bought.id)
    foreseen = preview_refund(RefundOrder(spent.id or 0), now=NOON)

    receipt = refund(shop, spent.id)

    assert (foreseen.points_returned, foreseen.balances) == (60, {"points": 0, "credit": 0})
    assert (receipt.points_returned, receipt.points_taken_back, receipt.balances) == (60, 0, {"points": 0, "credit": 0})
    assert [(one.amount, one.claimed) for one in LetGo.objects.all()] == [(60, 60)]
    assert shop.proven()


@pytest.mark.parametrize("merged", [False, True])
def test_of_two_that_come_back_only_what_was_let_go_is_taken(shop: Shop, merged: bool) -> None:
    member, other = shop.member(), shop.member()
    bought = shop.buys(member, 10_000_000)
    spent = [shop.buys(member, 50_000, pay_with=PayWith(points=50)) for _number in range(2)]
    refund(shop, bought.id, amount=3_000_000)
    if merged:
        merge_members(member.pk, other.pk, actor="user:1", key="merge", now=NOON)
    owner = other if merged else member

    left = []
    for purchase in spent:
        refund(shop, purchase.id)
        left.append(balances(owner.pk, NOON).points)

    assert left == [20, 70]
    assert shop.proven()


def test_what_was_earned_after_a_refund_let_go_is_not_claimed(shop: Shop) -> None:
    member = shop.member()
    bought = shop.buys(member, 10_000_000)
    before = shop.buys(member, 100_000, pay_with=PayWith(points=100))
    refund(shop, bought.id)
    shop.buys(member, 5_000_000)
    after = shop.buys(member, 50_000, pay_with=PayWith(points=50))

    refund(shop, after.id)
    assert balances(member.pk, NOON).points == 50
    refund(shop, before.id)

    assert balances(member.pk, NOON).points == 50
    assert shop.proven()


def test_what_was_let_go_first_is_claimed_first(shop: Shop) -> None:
    """Else nothing that may still come back could pay for it."""
    member = shop.member()
    spent = []
    for _round in range(2):
        bought = shop.buys(member, 10_000_000)
        spent.append(shop.buys(member, 100_000, pay_with=PayWith(points=100)))
        refund(shop, bought.id)

    for purchase in spent:
        refund(shop, purchase.id)

    assert balances(member.pk, NOON).points == 0
    assert shop.proven()


def test_a_debt_is_paid_of_what_comes_back(shop: Shop) -> None:
    shop.programme(refund_shortfall="debt")
    member = shop.member()
    bought = shop.buys(member, 10_000_000)
    spent = shop.buys(member, 60_000, pay_with=PayWith(points=60))
    refund(shop, bought.id)
    foreseen = preview_refund(RefundOrder(spent.id or 0), now=NOON)

    receipt = refund(shop, spent.id)

    assert foreseen.balances == receipt.balances == {"points": 0, "credit": 0}
    assert (balances(member.pk, NOON).points, balances(member.pk, NOON).points_debt) == (0, 0)
    assert shop.proven()


def test_what_was_spent_meanwhile_is_owed_with_debt_and_paid_by_what_is_earned_next(shop: Shop) -> None:
    shop.programme(refund_shortfall="debt")
    member = shop.member()
    bought = shop.buys(member, 10_000_000)
    shop.buys(member, 60_000, pay_with=PayWith(points=60))

    receipt = refund(shop, bought.id)
    assert (receipt.shortfall["points"], balances(member.pk, NOON).points_debt) == (60, 60)
    shop.buys(member, 5_000_000)
    assert (balances(member.pk, NOON).points, balances(member.pk, NOON).points_debt) == (0, 10)
    shop.buys(member, 5_000_000)

    assert (balances(member.pk, NOON).points, balances(member.pk, NOON).points_debt) == (40, 0)
    assert shop.proven()
