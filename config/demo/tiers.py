"""Tiers over time in a demo club: one given to the end of the year, and one that is about to be lost."""

from datetime import datetime, timedelta

from club.members.models import Member
from club.tiers.models import Grace
from club.tiers.review import review
from club.tiers.services import set_tier_floor, update_tier
from core.jalali import day_bounds, end_of_period, local_date

WINDOW, GRACE = 365, 45
BEGAN = timedelta(days=5)


def count_by_year(codes: list[str], *, actor: str) -> None:
    """Have what was bought within a year count, and who no longer reaches a tier fall by a step after a grace."""
    for code in codes:
        update_tier(code, {"window_days": WINDOW, "downgrade": "one_step", "grace_days": GRACE}, actor=actor)


def show_tiers_over_time(top: str, *, actor: str, now: datetime) -> None:
    """Give one member the top tier to the end of the year, and begin another's grace in it; once."""
    below = Member.objects.filter(status=Member.Status.ACTIVE).exclude(phone=None).exclude(tier_code=top)
    given, losing = below.order_by("-spent_rial", "pk")[:2]
    if Grace.objects.exists():
        return
    year_end = day_bounds(end_of_period(local_date(now), "year"))[1]
    set_tier_floor(given.pk, top, actor=actor, at=now, until=year_end)
    set_tier_floor(losing.pk, top, actor=actor, at=now - GRACE * timedelta(days=1))
    set_tier_floor(losing.pk, None, actor=actor, at=now - BEGAN)
    review(at=now - BEGAN)
