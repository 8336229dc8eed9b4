"""However rewards are taken, used in purchases and brought back: it is as if nobody had ever taken one."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from club.awards.models import Award
from club.ledger.adjustments import Adjustment, Reversal, adjust_value, reverse_entry
from club.ledger.models import Lot, Wallet
from club.ledger.selectors import balances
from club.ledger.services import expire_due_lots
from club.members.models import Member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.purchases.orders import PayWith
from club.purchases.refunds import RefundOrder, refund_purchase
from club.rewards.models import Redemption, Reward
from club.rewards.selectors import times_taken
from offers.models import Coupon, OfferCounter
from tests.club.offers.drawn import undone
from tests.rewarding import DRINK, cancels, reward, takes, with_points
from tests.shop import NOON, Shop

EXAMPLES = 300 if "LONG" in os.environ else 8
LATER = NOON + timedelta(days=40)
BENEFITS = (
    None,
    DRINK,
    {"kind": "discount_percent", "percent": 10},
    {"kind": "discount_amount", "amount": 30_000},
    {"kind": "credit_percent", "percent": 5},
    {"kind": "points_factor", "factor": 2},
)


@dataclass(frozen=True)
class Act:
    """A reward taken, used in a purchase before or after the merge or in none, and brought back in parts."""

    reward: int
    bought: str
    amount: int
    parts: tuple[int, ...]


ACTS = st.lists(
    st.builds(
        Act,
        reward=st.integers(0, len(BENEFITS) - 1),
        bought=st.sampled_from(["", "before", "after"]),
        amount=st.integers(100_000, 900_000),
        parts=st.lists(st.integers(1, 99_999), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture
def open_shop(shop: Shop) -> Shop:
    """What is earned cannot be spent at once: nobody takes a reward by a purchase that is brought back."""
    shop.programme(rial_per_point=10_000, credit_bp=100, points_valid_days=30, points_usable_after_hours=48)
    shop.tiers()
    shop.product("latte", 95_000)
    for number, benefit in enumerate(BENEFITS):
        stock = 4 if number % 2 else None
        reward(f"r{number}", points=7 + number, benefit=benefit, stock=stock, per_member=4)
    return shop


def with_lots(shop: Shop) -> Member:
    """The member with points that end some days from now, later, and never."""
    member = shop.member()
    for points, days in ((11, 3), (9, 30), (40, 60)):
        with_points(member, points, expires_at=NOON + timedelta(days=days))
    return with_points(member, 20)


def state_of(member: Member) -> dict[str, Any]:
    """All that a reward moves: lots by what they are of and when they end, what is taken, counted and still open."""
    lots = Lot.objects.filter(wallet__member=member, remaining__gt=0)
    dates = ("wallet__unit", "document", "usable_from", "expires_at")
    figures = ("visits", "spent_rial", "tier_code", "first_purchase_at", "last_purchase_at")
    return {
        "wallets": dict(Wallet.objects.filter(member=member).values_list("unit", "balance")),
        "lots": sorted(map(str, lots.values_list(*dates).annotate(left=Sum("remaining")))),
        "member": Member.objects.filter(pk=member.pk).values(*figures).get(),
        "taken": dict(Reward.objects.values_list("code", "taken")),
        "of the limit": times_taken(member.pk),
        "open": Redemption.objects.exclude(status="cancelled").count(),
        "codes": Coupon.objects.filter(void=False).count(),
        "given": Award.objects.filter(given_back=False).count(),
        "counted": [
            row for row in OfferCounter.objects.values_list("offer", "period", "used", "spent") if any(row[2:])
        ],
    }


def meanwhile(source: Member, into: Member, *, merged: bool, now: datetime) -> None:
    """What comes to pass whether or not rewards are taken."""
    if merged:
        merge_members(source.pk, into.pk, actor="user:1", key="merge", now=NOON)
    expire_due_lots(at=now)


def uses(shop: Shop, member: Member, act: Act, code: str) -> int:
    """The purchase in which the voucher is used, 0 where a thing is handed over without one."""
    if BENEFITS[act.reward] is None:
        return 0
    return shop.buys(member, act.amount, coupons=(code,)).id or 0


def brings_back(shop: Shop, purchase: int, act: Act, now: datetime) -> None:
    """The purchase comes back in parts, and then the rest of it."""
    for number, part in enumerate((*act.parts, 0)):
        if part and part >= Purchase.objects.get(pk=purchase).left:
            continue
        order = RefundOrder(purchase, amount=part or None, reason="x")
        refund_purchase(order, actor="user:1", key=f"{purchase}-{number}", now=now)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, merged=st.booleans(), now=st.sampled_from([NOON, LATER]), backwards=st.booleans())
def test_what_is_taken_and_brought_back_was_never_taken(
    open_shop: Shop, acts: list[Act], merged: bool, now: datetime, backwards: bool
) -> None:
    with undone():
        source, other = with_lots(open_shop), open_shop.member()
        owner = other if merged else source
        with undone():
            meanwhile(source, other, merged=merged, now=now)
            expected = state_of(owner)

        taken = [takes(source, f"r{act.reward}") for act in acts]
        bought = {
            number: uses(open_shop, source, act, taken[number].coupon)
            for number, act in enumerate(acts)
            if act.bought == "before"
        }
        meanwhile(source, other, merged=merged, now=now)
        bought |= {
            number: uses(open_shop, owner, act, taken[number].coupon)
            for number, act in enumerate(acts)
            if act.bought == "after"
        }
        for number in sorted(range(len(acts)), reverse=backwards):
            if bought.get(number):
                brings_back(open_shop, bought[number], acts[number], now)
            cancels(taken[number].id, now=now)
        expire_due_lots(at=now)

        assert state_of(owner) == expected
        assert open_shop.proven()


@dataclass(frozen=True)
class Spend:
    """A purchase, of whose points (when there are enough) something is paid next: a voucher, a purchase, by hand."""

    amount: int
    way: str
    points: int


WAYS = ("", "voucher", "payment", "by hand")
SPENDING = st.lists(
    st.builds(Spend, amount=st.integers(1, 40), way=st.sampled_from(WAYS), points=st.integers(1, 30)),
    min_size=1,
    max_size=7,
)


@pytest.mark.parametrize("shortfall", ["clip", "debt"])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spends=SPENDING, merged_after=st.none() | st.integers(0, 9), order=st.randoms(use_true_random=False))
def test_however_earned_points_were_spent_none_are_left_when_all_has_come_back(
    shop: Shop, shortfall: str, spends: list[Spend], merged_after: int | None, order: Any
) -> None:
    with undone():
        shop.programme(rial_per_point=10_000, points_usable_after_hours=0, refund_shortfall=shortfall)
        source, other = shop.member(), shop.member()
        owner = source
        undoings: list[Callable[[], object]] = []
        for number, spend in enumerate(spends):
            if number == merged_after:
                merge_members(source.pk, other.pk, actor="user:1", key="merge", now=NOON)
                owner = other
            if merged_after is None or spend.way != "by hand":  # what was taken from a merged record stays taken
                undoings += does(shop, owner, spend)
        order.shuffle(undoings)

        for number, undoing in enumerate(undoings, start=len(spends)):
            if number == merged_after:
                merge_members(source.pk, other.pk, actor="user:1", key="merge", now=NOON)
            undoing()

        assert set(Wallet.objects.filter(member__in=[source, other]).values_list("balance", flat=True)) == {0}
        assert shop.proven()


def does(shop: Shop, member: Member, spend: Spend) -> list[Callable[[], object]]:
    """The purchase and what is done with its points, each with how it is undone."""
    bought = shop.buys(member, spend.amount * 10_000).id or 0
    undoings = [partial(comes_back, bought)]
    if not spend.way or spend.points > balances(member.pk, NOON).points:
        return undoings
    if spend.way == "voucher":
        code = f"of {spend.points}"
        if not Reward.objects.filter(code=code).exists():
            reward(code, points=spend.points)
        voucher = takes(member, code).id
        undoings.append(partial(cancels, voucher))
    elif spend.way == "payment":
        paid = shop.buys(member, 30_000, pay_with=PayWith(points=spend.points)).id or 0
        undoings.append(partial(comes_back, paid))
    else:
        taken = Adjustment(member.pk, "points", -spend.points, "اشتباه")
        entry = adjust_value(taken, actor="user:1", key=f"taken-{bought}", now=NOON).id
        back = Reversal(member.pk, entry, "اشتباه بود")
        undoings.append(lambda: reverse_entry(back, actor="user:1", key=f"back-{entry}", now=NOON))
    return undoings


def comes_back(purchase: int) -> None:
    refund_purchase(RefundOrder(purchase, reason="x"), actor="user:1", key=f"back-{purchase}", now=NOON)
