"""The tiers' scheduled jobs, called in a club's scope; each answers what it did."""

from datetime import datetime

from club.tiers.granting import end_grants
from club.tiers.review import review


def end_tiers_for_a_time(*, now: datetime) -> str:
    """End the tiers that were given to a moment that has passed."""
    return f"{end_grants(at=now)} members looked at"


def review_tiers(*, now: datetime) -> str:
    """Bring every member to the tier that the figures of today reach, downward after the grace."""
    done = review(at=now)
    return f"{done.risen} rose, {done.fallen} fell, {done.warned} warned, {done.left} left for the next run"
