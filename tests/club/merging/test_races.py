"""A merge against purchases and against another merge, at the same moment."""

import threading
from typing import Any

import pytest
from django.db import OperationalError, models, transaction

from club.awards import grant_runs, granting
from club.awards.granting import GrantOrder, start_grant
from club.ledger.models import Wallet
from club.ledger.selectors import balances
from club.members.models import Member
from club.members.selectors import get_member
from club.purchases import erasure, merging, reckoning, refunds, services
from club.purchases.erasure import erase_member
from club.purchases.models import Purchase
from club.purchases.proof import verify_value
from club.purchases.refunds import RefundOrder, refund_purchase
from club.rewards.models import Redemption
from core.errors import Conflict
from tests.club.merging.conftest import merge
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads, until_somebody_waits_for_a_lock


def held_purchase(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Member, Member]:
    """A purchase that has the source's wallets when the merge comes, and ends only when the merge waits for them."""
    one, two = shop.member(opening_points=5), shop.member()
    holds, reckon = threading.Event(), reckoning._reckon

    def slowly(*args: Any, **more: Any) -> Any:
        outcome = reckon(*args, **more)
        holds.set()
        until_somebody_waits_for_a_lock()
        return outcome

    monkeypatch.setattr(reckoning, "_reckon", slowly)

    def merge_then() -> None:
        assert holds.wait(SECONDS)
        merge(one, two)

    in_threads(shop.club, [lambda: shop.buys(one, 1_000_000), merge_then])
    return one, two


