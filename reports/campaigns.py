"""What a campaign brought: who was written to beside who was held out by lot, by what both bought in the days after."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from core.tenancy.scope import current_club_id
from crm.campaigns.models import Campaign
from reports.effect.enough import Counted, Lack, lack_of
from reports.effect.statistics import Difference, Sums, difference

BEFORE = timedelta(days=90)
SENT, CONTROL = "sent", "control"


@dataclass(frozen=True)
class Side:
    """One of the two groups: members, who of them bought, their purchases, and the sums of what each spent in Rial."""

    members: int
    buyers: int
    visits: int
    sums: Sums

    @property
    def share(self) -> float:
        """Which part of them bought."""
        return self.buyers / self.members if self.members else 0.0

    @property
    def bought(self) -> Sums:
        """The same with 1 for who bought and 0 for who did not, to hold the shares against one another."""
        return Sums(self.members, self.buyers, 0, self.buyers, 0, 0)


@dataclass(frozen=True)
class CampaignEffect:
    """Both groups over the first `days` since the campaign began, `over` of which have passed.

    `each`: by how many Rial who was written to spent more; `share`: by which part more of them bought; both with their
    interval of 95%, both None where there is nothing to compare or too little, as `lack` says.
    """

    days: int
    over: int
    sent: Side
    control: Side | None
    lack: Lack | None
    each: Difference | None
    share: Difference | None


def campaign_effect(campaign: Campaign, *, now: datetime) -> CampaignEffect | None:
    """What it brought so far, in one query; None where it has not begun.

    Who was erased, or has taken over another record since it began, is left out.
    """
    if campaign.began_at is None:
        return None
    end = min(campaign.began_at + timedelta(days=campaign.effect_days), now)
    asked: dict[str, Any] = {
        "club": current_club_id(),
        "campaign": campaign.pk,
        "start": campaign.began_at,
        "end": end,
        "before": campaign.began_at - BEFORE,
    }
    with connection.cursor() as cursor:
        cursor.execute(SIDES, asked)
        found = {row[0]: _side(row[1:]) for row in cursor.fetchall()}
    sent, control = found.get(SENT, _side((0,) * 8)), found.get(CONTROL)
    over = (end - campaign.began_at).days
    lack, each, share = None, None, None
    if control:
        lack = lack_of(Counted(sent.members, sent.buyers), Counted(control.members, control.buyers), days=over)
        if lack is None:
            each, share = difference(sent.sums, control.sums), difference(sent.bought, control.bought)
    return CampaignEffect(campaign.effect_days, over, sent, control, lack, each, share)


def _side(row: tuple[int, ...]) -> Side:
    members, buyers, visits, *sums = (int(value) for value in row)
    return Side(members, buyers, visits, Sums(members, *sums))


SIDES = """
WITH people AS (
    SELECT c.member_id AS id, c.outcome FROM campaigns_campaignmember c
    JOIN members_member m ON m.club_id = c.club_id AND m.id = c.member_id AND m.status <> 'erased'
    WHERE c.club_id = %(club)s AND c.campaign_id = %(campaign)s AND c.outcome IN ('sent', 'control')
        AND c.member_id NOT IN (
            SELECT o.merged_into_id FROM members_member o
            JOIN core_domainevent e ON e.club_id = o.club_id AND e.member_id = o.merged_into_id
                AND e.kind = 'member.merged' AND e.occurred_at >= %(start)s
            WHERE o.club_id = %(club)s AND o.merged_into_id IS NOT NULL)
), spent AS (
    SELECT p.member_id,
        sum(p.net - p.refunded) FILTER (WHERE p.occurred_at >= %(start)s) AS y,
        sum(p.net - p.refunded) FILTER (WHERE p.occurred_at < %(start)s) AS x,
        count(*) FILTER (WHERE p.occurred_at >= %(start)s) AS visits
    FROM purchases_purchase p JOIN people ON people.id = p.member_id
    WHERE p.club_id = %(club)s AND NOT p.fully_refunded
        AND p.occurred_at >= %(before)s AND p.occurred_at < %(end)s
    GROUP BY p.member_id
), each AS (
    SELECT people.id, people.outcome, coalesce(s.y, 0)::numeric AS y, coalesce(s.x, 0)::numeric AS x,
        coalesce(s.visits, 0) AS visits
    FROM people LEFT JOIN spent s ON s.member_id = people.id
)
SELECT outcome, count(*), count(*) FILTER (WHERE visits > 0), sum(visits),
    sum(y), sum(x), sum(y * y), sum(x * x), sum(x * y)
FROM each GROUP BY outcome
"""
