"""Value given and taken by hand, and entries undone by hand."""

import threading
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from club.ledger import adjustments
from club.ledger.adjustments import Adjustment, EntryAlreadyReversed, Reversal, adjust_value, reverse_entry
from club.ledger.models import Entry, Lot
from club.ledger.receipts import EntryReceipt
from club.ledger.selectors import balances
from club.ledger.services import InsufficientCredit, InsufficientPoints, expire_due_lots
from club.members.models import Member
from club.purchases.orders import PayWith
from club.purchases.proof import verify_value
from club.purchases.refunds import RefundOrder, refund_purchase
from club.tiers.models import Tier
from club.tiers.selectors import ladder
from core.errors import Conflict, IdempotencyConflict, NotFound, ValidationFailed
from core.models import AuditEntry, DomainEvent
from sms.models import OutboxMessage
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads

BY = "user:7"


def give(shop: Shop, member: Member, delta: int, unit: str = "points", *, key: str = "", **more: Any) -> EntryReceipt:
    """Give, or take below zero."""
    shop.keys += 1
    order = Adjustment(member.pk, unit, delta, more.pop("reason", "هدیهٔ نوروز"), **more)
    return adjust_value(order, actor=BY, key=key or f"by-hand-{shop.keys}", now=NOON)


def undo(shop: Shop, member: Member, entry_id: int, *, key: str = "") -> EntryReceipt:
    shop.keys += 1
    return reverse_entry(
        Reversal(member.pk, entry_id, "اشتباه بود"), actor=BY, key=key or f"undo-{shop.keys}", now=NOON
    )


def written(member: Member) -> tuple[object, ...]:
    """All that an act by hand writes."""
    return (
        Entry.objects.count(),
        AuditEntry.objects.filter(action__startswith="ledger.").count(),
        DomainEvent.objects.filter(kind="value.adjusted").count(),
        OutboxMessage.objects.filter(kind="credit_granted").count(),
        balances(member.pk, NOON),
    )


def test_value_is_given_with_a_reason_and_a_last_day_and_taken_again(shop: Shop) -> None:
    member = shop.member()

    given = give(shop, member, 120, expires_at=NOON + timedelta(days=30))
    taken = give(shop, member, -20, reason="  شمارش دوباره ")

    assert (given.kind, given.delta, given.balance_after, given.reason) == ("adjust", 120, 120, "هدیهٔ نوروز")
    assert (given.remaining, given.usable_from) == (120, NOON.isoformat())
    assert given.expires_at == (NOON + timedelta(days=30)).isoformat()
    assert (taken.delta, taken.balance_after, taken.reason, taken.remaining) == (-20, 100, "شمارش دوباره", None)
    assert [row.actor for row in Entry.objects.all()] == [BY, BY]
    assert shop.proven()


def test_who_gave_what_and_why_stands_in_the_audit_and_in_the_events(shop: Shop) -> None:
    member = shop.member()

    entry = give(shop, member, 50_000, "credit", reason="جبران دیرکرد")

    noted = AuditEntry.objects.get(action="ledger.adjust")
    assert (noted.actor, noted.target) == (BY, f"member:{member.pk}")
    assert noted.after == {"unit": "credit", "delta": 50_000, "reason": "جبران دیرکرد"}
    event = DomainEvent.objects.get(kind="value.adjusted")
    assert (event.member_id, event.document) == (member.pk, f"entry:{entry.id}")
    assert event.data == {"unit": "credit", "delta": 50_000, "kind": "adjust", "reason": "جبران دیرکرد"}


def test_the_member_hears_of_credit_that_was_given_and_of_nothing_else(shop: Shop) -> None:
    member = shop.member(first_name="سارا", opening_credit=10_000)

    give(shop, member, 50_000, "credit", expires_at=NOON + timedelta(days=1))
    give(shop, member, 40_000, "credit", quiet=True)
    give(shop, member, -1_000, "credit")
    give(shop, member, 5)

    told = OutboxMessage.objects.get(kind="credit_granted")
    assert told.phone == member.phone
    assert told.context == {"name": "سارا", "credit": 50_000, "expires": "2026-11-23", "credit_balance": 60_000}


