"""Tills at once on one round and on a mission's limit: one win, exactly the limit, and what happens without the guard."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from club.missions import services as defining
from club.missions.models import Mission, MissionWin
from club.purchases import services, winning
from club.purchases.orders import PurchaseOrder
from club.purchases.proof import verify_value
from tests.club.missions.cards import mission
from tests.shop import NOON, Shop
from tests.threads import AT_ONCE, SECONDS, in_threads


@pytest.fixture
def all_have_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody notes a win before all sixteen have read what was won: the worst moment there is."""
    ready = threading.Barrier(AT_ONCE, timeout=SECONDS)
    note = services.note_wins

    def together(*args: Any, **more: Any) -> Any:
        ready.wait()
        return note(*args, **more)

    monkeypatch.setattr(services, "note_wins", together)


def buying(members: list[int]) -> list[Callable[[], Any]]:
    return [
        lambda number=number, member=member: services.record_purchase(
            PurchaseOrder(member_id=member, amount=1_000), actor="user:1", key=f"race-{number}", now=NOON
        )
        for number, member in enumerate(members)
    ]


@pytest.mark.usefixtures("all_have_read")
def test_a_limit_is_given_exactly_so_often(committed_shop: Shop) -> None:
    members = [committed_shop.member().pk for _ in range(AT_ONCE)]
    five = mission(target=1, limit=5)

    in_threads(committed_shop.club.pk, buying(members))

    five.refresh_from_db()
    assert (five.won, MissionWin.objects.filter(mission=five).count()) == (5, 5)
    assert verify_value() == []


@pytest.mark.usefixtures("all_have_read")
def test_twin_that_only_reads_the_limit_gives_more(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read, then written: the condition is no part of the update."""
    members = [committed_shop.member().pk for _ in range(AT_ONCE)]
    five = mission(target=1, limit=5)
    seen = threading.Barrier(AT_ONCE, timeout=SECONDS)

    def careless(rule: Any, number: int, *, member_id: int, window: str, cause: str, at: Any) -> MissionWin | None:
        won = Mission.objects.values_list("won", flat=True).get(pk=rule.id)
        seen.wait()
        if won >= 5:
            return None
        return MissionWin.objects.create(
            mission_id=rule.id, member_id=member_id, window=window, number=number, target=1, cause=cause, occurred_at=at
        )

    monkeypatch.setattr(winning, "note_win", careless)

    in_threads(committed_shop.club.pk, buying(members))

    assert MissionWin.objects.filter(mission=five).count() == AT_ONCE


def test_tills_at_once_fill_a_round_of_one_member_once(committed_shop: Shop) -> None:
    member = committed_shop.member().pk
    card = mission(target=AT_ONCE, again="each")

    in_threads(committed_shop.club.pk, buying([member] * AT_ONCE))

    assert MissionWin.objects.filter(mission=card).count() == 1
    assert verify_value() == []


def test_twin_without_the_wallets_lock_the_round_is_refused_by_its_key(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that read before either wrote would both have it: the unique key lets one through."""
    member = committed_shop.member().pk
    card = mission(target=1)
    [rule] = winning.rules([card])
    once = threading.Barrier(2, timeout=SECONDS)

    def note() -> MissionWin | None:
        once.wait()
        return defining.note_win(rule, 1, member_id=member, window="", cause="purchase:1", at=NOON)

    outcome = in_threads(committed_shop.club.pk, [note, note], keep_errors=True)

    assert sorted(type(one).__name__ for one in outcome) == ["IntegrityError", "MissionWin"]
    assert MissionWin.objects.filter(mission=card).count() == 1
