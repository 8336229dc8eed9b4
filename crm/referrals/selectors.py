"""Reading referrals: what one member has brought, who brought the most, and where they came from."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count, F, Min, Q, Sum
from django.urls import reverse

from club.members.models import Member
from core.tenancy.scope import current_club, current_club_id
from crm.referrals.models import LinkClicks, Referral, ReferralReward, ShownReferrer
from sms.wording import portal_link

State, Review = ReferralReward.State, Referral.Review
LEADERS = 10


@dataclass(frozen=True)
class Counts:
    """How often a link was opened, who joined and bought by it, and the Rial that it brought."""

    clicks: int
    enrolled: int
    bought: int
    earned: int


@dataclass(frozen=True)
class Friend:
    """One who was brought, as the referrer may see it. `reward` is Rial, from `due_at` on where it is on its way."""

    id: int
    first_name: str
    joined_at: datetime
    has_bought: bool
    is_returned: bool
    is_held: bool
    is_refused: bool
    reward: int
    on_its_way: int
    due_at: datetime | None


@dataclass(frozen=True)
class Leader:
    """A place among those who brought the most friends who bought."""

    member_id: int
    place: int
    friends: int
    name: str


@dataclass(frozen=True)
class Channel:
    """What came by one network: openings of links, who joined and who has bought by members' and by agents' links.

    `spent` is the Rial that all of them have spent. Every person counts once, and stands in one network.
    """

    network: str
    clicks: int = 0
    joined_by_members: int = 0
    joined_by_agents: int = 0
    bought_by_members: int = 0
    bought_by_agents: int = 0
    spent: int = 0

    @property
    def joined(self) -> int:
        """Who joined by anybody's link."""
        return self.joined_by_members + self.joined_by_agents

    @property
    def bought(self) -> int:
        """Who of them has bought."""
        return self.bought_by_members + self.bought_by_agents


def link_of(code: str, network: str = "") -> str:
    """The short address of a code, with the network that it will stand in."""
    return links_of([code], network)[code]


def links_of(codes: Collection[str], network: str = "") -> dict[str, str]:
    """The same for many, in one query."""
    base, query = portal_link(current_club()), f"?{urlencode({'s': network})}" if network else ""
    return {code: f"{base}{reverse('portal:invited', args=[code])}{query}" for code in codes}


def clicks_of(code: str) -> int:
    """How often the links of a code were opened, wherever they stood."""
    return int(LinkClicks.objects.filter(code=code).aggregate(n=Sum("clicks"))["n"] or 0)


def counts_of(member: Member) -> Counts:
    """What the member's link has brought, in three queries."""
    clicks = clicks_of(member.referral_code)
    own = Referral.objects.filter(referrer=member)
    counted = own.aggregate(all=Count("pk"), bought=Count("pk", filter=Q(converted_at__isnull=False)))
    paid = ReferralReward.objects.filter(referral__referrer=member, state=State.PAID)
    earned = paid.aggregate(n=Sum(F("amount") - F("taken")))["n"] or 0
    return Counts(clicks, counted["all"], counted["bought"], int(earned))


def friends_of(member_id: int, *, limit: int, before: int | None = None) -> list[Friend]:
    """Whom the member has brought, the newest first; `before` is the id of the last one already shown."""
    rows = Referral.objects.filter(referrer=member_id).select_related("friend").order_by("-pk")
    found = list((rows if before is None else rows.filter(pk__lt=before))[:limit])
    rewards: dict[int, list[ReferralReward]] = {}
    for reward in ReferralReward.objects.filter(referral__in=[row.pk for row in found]).order_by("pk"):
        rewards.setdefault(reward.referral_id, []).append(reward)
    return [_friend(row, rewards.get(row.pk, [])) for row in found]


def leaders(*, limit: int = LEADERS) -> list[tuple[int, int]]:
    """(member, friends who bought) of those who brought the most, first to reach it first; what is doubtful is out."""
    rows = Referral.objects.filter(converted_at__isnull=False).exclude(review__in=[Review.HELD, Review.REFUSED])
    ranked = rows.values("referrer").annotate(n=Count("pk"), since=Min("converted_at")).order_by("-n", "since")
    return [(row["referrer"], row["n"]) for row in ranked[:limit]]


def shown_leaders(*, limit: int = LEADERS) -> list[Leader]:
    """The same for members: shortened names, and only of those who want to be seen."""
    found = leaders(limit=limit)
    ids = [member_id for member_id, _friends in found]
    shown = set(ShownReferrer.objects.filter(member__in=ids).values_list("member_id", flat=True))
    people = Member.objects.in_bulk(ids)
    return [
        Leader(member_id, place, friends, _short(people[member_id]) if member_id in shown else "")
        for place, (member_id, friends) in enumerate(found, start=1)
    ]


