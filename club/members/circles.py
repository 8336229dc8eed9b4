"""Circles of referrers. An agent who is a member, too, by the same phone, is one person: the way up goes on there."""

from collections.abc import Collection

from club.members.models import AgentCode, Member


def membership_of(agent_phone: str) -> int | None:
    """The member whose phone, or a merged record's, is the agent's; None for an agent who is no member."""
    found = Member.objects.filter(phone=agent_phone).values_list("merged_into_id", "pk").first()
    return (found[0] or found[1]) if found else None


def comes_back(start: int | None, people: Collection[int]) -> bool:
    """Whether `start`, or who brought them by whatever code, and so on up, is one of these people."""
    above, seen = start, set[int]()
    while above is not None and above not in seen:
        if above in people:
            return True
        seen.add(above)
        above = _who_brought(above)
    return False


def agent_comes_back(agent: AgentCode, people: Collection[int]) -> bool:
    """The same from an agent's own membership upwards."""
    return comes_back(membership_of(agent.phone), people)


def _who_brought(member_id: int) -> int | None:
    by_member, agent_phone = Member.objects.values_list("referred_by_id", "agent_code__phone").get(pk=member_id)
    return by_member or (membership_of(agent_phone) if agent_phone else None)
