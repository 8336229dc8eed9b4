"""Whether there is data enough to say what an offer brought, and how much is missing. Pure."""

from dataclasses import dataclass
from math import ceil

LEAST_MEMBERS = 30
LEAST_BUYERS = 10
LEAST_DAYS = 7
MOST_SKEWNESS = 0.25
"""Beyond it an interval of 95% would hold noticeably less often: some 0.23 × its square (Hall 1992, 2.6)."""


@dataclass(frozen=True)
class Counted:
    """What was counted of a group."""

    members: int
    buyers: int


@dataclass(frozen=True)
class Lack:
    """What is missing before a figure may be told.

    `members`: by so many the smaller group is too small; `days`: so many more with data, None where even the pace is
    unknown. A club whose few large purchases decide everything lacks members, too.
    """

    members: int = 0
    days: int | None = 0


def lack_of(treated: Counted, control: Counted, *, days: int) -> Lack | None:
    """What is missing by the counts alone; None where they are enough."""
    members = max(0, LEAST_MEMBERS - min(treated.members, control.members))
    buyers = min(treated.buyers, control.buyers)
    if not members and buyers >= LEAST_BUYERS and days >= LEAST_DAYS:
        return None
    if buyers >= LEAST_BUYERS:
        return Lack(members, max(0, LEAST_DAYS - days))
    if not buyers:
        return Lack(members, None if days >= LEAST_DAYS else LEAST_DAYS - days)
    return Lack(members, max(LEAST_DAYS, ceil(days * LEAST_BUYERS / buyers)) - days)


def lack_by_skewness(skew: float, *, smaller: int) -> Lack | None:
    """What is missing where few large purchases decide the difference: members of the smaller group."""
    if abs(skew) <= MOST_SKEWNESS:
        return None
    return Lack(ceil(smaller * (skew / MOST_SKEWNESS) ** 2) - smaller)
