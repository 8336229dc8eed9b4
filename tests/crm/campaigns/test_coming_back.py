"""A campaign that was only scheduled, or stopped before a word was written, is a draft again; no other is."""

from datetime import timedelta

import pytest

from club.ledger.selectors import balances
from club.rewards.models import Grant
from core.errors import Conflict
from core.models import AuditEntry
from crm.campaigns import running
from crm.campaigns.drafting import bring_back, delete_draft, get_campaign, update_draft
from crm.campaigns.models import Campaign
from sms.models import OutboxMessage
from tests.crm.campaigns.acts import begin, draft, messages, outcomes, send
from tests.shop import NOON, Shop

LATER = NOON + timedelta(hours=5)


def back(campaign: Campaign) -> Campaign:
    return bring_back(campaign.pk, actor="user:1", now=NOON)


@pytest.mark.parametrize("stopped_first", [True, False])
def test_what_was_only_scheduled_is_changed_and_sent_as_it_is_then(shop: Shop, stopped_first: bool) -> None:
    member = shop.member()
    OutboxMessage.objects.all().delete()
    campaign = begin(draft(starts_at=LATER, gives="points", amount=10, text="{club} {points}"))
    if stopped_first:
        running.stop(campaign.pk, actor="user:1", now=NOON)

    back(campaign)

    update_draft(campaign.pk, {"amount": 25, "starts_at": None}, actor="user:1")
    assert not Grant.objects.exists(), "the gift as it was is nobody's"
    begin(get_campaign(campaign.pk), key="again")
    running.work(now=NOON)
    assert outcomes(campaign) == {"sent": 1} and len(messages(campaign)) == 1
    assert balances(member.pk, NOON).points == 25
    assert AuditEntry.objects.filter(action="campaign.to_draft").count() == 1


def test_it_is_deleted_and_nothing_of_it_leaves_at_its_time(shop: Shop) -> None:
    shop.member()
    OutboxMessage.objects.all().delete()
    campaign = begin(draft(starts_at=LATER))

    back(campaign)
    assert running.work(now=LATER) == "nothing to send"
    delete_draft(campaign.pk, actor="user:1")

    assert not Campaign.objects.exists() and not OutboxMessage.objects.exists()


def test_the_form_that_sent_it_does_not_send_the_draft_again(shop: Shop) -> None:
    campaign = begin(draft(starts_at=LATER), key="once")
    back(campaign)

    with pytest.raises(Conflict):
        begin(get_campaign(campaign.pk), key="once")


def test_its_time_that_has_passed_meanwhile_is_forgotten(shop: Shop) -> None:
    campaign = begin(draft(starts_at=LATER))
    running.stop(campaign.pk, actor="user:1", now=NOON)

    assert bring_back(campaign.pk, actor="user:1", now=LATER).starts_at is None


def test_one_of_which_something_was_written_or_that_a_worker_has_stays(shop: Shop) -> None:
    shop.member()
    written, taken = send(), begin(draft(), key="b")
    running.stop(written.pk, actor="user:1", now=NOON)
    running.claim(NOON)

    for campaign in (written, taken):
        with pytest.raises(Conflict):
            back(campaign)
