"""Stored purchases decided once more: 10,000 of them with `make long`, a handful always."""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest

from club.purchases.explaining import kept_verdict
from club.purchases.models import Purchase
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.replaying import replay
from core.models import Club
from tests.club.offers.drawn import PRODUCTS, open_shop
from tests.offering import publish
from tests.shop import NOON, Shop

COUNT = 10_000 if "LONG" in os.environ else 60
MEMBERS = 40
OFFERS = (
    ({"kind": "credit_percent", "percent": 5}, {"fact": "visit_number", "op": "gt", "value": 3}, {}),
    ({"kind": "discount_percent", "percent": 10}, {"fact": "amount", "op": "gt", "value": 900_000}, {}),
    ({"kind": "credit_percent", "percent": 15}, {"fact": "tier", "op": "gte", "value": "silver"}, {}),
    ({"kind": "discount_percent", "percent": 7, "of": "coffee"}, {}, {"limits": {"per_member_per_day": 1}}),
    ({"kind": "points_factor", "factor": 2}, {"fact": "time", "op": "between", "value": ["10:00", "14:00"]}, {"stacking": "always"}),
    ({"kind": "points_amount", "points": 5, "per_amount": 300_000}, {}, {"stacking": "always", "limits": {"per_member_per_month": 4}}),
    ({"kind": "free_item", "product": "p0", "quantity": 1}, {"fact": "visit_number", "op": "every", "value": 5}, {"stacking": "always"}),
    ({"kind": "buy_x_get_y", "buy": 2, "get": 1, "of": "cakes"}, {}, {"limits": {"budget_per_month": 60_000_000}}),
    ({"kind": "fixed_price", "quantity": 3, "amount": 1_200_000, "of": ["cakes", "p0"]}, {}, {}),
    ({"kind": "discount_amount", "amount": 400_000}, {"fact": "amount", "op": "gt", "value": {"own": "mean_basket", "percent": 150}}, {"stacking": "alone"}),
    ({"kind": "discount_percent", "percent": 20, "max": 300_000}, {"fact": "spent_in_days", "op": "gte", "value": 5_000_000, "of": 20}, {"control_percent": 20}),
    ({"kind": "credit_amount", "amount": 90_000}, {"not": {"fact": "channel", "op": "eq", "value": "till"}}, {"priority": 2}),
)  # fmt: skip


@pytest.fixture
def shop(club: Club) -> Shop:
    found = Shop(club)
    open_shop(found)
    for number, (benefit, when, more) in enumerate(OFFERS):
        publish(f"offer {number}", benefit, when=when, **more)
    return found


def draw(chance: random.Random, member_id: int) -> PurchaseOrder:
    lines = tuple(
        OrderLine(product=chance.choice(list(PRODUCTS)), quantity=chance.randint(1, 4))
        for _line in range(chance.randint(1, 3))
    )
    pay = chance.choice([PayWith(), PayWith(), PayWith(credit="max"), PayWith(points="max", credit="max")])
    return PurchaseOrder(member_id=member_id, lines=lines, pay_with=pay, channel=chance.choice(["till", "online"]))


@pytest.mark.slow
def test_ten_thousand_stored_purchases_are_decided_again_as_they_were(shop: Shop) -> None:
    chance = random.Random(1405)
    members = [shop.member(opening_credit=50_000, enrolled_at=NOON - timedelta(days=400)).pk for _ in range(MEMBERS)]
    step = timedelta(days=90) / COUNT
    for number in range(COUNT):
        shop.buy(draw(chance, chance.choice(members)), now=NOON - timedelta(days=90) + step * number)

    outcomes: Counter[str] = Counter()
    for row in Purchase.objects.select_related("branch").prefetch_related("lines").iterator(chunk_size=500):
        again = replay(row, list(row.lines.all()))
        outcomes.update(verdict.outcome for verdict in again.verdicts)
        assert [kept_verdict(verdict) for verdict in again.verdicts] == row.considered, row.pk
        assert sum(again.discounts) == row.discount
        assert [(one.offer.id, one.worth) for one in again.given] == [
            (one["offer"], one["worth"]) for one in row.awards
        ]

    assert outcomes["applied"] > COUNT and outcomes["lost_to"]
    assert COUNT < 10_000 or {"limit_reached", "budget_spent", "held_out"} <= outcomes.keys()
    assert verify_value() == []