def rewards_given() -> int:
    """The Rial that members have had for their friends, less what came back."""
    return int(ReferralReward.objects.filter(state=State.PAID).aggregate(n=Sum(F("amount") - F("taken")))["n"] or 0)


def desk_leaders(*, limit: int = LEADERS) -> list[Leader]:
    """Who brought the most, by the whole name, for the staff."""
    found = leaders(limit=limit)
    people = Member.objects.in_bulk([member_id for member_id, _friends in found])
    return [
        Leader(member_id, place, friends, str(people[member_id]))
        for place, (member_id, friends) in enumerate(found, start=1)
    ]


@dataclass(frozen=True)
class Case:
    """A referral as a manager judges it: `waits` is the Rial that the decision would give."""

    referral: Referral
    waits: int


def cases(review: str, *, limit: int, before: int | None = None) -> list[Case]:
    """The referrals in this state of review: of those held the oldest first, of decided ones the newest.

    `before` is the id of the last one already shown.
    """
    held = review == Review.HELD
    rows = Referral.objects.filter(review=review).select_related("friend", "referrer")
    if before is not None:
        rows = rows.filter(pk__gt=before) if held else rows.filter(pk__lt=before)
    found = list(rows.order_by("pk" if held else "-pk")[:limit])
    waiting = ReferralReward.objects.filter(referral__in=[row.pk for row in found]).exclude(state=State.CANCELLED)
    sums = dict(waiting.values_list("referral").annotate(n=Sum(F("amount") - F("taken"))))
    return [Case(row, int(sums.get(row.pk, 0))) for row in found]


def count_held() -> int:
    """How many wait for a manager."""
    return Referral.objects.filter(review=Review.HELD).count()


def is_shown(member_id: int) -> bool:
    """Whether the member wants to stand there by name."""
    return ShownReferrer.objects.filter(member=member_id).exists()


def channels() -> list[Channel]:
    """What each network has brought, the one with most buyers first; "" is a link without a network."""
    with connection.cursor() as cursor:
        cursor.execute(CHANNELS, {"club": current_club_id()})
        return [Channel(*row) for row in cursor.fetchall()]


def in_all(networks: Iterable[Channel]) -> Channel:
    """The sums of all networks: the same people as the rows."""
    found = list(networks)
    sums = [name for name in (one.name for one in fields(Channel)) if name != "network"]
    return Channel("", **{name: sum(getattr(row, name) for row in found) for name in sums})


def _short(member: Member) -> str:
    last = f" {member.last_name[0]}." if member.last_name else ""
    return f"{member.first_name}{last}".strip()


def _friend(row: Referral, rewards: list[ReferralReward]) -> Friend:
    waiting = [one for one in rewards if one.state == State.WAITING]
    return Friend(
        id=row.pk,
        first_name=row.friend.first_name,
        joined_at=row.joined_at,
        has_bought=row.converted_at is not None,
        is_returned=row.converted_at is None and row.first_purchase_id is not None,
        is_held=row.review == Review.HELD,
        is_refused=row.review == Review.REFUSED,
        reward=sum(one.left for one in rewards if one.state == State.PAID),
        on_its_way=sum(one.left for one in waiting),
        due_at=min((one.due_at for one in waiting), default=None),
    )


CHANNELS = """
WITH clicked AS (
    SELECT source AS network, sum(clicks) AS clicks FROM referrals_linkclicks WHERE club_id = %(club)s GROUP BY 1
), brought AS (
    SELECT CASE WHEN source LIKE 'referral:%%' THEN substr(source, 10) ELSE '' END AS network,
        agent_code_id IS NOT NULL AS by_agent, first_purchase_at IS NOT NULL AS has_bought, spent_rial
    FROM members_member
    WHERE club_id = %(club)s AND (referred_by_id IS NOT NULL OR agent_code_id IS NOT NULL) AND merged_into_id IS NULL
), came AS (
    SELECT network, count(*) FILTER (WHERE NOT by_agent) AS by_members, count(*) FILTER (WHERE by_agent) AS by_agents,
        count(*) FILTER (WHERE has_bought AND NOT by_agent) AS bought_by_members,
        count(*) FILTER (WHERE has_bought AND by_agent) AS bought_by_agents, sum(spent_rial) AS spent
    FROM brought GROUP BY 1
)
SELECT network, coalesce(clicks, 0)::bigint, coalesce(by_members, 0), coalesce(by_agents, 0),
    coalesce(bought_by_members, 0), coalesce(bought_by_agents, 0), coalesce(spent, 0)::bigint
FROM clicked FULL JOIN came USING (network)
ORDER BY coalesce(bought_by_members + bought_by_agents, 0) DESC, coalesce(by_members + by_agents, 0) DESC, 2 DESC, 1
"""
