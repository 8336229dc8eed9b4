"""Reads of campaigns: lists, how far one is, and what became of its messages."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from core.tenancy.scope import current_club_id
from crm.campaigns.models import Campaign, CampaignMember
from sms.models import Status

Outcome = CampaignMember.Outcome
READ, SHOWN, WITHDRAWN = "read", "shown", "withdrawn"
"""States of a notice, which needs no sending."""
ARRIVED = (Status.DELIVERED, READ)
ON_THE_WAY = (Status.SENT, Status.UNKNOWN, SHOWN, WITHDRAWN)
IN_QUEUE = (Status.QUEUED, Status.SENDING)


@dataclass
class Figures:
    """What became of a campaign: members by outcome, messages by state, those that failed by reason, parts and Rial."""

    outcomes: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    parts: int = 0
    cost: int = 0

    @property
    def written(self) -> int:
        """Messages that were written for somebody."""
        return self.outcomes.get(Outcome.SENT, 0)

    @property
    def control(self) -> int:
        """Members held out by lot."""
        return self.outcomes.get(Outcome.CONTROL, 0)

    @property
    def queued(self) -> int:
        """Messages that have not left yet."""
        return sum(self.states.get(state, 0) for state in IN_QUEUE)

    @property
    def left(self) -> int:
        """Messages that the provider took."""
        known = (*ARRIVED, *ON_THE_WAY, Status.UNDELIVERED, Status.BLOCKED)
        return sum(self.states.get(state, 0) for state in known)

    @property
    def delivered(self) -> int:
        """Messages that arrived, notices that were read."""
        return sum(self.states.get(state, 0) for state in ARRIVED)

    @property
    def failed(self) -> int:
        """Messages that did not arrive and will not."""
        lost = (Status.FAILED, Status.SKIPPED, Status.UNDELIVERED, Status.BLOCKED)
        return sum(self.states.get(state, 0) for state in lost)

    @property
    def left_out(self) -> list[tuple[str, int]]:
        """Why members got none, in words, the most frequent first; the control group is not among them."""
        rows = [(name, n) for name, n in self.outcomes.items() if name not in (Outcome.SENT, Outcome.CONTROL)]
        return [(str(Outcome(name).label), n) for name, n in sorted(rows, key=lambda row: -row[1])]


def campaigns(limit: int | None = None, *, before: int | None = None) -> list[Campaign]:
    """The newest first."""
    rows = Campaign.objects.select_related("segment", "offer").order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def figures_of(campaign_ids: Collection[int]) -> dict[int, Figures]:
    """The figures of each of these campaigns as of now, in one query over all their messages."""
    found: dict[int, Figures] = defaultdict(Figures)
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, [current_club_id(), list(campaign_ids)])
        for campaign, outcome, status, code, number, parts, cost in cursor.fetchall():
            one = found[campaign]
            one.outcomes[outcome] = one.outcomes.get(outcome, 0) + number
            if status:
                one.states[status] = one.states.get(status, 0) + number
            if code and status not in (*IN_QUEUE, *ON_THE_WAY):
                one.reasons[code] = one.reasons.get(code, 0) + number
            one.parts += int(parts)
            one.cost += int(cost)
    return found


@dataclass(frozen=True)
class Line:
    """What a campaign came to for one member, and what became of the message."""

    member_id: int
    name: str
    phone: str
    outcome: str
    status: str
    reason: str
    at: datetime


def lines_of(campaign_id: int, *, chunk: int = 1_000) -> Iterator[Line]:
    """Every member of the campaign, in the order in which they were written to."""
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(LINES, [current_club_id(), campaign_id, after, chunk])
            rows = cursor.fetchall()
        yield from (Line(*row) for row in rows)
        if len(rows) < chunk:
            return
        after = rows[-1][0]


def stopped_by_themselves() -> list[Campaign]:
    """Campaigns that stopped or failed without anybody's asking, and wait for somebody; the newest first."""
    states = (Campaign.Status.STOPPED, Campaign.Status.FAILED)
    return list(Campaign.objects.filter(status__in=states).exclude(error="").order_by("-id"))


# What became of a message, over whichever channel it went.
MESSAGES = """
LEFT JOIN LATERAL (
    SELECT o.status, o.error_code, o.error_text, o.parts, o.cost_rial FROM sms_outboxmessage o
    WHERE k.channel = 'sms' AND o.club_id = c.club_id AND o.id = c.message_id
    UNION ALL
    SELECT e.status, e.error_code, e.error_text, 0, 0 FROM club_mail_mail e
    WHERE k.channel = 'email' AND e.club_id = c.club_id AND e.id = c.message_id
    UNION ALL
    SELECT CASE WHEN EXISTS (SELECT 1 FROM notices_noticeread r WHERE r.club_id = n.club_id AND r.notice_id = n.id)
        THEN 'read' WHEN n.withdrawn_at IS NULL THEN 'shown' ELSE 'withdrawn' END, '', '', 0, 0
    FROM notices_notice n WHERE k.channel = 'panel' AND c.outcome = 'sent' AND n.club_id = c.club_id
        AND n.member_id = c.member_id AND n.document = 'campaign:' || k.id
) o ON true
"""
FIGURES = f"""
SELECT c.campaign_id, c.outcome, coalesce(o.status, ''), coalesce(o.error_code, ''), count(*),
    coalesce(sum(o.parts), 0), coalesce(sum(o.cost_rial), 0)
FROM campaigns_campaignmember c JOIN campaigns_campaign k ON k.club_id = c.club_id AND k.id = c.campaign_id
{MESSAGES}
WHERE c.club_id = %s AND c.campaign_id = ANY(%s)
GROUP BY 1, 2, 3, 4
"""  # noqa: S608
LINES = f"""
SELECT c.member_id, trim(m.first_name || ' ' || m.last_name), coalesce(m.phone, ''), c.outcome,
    coalesce(o.status, ''), coalesce(o.error_text, ''), c.at
FROM campaigns_campaignmember c JOIN campaigns_campaign k ON k.club_id = c.club_id AND k.id = c.campaign_id
JOIN members_member m ON m.club_id = c.club_id AND m.id = c.member_id
{MESSAGES}
WHERE c.club_id = %s AND c.campaign_id = %s AND c.member_id > %s ORDER BY c.member_id LIMIT %s
"""  # noqa: S608
