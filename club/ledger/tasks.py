"""The ledger's scheduled jobs, called in a club's scope; each answers what it did."""

from datetime import datetime

from django.utils import timezone

from club.ledger.proof import seal_ledger
from club.ledger.services import expire_due_lots


def expire_value(*, now: datetime) -> str:
    """End the lots whose end has come by now."""
    return f"{expire_due_lots(at=now)} lots ended"


def seal(*, now: datetime) -> str:
    """Seal the days that are over. Never before the database's own clock: entries of an unfinished day may follow."""
    return f"{seal_ledger(now=min(now, timezone.now()))} days sealed"
