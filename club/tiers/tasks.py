"""The tiers' scheduled jobs, called in a club's scope; each answers what it did."""

from datetime import datetime

from club.tiers.granting import end_grants, warn_of_ends
from club.tiers.review import review


def end_tiers_for_a_time(*, now: datetime) -> str:
    """End the tiers that were given to a moment that has passed, and warn whose tier given by hand ends soon."""
    ended, warned = end_grants(at=now), warn_of_ends(at=now)
    return f"{ended} members looked at for an end, {warned} for a warning"


def review_tiers(*, now: datetime) -> str:
    """Bring every member to the tier that the figures of today reach, downward after the grace."""
    done = review(at=now)
    return f"{done.risen} rose, {done.fallen} fell, {done.warned} warned, {done.left} left for the next run"
