"""Sixteen at once on a reward's stock, on one member's limit, and on one voucher: exactly what there is; and the twins."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from club.awards import redeeming
from club.awards.redeeming import RedeemOrder, redeem
from club.members.models import Member
from club.purchases.proof import verify_value
from club.rewards import vouchers
from club.rewards.models import Redemption, Reward
from core.tenancy.scope import current_club_id
from tests.rewarding import cancels, reward, takes, uses, with_points
from tests.shop import NOON, Shop
from tests.threads import AT_ONCE, SECONDS, in_threads

WITHOUT_STOCK = vouchers.TAKE.replace(" AND (stock IS NULL OR taken + %(count)s <= stock)", "")


def at_once(acts: list[Callable[[], Any]]) -> Counter[str]:
    answers = in_threads(current_club_id(), acts, keep_errors=True)
    return Counter(type(one).__name__ if isinstance(one, Exception) else one.status for one in answers)


def sixteen_take(members: list[Member]) -> Counter[str]:
    orders = [(RedeemOrder(member.pk, "drink"), f"{number}") for number, member in enumerate(members)]
    return at_once(
        [lambda order=order, key=key: redeem(order, actor="user:1", key=key, now=NOON) for order, key in orders]
    )


@pytest.fixture
def all_have_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes anything before all sixteen have looked."""
    ready = threading.Barrier(AT_ONCE, timeout=SECONDS)
    take_stock = redeeming.take_stock

    def together(*args: Any) -> None:
        ready.wait()
        take_stock(*args)

    monkeypatch.setattr(redeeming, "take_stock", together)


@pytest.mark.usefixtures("all_have_read")
def test_of_five_in_stock_five_are_taken(committed_shop: Shop) -> None:
    reward(points=1, stock=5)

    outcome = sixteen_take([with_points(committed_shop.member(), 5) for _ in range(AT_ONCE)])

    assert outcome == {"issued": 5, "RewardOutOfStock": 11}
    assert Reward.objects.get().taken == Redemption.objects.count() == 5
    assert verify_value() == []


@pytest.mark.usefixtures("all_have_read")
def test_twin_without_the_condition_only_the_constraint_is_left(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    reward(points=1, stock=5)
    monkeypatch.setattr(vouchers, "TAKE", WITHOUT_STOCK)

    outcome = sixteen_take([with_points(committed_shop.member(), 5) for _ in range(AT_ONCE)])

    assert outcome == {"issued": 5, "IntegrityError": 11}


def test_the_limit_of_a_member_holds_for_sixteen_at_once(committed_shop: Shop) -> None:
    reward(points=1, per_member=1)

    outcome = sixteen_take([with_points(committed_shop.member(), 50)] * AT_ONCE)

    assert outcome == {"issued": 1, "Conflict": 15}


@pytest.mark.usefixtures("all_have_read")
def test_twin_without_the_lock_of_the_wallets_only_their_version_is_left(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    reward(points=1, per_member=1)
    lock_book, load_lots = redeeming.lock_book, redeeming.load_lots
    monkeypatch.setattr(redeeming, "lock_book", lambda member_id, **_lock: lock_book(member_id, lock=False))
    monkeypatch.setattr(redeeming, "load_lots", lambda book, **more: load_lots(book, lock=False, **more))

    outcome = sixteen_take([with_points(committed_shop.member(), 50)] * AT_ONCE)

    assert "Conflict" not in outcome, "each of them saw the limit free"
    assert outcome["issued"] + outcome["LostLock"] == AT_ONCE


def cancel_against_use(shop: Shop) -> Counter[str]:
    reward(points=10)
    number = takes(with_points(shop.member(), 10)).id
    return at_once([lambda: cancels(number), lambda: uses(number)] * 8)


def test_of_cancelling_and_using_exactly_one_wins(committed_shop: Shop) -> None:
    outcome = cancel_against_use(committed_shop)

    assert outcome["used"] + outcome["cancelled"] == 1, outcome
    assert sum(outcome[name] for name in ("VoucherUsed", "NothingToCancel", "Conflict")) == 15
    assert verify_value() == []


def test_twin_where_only_what_was_read_decides_several_win(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = threading.Barrier(AT_ONCE // 2, timeout=SECONDS)

    def unguarded(redemption: Redemption, status: str, **_more: Any) -> bool:
        if status == "used":
            ready.wait()
        return bool(Redemption.objects.filter(pk=redemption.pk).update(status=status))

    monkeypatch.setattr(redeeming, "close", unguarded)
    monkeypatch.setattr(redeeming, "check_usable", lambda *_args: None)

    outcome = cancel_against_use(committed_shop)

    assert outcome["used"] == 8
