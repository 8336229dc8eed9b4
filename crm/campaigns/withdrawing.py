"""The notices of a campaign taken off the panels: some at once, the rest behind the page."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from core import audit
from core.errors import Conflict
from crm.campaigns import states
from crm.campaigns.drafting import get_campaign
from crm.campaigns.models import Campaign
from crm.campaigns.running import AT_ONCE, CHANGED, CHUNK, LOOKED_AFTER, wake_later
from crm.notices.services import withdraw_told


def withdraw(campaign_id: int, *, actor: str, now: datetime) -> None:
    """Take its notices off every panel and write no more; who read one has read it. Raises NotFound, Conflict."""
    with transaction.atomic(durable=True):
        campaign = get_campaign(campaign_id, lock=True)
        is_notice = campaign.channel == Campaign.Channel.PANEL
        if not is_notice or campaign.withdrawn_at or not states.may("withdraw", campaign.status):
            raise Conflict(CHANGED)
        if campaign.status in states.ACTIVE:
            campaign.status, campaign.stopped_at = Campaign.Status.STOPPED, now
        campaign.withdrawn_at, campaign.withdrawn_by, campaign.figured_at = now, actor, None
        campaign.save(
            update_fields=["status", "stopped_at", "withdrawn_at", "withdrawn_by", "figured_at", "updated_at"]
        )
        for _chunk in range(AT_ONCE):
            if not _take_off(campaign):
                break
        noted = {"name": campaign.name}
        audit.record("campaign.withdraw", actor=actor, target=campaign.document, before={}, after=noted)
        wake_later()


def lately(now: datetime) -> Q:
    """Which were withdrawn lately: notices of a large one may be left."""
    return Q(withdrawn_at__gt=now - LOOKED_AFTER)


def finish(*, now: datetime) -> None:
    """Take off what is left of the withdrawn campaigns of this club, so many in a transaction."""
    for campaign in Campaign.objects.filter(lately(now)):
        while _take_off(campaign):
            pass


def _take_off(campaign: Campaign) -> int:
    if campaign.withdrawn_at is None:
        return 0
    return withdraw_told(campaign.document, by=campaign.withdrawn_by, at=campaign.withdrawn_at, most=CHUNK)
