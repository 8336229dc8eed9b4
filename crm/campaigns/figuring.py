"""What became of campaigns, summed up now and then and kept: a page that asks again and again reads one row."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from crm.campaigns import states
from crm.campaigns.models import Campaign
from crm.campaigns.selectors import Figures, figures_of

FRESH, PER_SECOND, MOST = timedelta(seconds=10), 2_000, timedelta(minutes=2)
"""Sums are good for so long, and a second longer for so many messages each: a large campaign moves slowly."""
SETTLED = timedelta(days=4)
"""No provider tells of a message for longer than three days."""


def kept_figures(campaigns: Sequence[Campaign], *, now: datetime) -> dict[int, Figures]:
    """The figures of each of these campaigns, no older than a moment: no query where all are fresh."""
    stale = [one for one in campaigns if one.status in states.BEGUN and not _is_fresh(one, now)]
    summed = figures_of([one.pk for one in stale]) if stale else {}
    for one in stale:
        one.figures, one.figured_at = asdict(summed.get(one.pk, Figures())), now
    if stale:
        Campaign.objects.bulk_update(stale, ["figures", "figured_at"])
    return {one.pk: Figures(**one.figures) for one in campaigns}


def _is_fresh(campaign: Campaign, now: datetime) -> bool:
    if campaign.figured_at is None:
        return False
    kept = Figures(**campaign.figures)
    if _is_settled(campaign, kept, campaign.figured_at):
        return True
    return now - campaign.figured_at < min(FRESH + timedelta(seconds=kept.written / PER_SECOND), MOST)


def _is_settled(campaign: Campaign, kept: Figures, figured_at: datetime) -> bool:
    """Whether nothing of it moves any more; a notice may be read for as long as it stands."""
    ended_at = campaign.stopped_at if campaign.status == Campaign.Status.STOPPED else campaign.finished_at
    if ended_at is None or kept.queued or campaign.status in states.ACTIVE:
        return False
    stands = timedelta(days=campaign.notice_days) if campaign.channel == Campaign.Channel.PANEL else timedelta(0)
    return figured_at > ended_at + SETTLED + stands
