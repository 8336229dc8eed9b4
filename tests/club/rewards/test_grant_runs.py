"""Gifts to lists: once to each whatever dies or is run again, of any size, stopped, gone on with, and taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from club.awards import grant_runs
from club.awards.granting import GrantOrder, start_grant
from club.ledger.models import Entry
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.merging import merge_members
from club.purchases.orders import PayWith, PurchaseOrder
from club.rewards.errors import RewardOutOfStock
from club.rewards.models import Grant, GrantMember, Redemption, Reward
from core import runs
from core.errors import Conflict, ValidationFailed
from core.models import AuditEntry
from sms.models import OutboxMessage
from tests.rewarding import reward, uses
from tests.shop import NOON, Shop

POINTS = GrantOrder("p", gives="points", amount=50, reason="جشن")


def granted(order: GrantOrder, members: list[Member], *, run: bool = True) -> Grant:
    """Start it, and let a worker do it."""
    grant = start_grant(order, [one.pk for one in members], actor="user:1", now=NOON)
    if run:
        grant_runs.work(now=NOON)
    grant.refresh_from_db()
    return grant


def points(members: list[Member]) -> list[int]:
    return [balances(one.pk, NOON).points for one in members]


def outcomes(grant: Grant) -> list[str]:
    return list(GrantMember.objects.filter(grant=grant).order_by("member").values_list("outcome", flat=True))


@pytest.fixture
def five(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[Member]:
    """Five members, worked through by two."""
    monkeypatch.setattr(grant_runs, "BATCH", 2)
    return [shop.member() for _number in range(5)]


def test_points_reach_each_of_the_list_once_with_the_reason(shop: Shop, five: list[Member]) -> None:
    Member.objects.filter(pk=five[1].pk).update(status=Member.Status.BLOCKED)

    grant = granted(POINTS, five)
    again = granted(POINTS, five)

    assert points(five) == [50, 0, 50, 50, 50]
    assert (grant.status, grant.asked, grant.done, grant.given) == ("done", 5, 5, 4)
    assert again.pk == grant.pk and again.given == 4
    assert AuditEntry.objects.get(action="reward.grant").after["reason"] == "جشن"
    assert set(Entry.objects.filter(document__startswith="grant:").values_list("reason", flat=True)) == {"جشن"}
    assert shop.proven()


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_worker_that_dies_after_any_batch_leaves_nothing_twice_and_nothing_out(
    shop: Shop, five: list[Member], after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = granted(POINTS, five, run=False)
    real, seen = grant_runs.give_batch, []

    def dies(*what: object, **how: object) -> int:
        made = real(*what, **how)  # type: ignore[arg-type]
        seen.append(made)
        if len(seen) > after:
            raise SystemExit
        return made

    monkeypatch.setattr(grant_runs, "give_batch", dies)
    with pytest.raises(SystemExit):
        grant_runs.work(now=NOON)
    monkeypatch.setattr(grant_runs, "give_batch", real)
    assert sum(points(five)) == 100 * after
    assert grant_runs.work(now=NOON) == "nothing to give", "whoever tells of itself is not gone"

    Grant.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    grant_runs.work(now=NOON)

    grant.refresh_from_db()
    assert (points(five), grant.given, grant.status, grant.deaths) == ([50] * 5, 5, "done", 1)
    assert shop.proven()


def test_a_worker_that_lost_the_run_to_another_writes_no_more(shop: Shop, five: list[Member]) -> None:
    grant = granted(POINTS, five, run=False)
    first = runs.claim(Grant.objects.filter(runs.waiting()))
    assert first
    Grant.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    grant_runs.work(now=NOON)

    assert grant_runs._do(first, NOON).endswith("another's")

    grant.refresh_from_db()
    assert (points(five), grant.given) == ([50] * 5, 5)


def test_stopped_it_waits_behind_what_is_done_and_goes_on(
    shop: Shop, five: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = granted(POINTS, five, run=False)
    real = grant_runs.give_batch

    def stops(*what: object, **how: object) -> int:
        made = real(*what, **how)  # type: ignore[arg-type]
        monkeypatch.setattr(grant_runs, "give_batch", real)
        Grant.objects.update(status="stopped")
        return made

    monkeypatch.setattr(grant_runs, "give_batch", stops)
    grant_runs.work(now=NOON)
    assert grant_runs.get_grant(grant.pk).status == "stopped"
    with pytest.raises(Conflict):
        grant_runs.stop(grant.pk, actor="user:1")

    grant_runs.go_on(grant.pk, actor="user:1")
    grant_runs.work(now=NOON)

    assert points(five) == [50] * 5
    assert shop.proven()


def test_undone_it_takes_back_what_nobody_used_and_leaves_the_rest(shop: Shop, five: list[Member]) -> None:
    shop.programme(points_spendable=True, point_worth=10, rial_per_point=None)
    grant = granted(POINTS, five)
    shop.buy(PurchaseOrder(member_id=five[0].pk, amount=1_000, pay_with=PayWith(points=10)))

    grant_runs.undo(grant.pk, actor="user:2")
    grant_runs.work(now=NOON)

    grant.refresh_from_db()
    assert (points(five), grant.undone) == ([40, 0, 0, 0, 0], 4)
    assert outcomes(grant) == ["used", "undone", "undone", "undone", "undone"]
    with pytest.raises(Conflict):
        grant_runs.undo(grant.pk, actor="user:2")
    assert AuditEntry.objects.filter(action="reward.grant_undo", actor="user:2").count() == 1
    assert shop.proven()


def test_credit_comes_with_its_sms(shop: Shop, five: list[Member]) -> None:
    granted(GrantOrder("c", gives="credit", amount=100_000, reason="عید"), five)

    assert [balances(one.pk, NOON).credit for one in five] == [100_000] * 5
    assert OutboxMessage.objects.filter(kind="credit_granted").count() == 5
    assert shop.proven()


def test_vouchers_of_a_list_are_cancelled_with_it_where_nobody_used_them(shop: Shop, five: list[Member]) -> None:
    reward(stock=10)
    grant = granted(GrantOrder("v", reward="drink"), five)
    uses(Redemption.objects.get(member=five[2]).pk)

    grant_runs.undo(grant.pk, actor="user:1")
    grant_runs.work(now=NOON)

    assert list(Redemption.objects.order_by("member").values_list("status", flat=True)) == [
        "cancelled", "cancelled", "used", "cancelled", "cancelled",
    ]  # fmt: skip
    assert Reward.objects.get().taken == 1
    assert shop.proven()


def test_where_there_is_not_one_for_each_nobody_gets_any_and_one_that_runs_out_stops(
    shop: Shop, five: list[Member]
) -> None:
    made = reward(stock=4)
    order = GrantOrder("v", reward="drink")
    with pytest.raises(RewardOutOfStock):
        granted(order, five)
    Reward.objects.filter(pk=made.pk).update(stock=5)
    grant = granted(order, five, run=False)
    Reward.objects.filter(pk=made.pk).update(stock=4)
    grant_runs.work(now=NOON)

    grant.refresh_from_db()
    assert (grant.status, grant.given, Redemption.objects.count()) == ("stopped", 4, 4)
    assert "تمام شده است" in grant.error


def test_a_record_merged_meanwhile_stands_for_the_one_left(shop: Shop, five: list[Member]) -> None:
    outside = shop.member()
    grant = granted(POINTS, five, run=False)
    merge_members(five[0].pk, into_id=outside.pk, actor="user:1", key="m1", now=NOON)
    merge_members(five[1].pk, into_id=five[2].pk, actor="user:1", key="m2", now=NOON)

    grant_runs.work(now=NOON)

    grant.refresh_from_db()
    assert points([outside, five[2], five[3], five[4]]) == [50] * 4
    assert grant.given == 4
    assert shop.proven()


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (GrantOrder("k", gives="points", amount=0, reason="x"), "amount"),
        (GrantOrder("k", gives="credit", amount=10), "reason"),
        (GrantOrder("k"), "name"),
    ],
)
def test_what_is_missing_is_named(shop: Shop, five: list[Member], order: GrantOrder, field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        granted(order, five)
    assert field in refused.value.errors
