"""The proof of the ledger, and the seals that make tampering show: set-based SQL over one club."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from club.ledger.models import Entry, Seal
from core.jalali import day_bounds, local_date
from core.tenancy.scope import current_club_id

FIRST = "0" * 64
LATE = timedelta(hours=1)


@dataclass(frozen=True)
class Fault:
    """A wallet (0: the chain of seals) for which something does not hold, and what."""

    wallet_id: int
    what: str


def verify_ledger() -> list[Fault]:
    """Every fault of the club in scope; an empty list proves it.

    sum(entries) = balance = sum(lots remaining) (a debt has no lots), seq without gaps, each balance_after the
    running sum, allocations add up for each lot and each entry, the seals as they were made.
    """
    faults = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30min'")
        for what, sql in PROOFS.items():
            cursor.execute(sql, {"club": current_club_id()})
            faults += [Fault(row[0], what) for row in cursor.fetchall()]
    return faults + _broken_seals()


def seal_ledger(*, now: datetime) -> int:
    """Seal every day that ended an hour ago and has no seal yet; how many days it were."""
    last = Seal.objects.order_by("-day").first()
    first_entry = Entry.objects.order_by("created_at", "id").first()
    if first_entry is None:
        return 0
    day = last.day + timedelta(days=1) if last else local_date(first_entry.created_at)
    sealed, previous = 0, last.digest if last else FIRST
    while day_bounds(day)[1] + LATE <= now:
        count, digest = _digest(day, previous)
        Seal.objects.create(day=day, entries=count, previous=previous, digest=digest)
        previous, day, sealed = digest, day + timedelta(days=1), sealed + 1
    return sealed


def _broken_seals() -> list[Fault]:
    previous = FIRST
    for seal in Seal.objects.order_by("day"):
        count, digest = _digest(seal.day, previous)
        if (seal.entries, seal.previous, seal.digest) != (count, previous, digest):
            return [Fault(0, f"the seal of {seal.day} does not fit its entries")]
        previous = seal.digest
    return []


def _digest(day: date, previous: str) -> tuple[int, str]:
    start, end = day_bounds(day)
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, {"club": current_club_id(), "start": start, "end": end, "previous": previous})
        count, digest = cursor.fetchone()
    return count, digest


DIGEST = """
SELECT count(*), encode(sha256(convert_to(%(previous)s || coalesce(string_agg(concat_ws('|',
    id, wallet_id, seq, delta, balance_after, kind, document, cause, lot_id, reverses_id, reason, actor,
    extract(epoch FROM occurred_at), extract(epoch FROM created_at)), E'\\n' ORDER BY id), ''), 'UTF8')), 'hex')
FROM ledger_entry WHERE club_id = %(club)s AND created_at >= %(start)s AND created_at < %(end)s
"""
PROOFS = {
    "the balance is not the sum of the entries": """
        SELECT w.id FROM ledger_wallet w
        LEFT JOIN (SELECT wallet_id, sum(delta) AS total FROM ledger_entry
                   WHERE club_id = %(club)s GROUP BY wallet_id) e ON e.wallet_id = w.id
        WHERE w.club_id = %(club)s AND w.balance <> coalesce(e.total, 0)""",
    "the balance is not what remains in the lots": """
        SELECT w.id FROM ledger_wallet w
        LEFT JOIN (SELECT wallet_id, sum(remaining) AS total FROM ledger_lot
                   WHERE club_id = %(club)s GROUP BY wallet_id) l ON l.wallet_id = w.id
        WHERE w.club_id = %(club)s
          AND coalesce(l.total, 0) <> CASE WHEN w.unit IN ('points', 'credit') THEN w.balance ELSE 0 END""",
    "the entries have a gap in their sequence": """
        SELECT w.id FROM ledger_wallet w
        LEFT JOIN (SELECT wallet_id, count(*) AS n, max(seq) AS last, min(seq) AS first
                   FROM ledger_entry WHERE club_id = %(club)s GROUP BY wallet_id) e ON e.wallet_id = w.id
        WHERE w.club_id = %(club)s
          AND (w.version <> coalesce(e.last, 0) OR coalesce(e.n, 0) <> coalesce(e.last, 0)
               OR coalesce(e.first, 1) <> 1)""",
    "a balance after an entry is not the running sum": """
        SELECT DISTINCT wallet_id FROM (
            SELECT wallet_id, balance_after, sum(delta) OVER (PARTITION BY wallet_id ORDER BY seq) AS running
            FROM ledger_entry WHERE club_id = %(club)s) e WHERE balance_after <> running""",
    "a lot is not what its allocations left of it": """
        SELECT DISTINCT l.wallet_id FROM ledger_lot l
        LEFT JOIN (SELECT lot_id, sum(amount) AS taken FROM ledger_allocation
                   WHERE club_id = %(club)s GROUP BY lot_id) a ON a.lot_id = l.id
        WHERE l.club_id = %(club)s AND l.remaining <> l.amount - coalesce(a.taken, 0)""",
    "an entry's allocations are not its amount": """
        SELECT DISTINCT e.wallet_id FROM ledger_entry e
        JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
        LEFT JOIN (SELECT entry_id, sum(amount) AS moved FROM ledger_allocation
                   WHERE club_id = %(club)s GROUP BY entry_id) a ON a.entry_id = e.id
        WHERE e.club_id = %(club)s AND w.unit IN ('points', 'credit')
          AND coalesce(a.moved, 0) <> CASE WHEN e.lot_id IS NOT NULL THEN 0 ELSE -e.delta END""",
    "an entry took from another wallet's lot": """
        SELECT DISTINCT e.wallet_id FROM ledger_allocation a
        JOIN ledger_entry e ON e.club_id = a.club_id AND e.id = a.entry_id
        JOIN ledger_lot l ON l.club_id = a.club_id AND l.id = a.lot_id
        WHERE a.club_id = %(club)s AND e.wallet_id <> l.wallet_id""",
    "a lot is not what its entry brought in": """
        SELECT DISTINCT l.wallet_id FROM ledger_lot l
        LEFT JOIN ledger_entry e ON e.club_id = l.club_id AND e.wallet_id = l.wallet_id AND e.seq = l.seq
        WHERE l.club_id = %(club)s AND (e.id IS NULL OR e.delta <> l.amount OR e.lot_id IS DISTINCT FROM l.id)""",
}
