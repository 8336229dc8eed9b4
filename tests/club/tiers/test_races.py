"""The review by three workers at once, and beside a purchase; and the twin without the lock."""

from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from club.members.models import Member, TierChange
from club.tiers import review as reviewing
from club.tiers.models import Tier
from club.tiers.review import review
from core.models import DomainEvent
from sms.models import OutboxMessage
from tests.club.tiers.test_review import NIGHT, YEAR
from tests.shop import Shop
from tests.threads import in_threads


def about_to_fall(shop: Shop) -> Member:
    shop.tiers()
    Tier.objects.update(window_days=365, downgrade="to_fitting")
    member = shop.member(enrolled_at=NIGHT - 2 * YEAR)
    shop.buys(member, 60_000_000, now=NIGHT - YEAR - timedelta(days=1))
    return member


def falls(member: Member) -> tuple[int, int, int]:
    return (
        TierChange.objects.filter(member=member, from_code="gold").count(),
        DomainEvent.objects.filter(kind="tier.changed", member_id=member.pk, data__from="gold").count(),
        OutboxMessage.objects.filter(kind="tier_changed", member_id=member.pk).count(),
    )


def thrice(shop: Shop) -> None:
    in_threads(shop.club.pk, [lambda: review(at=NIGHT)] * 3)


def all_judge_before_one_writes(monkeypatch: pytest.MonkeyPatch, runs: int) -> None:
    """As it would be without the lock: every run has read when the first begins to write."""
    judge, read = reviewing._judge, Barrier(runs)

    def slowly(*given: Any) -> Any:
        found = judge(*given)
        read.wait(30)
        return found

    monkeypatch.setattr(reviewing, "hold_books", lambda _ids: None)
    monkeypatch.setattr(reviewing, "_judge", slowly)


def test_three_runs_at_once_take_a_tier_once_and_tell_it_once(committed_shop: Shop) -> None:
    member = about_to_fall(committed_shop)

    thrice(committed_shop)

    assert falls(member) == (1, 1, 1)


def test_twin_without_the_lock_it_is_told_three_times(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    member = about_to_fall(committed_shop)
    all_judge_before_one_writes(monkeypatch, 3)

    thrice(committed_shop)

    assert falls(member) == (3, 3, 3)


def test_who_buys_between_the_search_and_the_fall_keeps_the_tier(committed_shop: Shop) -> None:
    member = about_to_fall(committed_shop)
    due = reviewing._due(NIGHT)
    committed_shop.buys(member, 50_000_000, now=NIGHT)

    reviewing._review(due, NIGHT)

    assert due == [member.pk]
    assert (Member.objects.get(pk=member.pk).tier_code, falls(member)) == ("gold", (0, 0, 0))
