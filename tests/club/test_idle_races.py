"""Value that ends, while another run ends it too or its member buys: once, or not at all; and the twin without locks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from club.ledger import services
from club.ledger.models import Entry
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.orders import PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.services import record_inside
from tests.shop import Shop
from tests.threads import in_threads, until_somebody_waits_for_a_lock

# Ten days after NOON, the end of 11 Azar.
END = datetime(2026, 12, 2, 20, 30, tzinfo=UTC)


def idle(shop: Shop) -> Member:
    shop.programme(rial_per_point=100_000, points_idle_days=10)
    member = shop.member()
    shop.buys(member, 1_000_000)
    return member


def while_open(shop: Shop, act: Callable[[], Any]) -> list[Any]:
    """What the act answers, and the job that comes while the act's transaction is open."""
    begun = Event()

    def first() -> Any:
        with transaction.atomic():
            done = act()
            begun.set()
            until_somebody_waits_for_a_lock()
        return done

    def second() -> Any:
        begun.wait(60)
        return services.expire_due_lots(at=END)

    return in_threads(shop.club.pk, [first, second], keep_errors=True)


def ended(member: Member) -> int:
    return Entry.objects.filter(wallet__member=member, kind="expire").count()


def test_two_runs_at_once_end_a_lot_once(committed_shop: Shop) -> None:
    member = idle(committed_shop)

    done = while_open(committed_shop, lambda: services._expire_batch(END, 500))

    assert (done, ended(member), verify_value()) == ([1, 0], 1, [])


def test_twin_without_the_locks_the_second_run_breaks(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    member = idle(committed_shop)
    for name in ("LOCK_DUE", "EXPIRE"):
        monkeypatch.setattr(services, name, getattr(services, name).replace("FOR UPDATE", ""))

    done = while_open(committed_shop, lambda: services._expire_batch(END, 500))

    assert isinstance(done[1], IntegrityError)
    assert ended(member) == 1


def test_who_buys_in_the_last_minute_keeps_the_value_though_the_job_waits(committed_shop: Shop) -> None:
    member = idle(committed_shop)
    order = PurchaseOrder(member_id=member.pk, amount=500_000, occurred_at=END - timedelta(minutes=1))

    done = while_open(
        committed_shop, lambda: record_inside(order, actor="user:1", key=None, now=END - timedelta(minutes=1))
    )

    assert (done[1], ended(member), balances(member.pk, END).usable_points, verify_value()) == (0, 0, 15, [])
