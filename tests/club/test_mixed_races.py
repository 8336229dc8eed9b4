"""Sixteen at once doing everything that moves value to a few members: nobody locks another out, and all adds up."""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from club.awards import grant_runs
from club.awards.granting import GrantOrder, start_grant
from club.gift_cards.changing import block_card, refund_card, replace_card, unblock_card
from club.gift_cards.models import GiftCard
from club.gift_cards.services import CardSale, sell_card
from club.ledger.adjustments import Adjustment, adjust_value
from club.ledger.services import expire_due_lots
from club.members.models import Member
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from club.rewards.models import Redemption
from core import events
from core.errors import AppError
from core.tenancy.scope import current_club_id
from crm.occasions.daily import birthdays
from crm.occasions.models import Occasion
from crm.occasions.undoing import take_back_occasion
from tests.club.missions.cards import stamp_card
from tests.crm.occasions.acts import FIFTY
from tests.offering import publish
from tests.rewarding import cancels, reward, takes, uses, with_points
from tests.shop import NOON, Shop
from tests.threads import AT_ONCE, in_threads

ROUNDS, EACH = (20, 8) if "LONG" in os.environ else (1, 6)
BY: dict[str, Any] = {"actor": "user:1", "now": NOON}


@dataclass
class Play:
    """What one thread does, drawn from its seed; a refusal is an answer like another."""

    seed: int
    members: list[int]
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def __call__(self) -> Counter[str]:
        done: Counter[str] = Counter()
        for number in range(EACH):
            act = self.dice.choice(ACTS)
            try:
                act(self, f"{self.seed}-{number}")
            except AppError as refused:
                done[f"{act.__name__} {type(refused).__name__}"] += 1
            else:
                done[act.__name__] += 1
        return done

    def member(self) -> Member:
        return Member.objects.get(pk=self.dice.choice(self.members))

    def some(self, rows: Any) -> Any:
        found = list(rows.order_by("pk"))
        return self.dice.choice(found) if found else None


def redeems(play: Play, _key: str) -> None:
    takes(play.member(), play.dice.choice(["drink", "off", "credit"]))


def cancels_one(play: Play, _key: str) -> None:
    if voucher := play.some(Redemption.objects.all()):
        cancels(voucher.pk)


def uses_one(play: Play, _key: str) -> None:
    if voucher := play.some(Redemption.objects.filter(status="issued")):
        uses(voucher.pk)


def buys(play: Play, key: str) -> None:
    member = play.member()
    voucher = play.some(Redemption.objects.filter(member=member, coupon__isnull=False, status="issued"))
    card = play.some(GiftCard.objects.all())
    order = PurchaseOrder(
        member_id=member.pk,
        amount=play.dice.randint(1, 9) * 50_000,
        coupons=(voucher.code,) if voucher and play.dice.random() < 0.7 else (),
        pay_with=PayWith(gift_card=card.code if play.dice.random() < 0.5 else None, credit="max"),
    )
    record_purchase(order, key=key, **BY)


def refunds(play: Play, key: str) -> None:
    if bought := play.some(Purchase.objects.filter(fully_refunded=False)):
        amount = play.dice.choice([None, None, 40_000])
        refund_purchase(RefundOrder(bought.pk, amount=amount, reason="x"), key=key, **BY)


def adjusts(play: Play, key: str) -> None:
    adjust_value(Adjustment(play.member().pk, "points", play.dice.choice([30, -20]), "x"), key=key, **BY)


def ends_value(_play: Play, _key: str) -> None:
    expire_due_lots(at=NOON + timedelta(days=31))


def grants(play: Play, _key: str) -> None:
    start_grant(GrantOrder("all", reward="off"), play.members, **BY)
    grant_runs.work(now=BY["now"])


def moves_a_card(play: Play, _key: str) -> None:
    card = play.some(GiftCard.objects.all())
    acts: list[Callable[[], object]] = [
        lambda: block_card(card.pk, actor="user:1"),
        lambda: unblock_card(card.pk, actor="user:1"),
        lambda: replace_card(card.pk, actor="user:1"),
        lambda: refund_card(card.pk, **BY),
    ]
    play.dice.choice(acts)()


def greets(_play: Play, _key: str) -> None:
    birthdays(now=NOON)


def takes_back(play: Play, _key: str) -> None:
    if occasion := play.some(Occasion.objects.all()):
        take_back_occasion(occasion.pk, reason="x", **BY)


def listens(_play: Play, _key: str) -> None:
    events.consume_all()


def merges(play: Play, key: str) -> None:
    source, into = play.dice.sample(play.members, 2)
    if play.dice.random() < 0.4:
        merge_members(source, into, key=key, **BY)


def erases(play: Play, _key: str) -> None:
    if play.dice.random() < 0.2:
        erase_member(play.member().pk, reason="x", **BY)


ACTS: tuple[Callable[[Play, str], None], ...] = (
    *(redeems, redeems, cancels_one, uses_one, buys, buys, buys, refunds, refunds),
    *(adjusts, ends_value, grants, moves_a_card, greets, takes_back, listens, merges, erases),
)


def test_everything_at_once_locks_nobody_out_and_adds_up(committed_shop: Shop) -> None:
    shop = committed_shop
    shop.programme(rial_per_point=10_000, points_valid_days=30, credit_bp=500)
    reward("drink", points=20, stock=9 * ROUNDS, per_member=4)
    reward("off", points=10, benefit={"kind": "discount_amount", "amount": 20_000})
    reward("credit", points=15, benefit={"kind": "credit_amount", "amount": 9_000}, stock=5 * ROUNDS)
    stamp_card(target=2)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday", limits={"budget": 10**9})
    publish("تخفیف", {"kind": "discount_percent", "percent": 5}, limits={"total": 40})
    for number in range(3):
        sell_card(CardSale(amount=600_000), key=f"card-{number}", **BY)
    for round_number in range(ROUNDS):
        members = [with_points(shop.member(birth_date=NOON.date()), 60).pk for _ in range(6)]
        for member in members:
            shop.buys(Member.objects.get(pk=member), 100_000)

        done = in_threads(
            current_club_id(), [Play(round_number * AT_ONCE + n, members) for n in range(AT_ONCE)], keep_errors=True
        )

        assert [f"{type(one).__name__}: {one}" for one in done if isinstance(one, Exception)] == []
        assert [str(fault) for fault in verify_value()] == []
    events.consume_all()
    assert verify_value() == []
