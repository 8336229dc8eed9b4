"""The tiers' scheduled jobs, called in a club's scope; each answers what it did."""

from datetime import datetime

from club.tiers.granting import end_grants


def end_tiers_for_a_time(*, now: datetime) -> str:
    """End the tiers that were given to a moment that has passed."""
    return f"{end_grants(at=now)} members looked at"
