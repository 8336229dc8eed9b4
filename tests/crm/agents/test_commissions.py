"""What purchases and refunds of those whom an agent brought make of the agent's account."""

from datetime import date, timedelta

import pytest

from club.purchases.merging import merge_members
from club.purchases.orders import OrderLine, PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.refunds import RefundOrder, refund_purchase
from core import events
from core.errors import Conflict
from crm.agents.commission import ALL
from crm.agents.commissions import mature_commissions
from crm.agents.contracts import change_terms, end_contract
from crm.agents.models import Commission, CommissionEntry
from crm.agents.payouts import Transfer, cancel_payouts, mark_paid, start_run
from tests.crm.agents.acts import agent, brings, draft, pots
from tests.shop import NOON

BY = {"actor": "user:1"}
DAY = timedelta(days=1)
MILLION = 10_000_000  # Rial in a million Toman


def refund(purchase_id: int, amount: int | None = None, *, key: str = "r", at=NOON):
    return refund_purchase(RefundOrder(purchase_id, amount=amount, reason="x"), key=key, now=at, **BY)


def test_a_first_purchase_is_pending_then_due_and_half_a_refund_takes_half_back(shop):
    sara = agent()
    friend = brings(shop, sara)
    bought = shop.buys(friend, 2 * MILLION)
    assert pots(sara) == {"pending": 2_000_000}
    # a second conversion adds nothing, nor does reading everything again
    shop.buys(friend, MILLION)
    events.EventCursor.objects.update(seq=0)
    assert pots(sara) == {"pending": 2_000_000}
    # after the hold, and not a day sooner
    assert mature_commissions(now=NOON + 13 * DAY) == 0
    assert mature_commissions(now=NOON + 14 * DAY) == 1
    assert pots(sara) == {"due": 2_000_000}
    refund(bought.id, MILLION, at=NOON + 15 * DAY)
    assert pots(sara) == {"due": 1_000_000, "reversed": 1_000_000}
    refund(bought.id, key="rest", at=NOON + 15 * DAY)
    assert pots(sara) == {"reversed": 2_000_000}
    assert verify_value() == []


