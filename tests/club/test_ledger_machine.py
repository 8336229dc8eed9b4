"""Any sequence of acts on the ledger agrees with a plain model of it, and the ledger's proof holds after each."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from club.ledger.adjustments import Adjustment, Reversal, adjust_value, reverse_entry
from club.ledger.selectors import balances
from club.ledger.services import InsufficientPoints, expire_due_lots
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_inside
from core.jalali import day_bounds, local_date
from tests.shop import NOON, Shop

VALID_DAYS = 10
WORTH = 1_000


@dataclass
class ModelLot:
    amount: int
    left: int
    ends: datetime
    gone: int = 0


@dataclass
class ModelPurchase:
    id: int
    order: PurchaseOrder
    key: str
    lot: ModelLot | None
    spent: list[tuple[ModelLot, int]] = field(default_factory=list)
    refunded: bool = False


@dataclass
class ModelByHand:
    """What was given (its lot) or taken (from which lots) by hand."""

    entry_id: int
    amount: int
    lot: ModelLot | None = None
    taken: list[tuple[ModelLot, int]] = field(default_factory=list)


class LedgerMachine(RuleBasedStateMachine):
    """One member of one shop; points are worth 1,000 Rial and live ten days."""

    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.member = self.shop.member(now=NOON)
        self.lots: list[ModelLot] = []
        self.purchases: list[ModelPurchase] = []
        self.by_hand: list[ModelByHand] = []

    def usable(self) -> int:
        return sum(lot.left for lot in self.lots if lot.ends > self.now)

    def order(self, thousands: int, points: int) -> PurchaseOrder:
        return PurchaseOrder(
            member_id=self.member.pk, amount=thousands * WORTH, pay_with=PayWith(points=points), occurred_at=self.now
        )

    @rule(thousands=st.integers(1, 60), share=st.floats(0, 1))
    def buy_and_spend(self, thousands: int, share: float) -> None:
        points = int(min(self.usable(), thousands) * share)
        order = self.order(thousands, points)
        key = self.key()
        receipt = self.shop.buy(order, key=key, now=self.now)
        spent = self.take(points)
        lot = None
        if thousands > points:
            ends = day_bounds(local_date(self.now) + timedelta(days=VALID_DAYS))[1]
            lot = ModelLot(thousands - points, thousands - points, ends)
            self.lots.append(lot)
        self.purchases.append(ModelPurchase(receipt.id or 0, order, key, lot, spent))

    def take(self, points: int) -> list[tuple[ModelLot, int]]:
        taken = []
        for lot in sorted((lot for lot in self.lots if lot.left and lot.ends > self.now), key=lambda lot: lot.ends):
            part = min(points, lot.left)
            lot.left -= part
            points -= part
            if part:
                taken.append((lot, part))
        assert points == 0
        return taken

    @precondition(lambda self: self.purchases)
    @rule(data=st.data())
    def send_a_purchase_again(self, data: st.DataObject) -> None:
        purchase = data.draw(st.sampled_from(self.purchases))

        assert self.shop.buy(purchase.order, key=purchase.key, now=self.now).id == purchase.id

    @rule(thousands=st.integers(1, 60))
    def crash_before_commit(self, thousands: int) -> None:
        try:
            with transaction.atomic():
                record_inside(self.order(thousands, 0), actor="user:1", key="crash", now=self.now)
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    @precondition(lambda self: any(not purchase.refunded for purchase in self.purchases))
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        purchase = data.draw(st.sampled_from([p for p in self.purchases if not p.refunded]))
        receipt = refund_purchase(RefundOrder(purchase.id), actor="user:1", key=self.key(), now=self.now)
        owed = (purchase.lot.amount - purchase.lot.gone) if purchase.lot else 0
        others = sorted(
            (lot for lot in self.lots if lot is not purchase.lot and lot.ends > self.now), key=lambda lot: lot.ends
        )
        taken = 0
        for lot in [*([purchase.lot] if purchase.lot else []), *others]:
            part = min(owed - taken, lot.left)
            lot.left -= part
            taken += part
        for lot, part in purchase.spent:
            lot.left += part
        purchase.refunded = True
        assert (receipt.points_taken_back, receipt.shortfall["points"]) == (taken, owed - taken)

    @rule(amount=st.integers(1, 60), days=st.integers(1, 12))
    def give_by_hand(self, amount: int, days: int) -> None:
        ends = self.now + timedelta(days=days)
        lot = ModelLot(amount, amount, ends)
        order = Adjustment(self.member.pk, "points", amount, "هدیه", expires_at=ends)
        entry = adjust_value(order, actor="user:1", key=self.key(), now=self.now)
        self.lots.append(lot)
        self.by_hand.append(ModelByHand(entry.id, amount, lot))

    @precondition(lambda self: self.usable())
    @rule(share=st.floats(0.01, 1))
    def take_by_hand(self, share: float) -> None:
        amount = max(1, int(self.usable() * share))
        order = Adjustment(self.member.pk, "points", -amount, "شمارش دوباره")
        entry = adjust_value(order, actor="user:1", key=self.key(), now=self.now)
        self.by_hand.append(ModelByHand(entry.id, amount, taken=self.take(amount)))

    @precondition(lambda self: self.by_hand)
    @rule(data=st.data())
    def undo_by_hand(self, data: st.DataObject) -> None:
        done = data.draw(st.sampled_from(self.by_hand))
        others = sorted(
            (lot for lot in self.lots if lot is not done.lot and lot.ends > self.now), key=lambda lot: lot.ends
        )
        reach = [done.lot, *others] if done.lot else []
        if done.lot and sum(lot.left for lot in reach) < done.amount:
            with pytest.raises(InsufficientPoints):
                self.undo(done)
            return
        self.undo(done)
        self.by_hand.remove(done)
        left = done.amount
        for lot in reach:
            part = min(left, lot.left)
            lot.left -= part
            left -= part
        for lot, part in done.taken:
            lot.left += part

    def undo(self, done: ModelByHand) -> None:
        reverse_entry(Reversal(self.member.pk, done.entry_id, "اشتباه"), actor="user:1", key=self.key(), now=self.now)

    def key(self) -> str:
        self.shop.keys += 1
        return f"machine-{self.shop.keys}"

    @rule()
    def expire(self) -> None:
        expire_due_lots(at=self.now)
        for lot in self.lots:
            if lot.ends <= self.now:
                lot.gone += lot.left
                lot.left = 0

    @rule(days=st.integers(1, 6))
    def the_clock_moves(self, days: int) -> None:
        self.now += timedelta(days=days)

    @invariant()
    def ledger_and_model_agree(self) -> None:
        now = balances(self.member.pk, self.now)
        assert (now.points, now.usable_points) == (sum(lot.left for lot in self.lots), self.usable())
        assert self.shop.proven()


@pytest.mark.slow
def test_any_sequence_of_acts_agrees_with_the_model(shop: Shop) -> None:
    shop.programme(rial_per_point=WORTH, point_worth=WORTH, points_valid_days=VALID_DAYS)
    machine = type("Machine", (LedgerMachine,), {"shop": shop})

    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=12, stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )
