"""The scheduled job over purchases and the ledger below them, called in a club's scope; it answers what it did."""

from datetime import datetime

from club.purchases.proof import verify_value
from core.jobs import JobFailed

SHOWN = 20


def prove(*, now: datetime) -> str:
    """Prove ledger and documents. Raises JobFailed with the first faults."""
    faults = verify_value()
    if faults:
        raise JobFailed(f"{len(faults)} faults: {'; '.join(str(fault) for fault in faults[:SHOWN])}")
    return "clean"