def test_a_purchase_that_is_being_recorded_moves_with_the_member(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = held_purchase(committed_shop, monkeypatch)

    assert Purchase.objects.get().member_id == two.pk
    assert (balances(one.pk, NOON).points, balances(two.pk, NOON).points) == (0, 105)
    assert (get_member(two.pk).visits, get_member(one.pk).visits) == (1, 0)
    assert verify_value() == []


def test_a_purchase_that_waited_for_a_merge_is_the_survivors(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = late_purchase(committed_shop, monkeypatch)

    assert Purchase.objects.get().member_id == two.pk
    assert (balances(one.pk, NOON).points, balances(two.pk, NOON).points) == (0, 105)
    assert get_member(two.pk).visits == 1
    assert verify_value() == []


def test_a_purchase_that_waited_for_a_merge_keeps_nothing_of_the_dead_record_locked(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, write = [], services.write_purchase

    def looks_on(row: dict[str, Any], lines: Any) -> int:
        dead = Member.objects.get(merged_into=row["member"]).pk
        [locked] = in_threads(committed_shop.club, [lambda: lock_without_waiting(dead)])
        free.append(locked)
        return write(row, lines)

    monkeypatch.setattr(services, "write_purchase", looks_on)

    late_purchase(committed_shop, monkeypatch)

    assert free == [4]


def lock_without_waiting(member: int) -> int:
    with transaction.atomic():
        return len(Wallet.objects.select_for_update(nowait=True).filter(member=member))


def test_twin_without_the_look_after_the_lock_the_purchase_is_lost_to_a_dead_record(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reckoning, "_check_member", lambda *_args: None)

    one, _two = late_purchase(committed_shop, monkeypatch)

    assert Purchase.objects.get().member_id == one.pk
    assert balances(one.pk, NOON).points == 100


def late_purchase(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Member, Member]:
    """A purchase of the source that comes while the merge holds the wallets."""
    one, two = shop.member(opening_points=5), shop.member()
    holds, move = threading.Event(), merging.move_value

    def slowly(*args: Any, **more: Any) -> Any:
        holds.set()
        until_somebody_waits_for_a_lock()
        return move(*args, **more)

    monkeypatch.setattr(merging, "move_value", slowly)

    def buy_then() -> None:
        assert holds.wait(SECONDS)
        shop.buys(one, 1_000_000)

    in_threads(shop.club, [lambda: merge(one, two), buy_then])
    return one, two


def test_a_refund_of_what_was_bought_while_a_merge_waited_and_the_merge_do_not_wait_for_each_other(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _one, two = refunded_amid_a_merge(committed_shop, monkeypatch)

    assert get_member(two.pk).visits == 0
    assert Purchase.objects.get().fully_refunded
    assert verify_value() == []


def test_twin_without_a_second_look_at_the_purchases_one_of_the_two_is_a_deadlock(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "hold_purchases", lambda _members, lock_wallets: lock_wallets())

    with pytest.raises(OperationalError, match="deadlock"):
        refunded_amid_a_merge(committed_shop, monkeypatch)


def refunded_amid_a_merge(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Member, Member]:
    """A purchase comes in before the merge has the wallets; once it has them, the purchase is refunded."""
    one, two = shop.member(), shop.member()
    holds, move, lock = threading.Event(), merging.move_value, merging.lock_both
    bought: list[int] = []

    def late(*pair: int) -> Any:
        if not bought:
            bought.extend(receipt.id or 0 for receipt in in_threads(shop.club, [lambda: shop.buys(one, 1_000_000)]))
        return lock(*pair)

    def slowly(*args: Any, **more: Any) -> Any:
        holds.set()
        until_somebody_waits_for_a_lock()
        return move(*args, **more)

    def refund_then() -> None:
        assert holds.wait(SECONDS)
        refund_purchase(RefundOrder(bought[0]), actor="user:1", key="back", now=NOON)

    monkeypatch.setattr(merging, "lock_both", late)
    monkeypatch.setattr(merging, "move_value", slowly)
    in_threads(shop.club, [lambda: merge(one, two), refund_then])
    return one, two


def erased_amid_a_refund(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refund has the purchase when the erasure comes, and goes on only when the erasure waits."""
    member = shop.member()
    bought = shop.buys(member, 1_000_000).id or 0
    holds, locked = threading.Event(), refunds._locked_book

    def slowly(*args: Any, **more: Any) -> Any:
        holds.set()
        until_somebody_waits_for_a_lock()
        return locked(*args, **more)

    def erase_then() -> None:
        assert holds.wait(SECONDS)
        erase_member(member.pk, actor="user:1", reason="خواست", now=NOON)

    monkeypatch.setattr(refunds, "_locked_book", slowly)
    back = RefundOrder(bought)
    in_threads(shop.club, [lambda: refund_purchase(back, actor="user:1", key="back", now=NOON), erase_then])


def test_an_erasure_waits_for_a_refund_and_the_refund_not_for_it(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased_amid_a_refund(committed_shop, monkeypatch)

    assert verify_value() == []


def test_twin_without_holding_the_purchases_first_they_wait_for_each_other(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "hold_purchases", lambda _members, lock_wallets: lock_wallets())

    with pytest.raises(OperationalError, match="deadlock"):
        erased_amid_a_refund(committed_shop, monkeypatch)


def test_a_list_that_is_being_given_to_somebody_merged_is_the_survivors(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = committed_shop.member(), committed_shop.member()
    holds, give = threading.Event(), granting.hand_out

    def slowly(*args: Any) -> Any:
        made = give(*args)
        holds.set()
        until_somebody_waits_for_a_lock()
        return made

    def merge_then() -> None:
        assert holds.wait(SECONDS)
        merge(one, two)

    monkeypatch.setattr(granting, "hand_out", slowly)
    start_grant(GrantOrder("mugs", name="لیوان"), [one.pk, two.pk], actor="user:1", now=NOON)
    in_threads(committed_shop.club, [lambda: grant_runs.work(now=NOON), merge_then])

    assert list(Redemption.objects.values_list("member", flat=True)) == [two.pk, two.pk]
    assert verify_value() == []


def both_ways(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Member, Member]:
    """Two managers who merge the two into each other at once: both have looked before either begins."""
    one, two = shop.member(opening_points=5), shop.member(opening_points=7)
    looked, locked = threading.Barrier(2, timeout=SECONDS), merging.lock_both

    def together(*pair: int) -> object:
        looked.wait()
        return locked(*pair)

    monkeypatch.setattr(merging, "lock_both", together)

    def act(source: Member, into: Member) -> str:
        try:
            merge(source, into, key=f"{source.pk}-{into.pk}")
        except Conflict:
            return "refused"
        return "merged"

    return in_threads(shop.club, [lambda: act(one, two), lambda: act(two, one)]), one, two


def test_of_two_merges_in_a_circle_one_is_refused(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes, one, two = both_ways(committed_shop, monkeypatch)

    assert sorted(outcomes) == ["merged", "refused"]
    assert {get_member(one.pk).status, get_member(two.pk).status} == {"active", "erased"}
    assert Wallet.objects.filter(unit="points").aggregate(total=models.Sum("balance"))["total"] == 12
    assert verify_value() == []


def test_twin_without_the_second_look_both_are_gone(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_both", lambda found, source, into: (found[source], found[into]))

    outcomes, one, two = both_ways(committed_shop, monkeypatch)

    assert outcomes == ["merged", "merged"]
    assert {get_member(one.pk).status, get_member(two.pk).status} == {"erased"}
