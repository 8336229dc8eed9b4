"""Two workers at one campaign, and two campaigns at one member: once, and no more than the club sends; and the twins."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from crm.campaigns import running
from crm.campaigns.drafting import get_campaign
from crm.campaigns.models import Campaign, CampaignMember, ContactPolicy
from sms.models import SmsSettings
from tests.crm.campaigns.acts import begin, draft, messages, outcomes
from tests.shop import NOON, Shop
from tests.threads import in_threads


def by_two_workers(shop: Shop, campaign: Campaign) -> list[Any]:
    """Both believe that they have it, as after a heartbeat that came too late."""
    for _each in range(12):
        shop.member()
    SmsSettings.objects.get_or_create()
    taken = running.claim(NOON)
    assert taken is not None

    def run() -> str:
        return running._do(taken, NOON)

    return in_threads(shop.club.pk, [run, run], keep_errors=True)


def test_two_workers_at_one_campaign_write_to_each_member_once(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 4)
    campaign = begin(draft())

    told = by_two_workers(committed_shop, campaign)

    assert all(isinstance(one, str) for one in told), told
    found = get_campaign(campaign.pk)
    assert (found.done, outcomes(found), len(messages(found))) == (12, {"sent": 12}, 12)


def test_twin_without_the_held_row_the_two_get_in_each_others_way(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 4)
    monkeypatch.setattr(running, "lock_policy", lambda: None)
    monkeypatch.setattr(running, "hold", lambda campaign: Campaign.objects.get(pk=campaign.pk))
    campaign = begin(draft())

    told = by_two_workers(committed_shop, campaign)

    found = get_campaign(campaign.pk)
    assert any(isinstance(one, IntegrityError) for one in told) or found.done != 12


def at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two campaigns, each worked on by somebody, to members who may have one message a week."""
    for _each in range(6):
        shop.member()
    ContactPolicy.objects.create(most_a_week=1)
    SmsSettings.objects.get_or_create()
    taken = [running.claim(NOON) for _campaign in (begin(draft(), key="a"), begin(draft(), key="b"))]
    acts: list[Callable[[], Any]] = [lambda one=one: running._do(one, NOON) for one in taken]  # type: ignore[misc]
    in_threads(shop.club.pk, acts)


def written_to() -> QuerySet[CampaignMember]:
    return CampaignMember.objects.filter(outcome="sent")


def test_two_campaigns_at_once_write_no_more_to_a_member_than_the_club_sends(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once(committed_shop, monkeypatch)

    assert (written_to().count(), CampaignMember.objects.filter(outcome="policy").count()) == (6, 6)


def test_twin_without_the_lock_of_the_policy_a_member_gets_one_too_many(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    both, write = threading.Barrier(2, timeout=60), running.write_batch

    def write_together(*args: Any, **options: Any) -> list[int]:
        ids = write(*args, **options)
        if ids:
            both.wait()  # nobody commits before both have written
        return ids

    monkeypatch.setattr(running, "lock_policy", lambda: None)
    monkeypatch.setattr(running, "write_batch", write_together)

    at_once(committed_shop, monkeypatch)

    assert written_to().count() == 12
