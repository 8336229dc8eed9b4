"""The moment of an act that a caller tells us of: it may lie in the past, not in the future."""

from datetime import datetime, timedelta

AHEAD = timedelta(minutes=5)  # the clocks of two machines differ by a little


def is_ahead(at: datetime, now: datetime) -> bool:
    """Whether the moment lies further ahead than clocks differ."""
    return at > now + AHEAD
