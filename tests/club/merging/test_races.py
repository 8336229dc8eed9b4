"""A merge against purchases and against another merge, at the same moment."""

import threading
from typing import Any

import pytest
from django.db import models, transaction

from club.ledger.models import Wallet
from club.ledger.selectors import balances
from club.members.models import Member
from club.members.selectors import get_member
from club.purchases import merging, reckoning, services
from club.purchases.models import Purchase
from club.purchases.proof import verify_value
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