def test_what_is_refunded_after_the_payout_is_set_off_against_what_comes_next(shop):
    sara = agent(basis=ALL, hold_days=0)
    friend = brings(shop, sara)
    first = shop.buys(friend, MILLION)
    assert pots(sara) == {"due": 1_000_000}
    run = start_run([sara.pk], minimum=1, now=NOON, **BY)
    assert pots(sara) == {"paying": 1_000_000}
    mark_paid(run.pk, Transfer("123", NOON.date()), now=NOON, **BY)
    refund(first.id, MILLION // 2)
    assert pots(sara) == {"due": -500_000, "paid": 1_000_000, "reversed": 500_000}
    with pytest.raises(Conflict):
        start_run([sara.pk], minimum=1, now=NOON, **BY)
    shop.buys(friend, 2 * MILLION)
    assert pots(sara) == {"due": 1_500_000, "paid": 1_000_000, "reversed": 500_000}
    # a run that is cancelled gives back, and neither end comes twice
    again = start_run([sara.pk], minimum=1, now=NOON, **BY)
    cancel_payouts(again.pk, now=NOON, **BY)
    assert pots(sara)["due"] == 1_500_000
    for act in (lambda: cancel_payouts(again.pk, now=NOON, **BY), lambda: cancel_payouts(run.pk, now=NOON, **BY)):
        with pytest.raises(Conflict):
            act()
    assert verify_value() == []


def test_the_base_is_what_was_paid_after_discounts_without_the_vat_of_its_lines(shop):
    sara = agent(basis=ALL, hold_days=0)
    shop.product("taxed", 1_100_000, vat_bp=1_000)
    shop.product("plain", 500_000, vat_bp=0)
    friend = brings(shop, sara)
    lines = (OrderLine(product="taxed", quantity=2), OrderLine(product="plain", quantity=1))
    bought = shop.buy(PurchaseOrder(member_id=friend.pk, lines=lines))
    assert pots(sara) == {"due": 250_000}  # a tenth of 2,000,000 and 500,000
    refund_purchase(RefundOrder(bought.id, lines=((0, 1),), reason="x"), key="one", now=NOON, **BY)
    assert pots(sara) == {"due": 150_000, "reversed": 100_000}


def test_each_purchase_is_judged_by_the_version_of_its_day_and_the_caps_leave_no_more_than_their_room(shop):
    sara = agent(basis=ALL, hold_days=0, cap_month=1_500_000)
    friend = brings(shop, sara)
    shop.buys(friend, MILLION)
    capped = shop.buys(friend, MILLION)
    assert pots(sara) == {"due": 1_500_000}
    # what a refund takes back makes room again
    refund(capped.id)
    assert pots(sara) == {"due": 1_000_000, "reversed": 500_000}
    later = NOON + 2 * DAY
    change_terms(sara.pk, draft(basis=ALL, hold_days=0, percent_bp=500, starts_on=date(2026, 11, 24)), now=NOON, **BY)
    shop.buys(friend, MILLION, now=later)
    assert pots(sara) == {"due": 1_000_000, "pending": 500_000, "reversed": 500_000}
    # one recorded late is judged by its own day
    shop.buy(PurchaseOrder(member_id=friend.pk, amount=MILLION, occurred_at=NOON), now=later)
    assert pots(sara) == {"due": 1_000_000, "pending": 500_000, "reversed": 500_000}  # whose month is full
    assert {one.terms.number for one in Commission.objects.filter(agent=sara)} == {1, 2}


def test_what_is_recorded_again_after_it_was_typed_wrong_is_the_first_purchase_once(shop):
    sara = agent(hold_days=0)
    friend = brings(shop, sara)
    wrong = shop.buys(friend, 20 * MILLION)
    refund(wrong.id, 19 * MILLION)
    shop.buys(other := brings(shop, sara), MILLION)
    assert pots(sara) == {"due": 2_000_000, "reversed": 19_000_000}
    # while anything of it stands, nothing else is the first
    meanwhile = shop.buys(friend, 3 * MILLION)
    refund(wrong.id, key="rest")
    assert pots(sara) == {"due": 1_000_000, "reversed": 20_000_000}
    refund(meanwhile.id, key="meanwhile")
    right = shop.buys(friend, 2 * MILLION)
    shop.buys(friend, MILLION)
    shop.buys(other, MILLION)
    events.EventCursor.objects.update(seq=0)
    assert pots(sara) == {"due": 3_000_000, "reversed": 20_000_000}
    assert Commission.objects.get(purchase=right.id).amount == 2_000_000
    assert verify_value() == []


def test_nothing_bought_after_the_end_counts_and_what_was_earned_stays_owed(shop):
    sara = agent(basis=ALL)
    friend = brings(shop, sara)
    shop.buys(friend, MILLION)
    end_contract(sara.pk, reason="پایان", now=NOON + DAY, **BY)
    shop.buys(friend, MILLION, now=NOON + 2 * DAY)
    late = shop.buy(PurchaseOrder(member_id=friend.pk, amount=MILLION, occurred_at=NOON), now=NOON + 2 * DAY)
    assert pots(sara) == {"pending": 2_000_000}
    assert Commission.objects.filter(purchase=late.id).exists()
    mature_commissions(now=NOON + 30 * DAY)
    assert pots(sara) == {"due": 2_000_000}


def test_a_merge_keeps_the_first_purchase_once(shop):
    sara = agent(hold_days=0)
    friend, other = brings(shop, sara), shop.member()
    shop.buys(friend, MILLION)
    assert pots(sara) == {"due": 1_000_000}
    merge_members(friend.pk, other.pk, key="m", now=NOON, **BY)
    shop.buys(other, MILLION)
    assert pots(sara) == {"due": 1_000_000}
    assert CommissionEntry.objects.count() == 2
