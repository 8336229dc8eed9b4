"""The next reward of a member: which it is, and how many points are missing to it.

Said with every purchase, so that a process keeps the prices for a minute.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass

from django.db.models import F, Q

from club.rewards.models import Reward
from core.tenancy.scope import current_club_id

MOST_CLUBS = 500
SECONDS = 60
clock = time.monotonic
_kept: "OrderedDict[int, tuple[float, list[tuple[int, str]]]]" = OrderedDict()


@dataclass(frozen=True)
class Nearest:
    """The cheapest reward that the points do not reach yet, and how many are missing."""

    name: str
    points: int
    missing: int


def nearest_reward(points: int) -> Nearest | None:
    """What so many points are nearest to; None where they reach everything that there is."""
    for price, name in _prices():
        if price > points:
            return Nearest(name, price, price - points)
    return None


def within_reach(points: int) -> int:
    """How many rewards that are in stock so many points pay for, each for itself."""
    return sum(price <= points for price, _name in _prices())


def forget_nearest() -> None:
    """The catalogue of this club has changed."""
    _kept.pop(current_club_id(), None)


def _prices() -> list[tuple[int, str]]:
    club = current_club_id()
    known = _kept.pop(club, None)
    if known is None or clock() - known[0] >= SECONDS:
        in_stock = Q(stock=None) | Q(stock__gt=F("taken"))
        rows = Reward.objects.filter(in_stock, is_active=True).order_by("points", "position", "pk")
        known = clock(), list(rows.values_list("points", "name"))
    _kept[club] = known
    while len(_kept) > MOST_CLUBS:
        _kept.popitem(last=False)
    return known[1]
