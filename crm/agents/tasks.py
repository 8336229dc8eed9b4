"""What agents' accounts need every morning."""

from datetime import datetime

from crm.agents.commissions import mature_commissions
from crm.agents.contracts import end_finished_contracts


def agents_daily(*, now: datetime) -> str:
    """End the contracts that are over, and make due what has been held long enough."""
    ended = end_finished_contracts(now=now)
    return f"{mature_commissions(now=now)} due, {ended} contracts ended"
