"""Campaigns in tests, in one line each."""

from collections import Counter
from datetime import datetime
from typing import Any

from crm.campaigns import running
from crm.campaigns.drafting import create_draft, fingerprint, get_campaign
from crm.campaigns.models import Campaign
from sms.models import OutboxMessage
from tests.shop import NOON

TEXT = "{club}\nسلام {name}"


def draft(**said: Any) -> Campaign:
    """A draft to everybody."""
    return create_draft({"name": "یلدا", "text": TEXT, **said}, actor="user:1")


def begin(campaign: Campaign, *, key: str = "k", now: datetime = NOON) -> Campaign:
    """The draft, sent as it is; nobody has worked on it yet."""
    return running.send(campaign.pk, key=key, seen=fingerprint(campaign), actor="user:1", now=now)


def send(*, now: datetime = NOON, **said: Any) -> Campaign:
    """A campaign that was sent and worked through."""
    campaign = begin(draft(**said), now=now)
    running.work(now=now)
    return get_campaign(campaign.pk)


def outcomes(campaign: Campaign) -> Counter[str]:
    return Counter(campaign.members.values_list("outcome", flat=True))


def messages(campaign: Campaign) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(document=campaign.document).order_by("pk"))
