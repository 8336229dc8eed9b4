"""Everybody who was brought, with by whom and what it came to: what a file of referrals holds."""

from dataclasses import dataclass

from django.db.models import Q

from club.members.models import Member
from crm.referrals.models import Referral, ReferralReward

State = ReferralReward.State


@dataclass(frozen=True)
class Brought:
    """Somebody whom a member or an agent has brought. Rial; `referral` is None for who came by an agent."""

    friend: Member
    referral: Referral | None
    given: int
    waiting: int


def brought_page(*, limit: int, before: int | None = None) -> list[Brought]:
    """Who was brought, the newest first: every person once, as the table of networks counts them.

    `before` is the id of the last friend of the page before. Three queries.
    """
    people = Member.objects.filter(Q(referred_by__isnull=False) | Q(agent_code__isnull=False), merged_into=None)
    people = people.select_related("referred_by", "agent_code").order_by("-pk")
    friends = list((people if before is None else people.filter(pk__lt=before))[:limit])
    referrals = {row.friend_id: row for row in Referral.objects.filter(friend__in=[one.pk for one in friends])}
    rewards: dict[int, list[ReferralReward]] = {}
    for reward in ReferralReward.objects.filter(referral__in=[row.pk for row in referrals.values()]):
        rewards.setdefault(reward.referral_id, []).append(reward)
    return [_brought(friend, referrals.get(friend.pk), rewards) for friend in friends]


def _brought(friend: Member, referral: Referral | None, rewards: dict[int, list[ReferralReward]]) -> Brought:
    own = rewards.get(referral.pk, []) if referral else []
    given = sum(one.left for one in own if one.state == State.PAID)
    return Brought(friend, referral, given, sum(one.left for one in own if one.state in (State.WAITING, State.HELD)))