def test_the_same_key_gives_once_and_answers_the_same_bytes(shop: Shop) -> None:
    member = shop.member()

    first = give(shop, member, 10, key="once")
    again = give(shop, member, 10, key="once")

    assert again.replayed and again.dump() == first.dump()
    assert balances(member.pk, NOON).points == 10
    with pytest.raises(IdempotencyConflict):
        give(shop, member, 11, key="once")


def test_more_than_is_usable_is_not_taken_and_nothing_is_written(shop: Shop) -> None:
    member = shop.member(opening_points=10, opening_credit=10)
    give(shop, member, 30, occurred_at=NOON - timedelta(days=3), expires_at=NOON - timedelta(days=1))
    before = written(member)

    with pytest.raises(InsufficientPoints) as refused:
        give(shop, member, -11, key="k")
    with pytest.raises(InsufficientCredit):
        give(shop, member, -11, "credit")

    assert refused.value.data == {"needed": 11, "available": 10}
    assert written(member) == before
    assert give(shop, member, -10, key="k").balance_after == 30  # the key is free again


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"unit": "points_debt"}, "unit"),
        ({"unit": "toman"}, "unit"),
        ({"delta": 0}, "delta"),
        ({"delta": 10**15 + 1}, "delta"),
        ({"delta": -(10**15) - 1}, "delta"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"occurred_at": NOON + timedelta(minutes=6)}, "occurred_at"),
        ({"expires_at": NOON}, "expires_at"),
        ({"delta": -1, "expires_at": NOON + timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_wrong_adjustment_is_refused_by_its_field(shop: Shop, wrong: dict[str, Any], field: str) -> None:
    member = shop.member(opening_points=5)
    before = written(member)

    with pytest.raises(ValidationFailed) as refused:
        give(shop, member, **{"delta": 5, **wrong})

    assert set(refused.value.errors) == {field}
    assert written(member) == before


def test_a_blocked_member_is_corrected_and_an_erased_or_unknown_one_is_not_found(shop: Shop) -> None:
    blocked, erased = shop.member(), shop.member()
    Member.objects.filter(pk=blocked.pk).update(status="blocked")
    Member.objects.filter(pk=erased.pk).update(status="erased")

    assert give(shop, blocked, 5).balance_after == 5
    for nobody in (erased, Member(pk=10**9)):
        with pytest.raises(NotFound):
            give(shop, nobody, 5)
        with pytest.raises(NotFound):
            undo(shop, nobody, 1)


# --- undone -----------------------------------------------------------------------------------------------------------


def test_what_was_given_is_undone_whole_once_and_the_entry_stays(shop: Shop) -> None:
    member = shop.member()
    given = give(shop, member, 100, "credit")

    undone = undo(shop, member, given.id)

    assert (undone.kind, undone.delta, undone.balance_after, undone.reason) == ("reverse", -100, 0, "اشتباه بود")
    assert Entry.objects.get(pk=undone.id).reverses_id == given.id
    assert Entry.objects.get(pk=given.id).delta == 100
    assert AuditEntry.objects.get(action="ledger.reverse").after["entry"] == given.id
    before = written(member)
    with pytest.raises(EntryAlreadyReversed):
        undo(shop, member, given.id)
    assert written(member) == before
    assert shop.proven()


def test_the_same_key_undoes_once(shop: Shop) -> None:
    member = shop.member()
    given = give(shop, member, 100)

    first, again = undo(shop, member, given.id, key="k"), undo(shop, member, given.id, key="k")

    assert again.replayed and again.dump() == first.dump()


def test_what_was_taken_goes_back_to_the_very_lots_with_their_old_end(shop: Shop) -> None:
    member = shop.member()
    for days, amount in ((10, 30), (20, 50)):
        give(shop, member, amount, expires_at=NOON + timedelta(days=days))
    lots = {lot.pk: (lot.remaining, lot.expires_at) for lot in Lot.objects.all()}
    taken = give(shop, member, -60)

    assert undo(shop, member, taken.id).balance_after == 80

    assert {lot.pk: (lot.remaining, lot.expires_at) for lot in Lot.objects.all()} == lots
    assert shop.proven()


def test_a_gift_that_was_spent_is_undone_from_what_else_is_there_or_refused(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    member = shop.member(opening_points=10)
    given = give(shop, member, 100, expires_at=NOON + timedelta(days=5))
    shop.buys(member, 60_000, pay_with=PayWith(points=60))

    with pytest.raises(InsufficientPoints) as refused:
        undo(shop, member, given.id)
    assert refused.value.data == {"needed": 100, "available": 50}
    give(shop, member, 75)

    assert undo(shop, member, given.id).balance_after == 25
    assert shop.proven()


def test_a_gift_that_paid_a_debt_is_undone_with_what_it_paid(shop: Shop) -> None:
    shop.programme(refund_shortfall="debt", rial_per_point=1_000, earn_on_part_paid_by_value=False)
    member = shop.member()
    bought = shop.buys(member, 100_000)
    shop.buys(member, 100_000, pay_with=PayWith(points=100))
    refund_purchase(RefundOrder(bought.id or 0), actor=BY, key="r", now=NOON)
    assert balances(member.pk, NOON).points_debt == 100

    given = give(shop, member, 130)
    paid = balances(member.pk, NOON)
    undo(shop, member, given.id)

    assert (paid.points, paid.points_debt) == (30, 0)
    after = balances(member.pk, NOON)
    assert (after.points, after.points_debt) == (0, 100)
    assert shop.proven()


def test_an_opening_value_can_be_undone(shop: Shop) -> None:
    member = shop.member(opening_points=40, opening_credit=7_000)
    opening = Entry.objects.get(kind="opening", wallet__unit="credit")

    assert undo(shop, member, opening.pk).balance_after == 0
    assert balances(member.pk, NOON).points == 40
    assert shop.proven()


def test_only_what_was_done_by_hand_is_undone_by_hand(shop: Shop) -> None:
    shop.programme(points_valid_days=1)
    member = shop.member()
    shop.buys(member, 1_000_000)
    given = give(shop, member, 5)
    undone = undo(shop, member, given.id)
    expire_due_lots(at=NOON + timedelta(days=3))

    for kind in ("earn", "expire", "reverse"):
        entry = Entry.objects.get(kind=kind, wallet__unit="points")
        with pytest.raises(Conflict):
            undo(shop, member, entry.pk)
    assert undone.id == Entry.objects.get(kind="reverse").pk


def test_an_entry_of_another_member_is_not_found(shop: Shop) -> None:
    member, other = shop.member(), shop.member()
    given = give(shop, other, 5)

    for entry_id in (given.id, 0, 2**63, 10**9):
        with pytest.raises(NotFound):
            undo(shop, member, entry_id)


def test_a_gift_given_and_undone_brings_no_tier_nearer_or_further(shop: Shop) -> None:
    Tier.objects.create(code="silver", name="نقره‌ای", rank=1, threshold=1_000, metric="points")
    member = shop.member(opening_points=70)
    shop.buys(member, 1_000_000)

    def reached() -> int:
        return ladder(member.pk, NOON)[0].reached

    assert reached() == 80
    undo(shop, member, give(shop, member, 500).id)
    assert reached() == 80
    undo(shop, member, Entry.objects.get(kind="opening").pk)
    assert reached() == 10


# --- at once ----------------------------------------------------------------------------------------------------------


def undone_twice_at_once(shop: Shop) -> Counter[str]:
    member = shop.member()
    given = give(shop, member, 100)

    def act(key: str) -> str:
        return undo(shop, member, given.id, key=f"{given.id}-{key}").kind

    answers = in_threads(shop.club.pk, [partial(act, "a"), partial(act, "b")], keep_errors=True)
    return Counter(answer if isinstance(answer, str) else type(answer).__name__ for answer in answers)


def test_of_two_who_undo_an_entry_at_once_one_succeeds(committed_shop: Shop) -> None:
    for _round in range(5):
        assert undone_twice_at_once(committed_shop) == {"reverse": 1, "EntryAlreadyReversed": 1}
    assert verify_value() == []


def test_twin_without_the_lock_the_second_is_not_refused_cleanly(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_read = threading.Barrier(2, timeout=SECONDS)
    undo_in_memory = adjustments._undo

    def undo_together(*args: Any) -> None:
        both_have_read.wait()
        undo_in_memory(*args)

    monkeypatch.setattr(adjustments, "_undo", undo_together)
    monkeypatch.setattr(adjustments, "lock_book", partial(adjustments.lock_book, lock=False))

    outcome = undone_twice_at_once(committed_shop)

    assert outcome["reverse"] == 1 and outcome["EntryAlreadyReversed"] == 0
    assert verify_value() == []  # the version in the writing statement still turned the second into an error
