"""The proof of the ledger, and the seals that make tampering show: set-based SQL over one club."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from club.ledger.models import MEMBER_UNITS, Entry, Seal
from core import events
from core.jalali import day_bounds, local_date
from core.tenancy.scope import current_club_id

FIRST = "0" * 64
LATE = timedelta(hours=1)
SEALED = "ledger.sealed"


@dataclass(frozen=True)
class Fault:
    """A wallet (0: none, what does not hold names itself) for which something does not hold, and what."""

    wallet_id: int
    what: str

    def __str__(self) -> str:
        return f"wallet {self.wallet_id}: {self.what}" if self.wallet_id else self.what


def verify_ledger() -> list[Fault]:
    """Every fault of the ledger of the club in scope; an empty list proves it.

    sum(entries) = balance = sum(lots remaining) (a debt has no lots), seq without gaps, each balance_after the
    running sum, allocations add up for each lot and each entry, every entry as its digest knows it, the seals as they
    were made and all of them there. What the documents say of it is `club.purchases.proof`'s.
    """
    faults = [Fault(wallet_id, what) for what, sql in PROOFS.items() for wallet_id in found(sql)]
    faults += [Fault(0, f"member {member_id} has not one wallet of each unit") for member_id in found(WALLETLESS)]
    faults += [Fault(0, f"entry {entry_id}, made by hand, is not there") for entry_id in found(BY_HAND_GONE)]
    return faults + _broken_seals() + _lost_seals()


def found(sql: str, **named: Any) -> list[int]:
    """The ids a proof of the club in scope answers; it may read for longer than a page may."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30min'")
        # All of the club is read. Right after 50,000 members came in, before they were counted, the planner takes a few
        # for all there are and compares each with each, for many minutes.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(sql, {"club": current_club_id(), "units": len(MEMBER_UNITS), **named})
        return [row[0] for row in cursor.fetchall()]


def seal_ledger(*, now: datetime) -> int:
    """Seal every day that ended an hour ago and has no seal yet; how many days it were.

    These are days of Tehran for every club: a club that moves to another zone moves no seal.
    """
    last = Seal.objects.order_by("-day").first()
    first_entry = Entry.objects.order_by("created_at", "id").first()
    if first_entry is None:
        return 0
    day = last.day + timedelta(days=1) if last else local_date(first_entry.created_at)
    sealed, previous = 0, last.digest if last else FIRST
    while (end := day_bounds(day)[1]) + LATE <= now:
        previous = _seal(day, previous, ended_at=end)
        day, sealed = day + timedelta(days=1), sealed + 1
    return sealed


@transaction.atomic
def _seal(day: date, previous: str, *, ended_at: datetime) -> str:
    form = Seal.Form.ENTRIES_WITH_DIGEST
    count, digest = _digest(day, previous, form)
    Seal.objects.create(day=day, form=form, entries=count, previous=previous, digest=digest)
    facts = {"day": day.isoformat(), "entries": count, "digest": digest}
    events.emit(SEALED, document=f"seal:{day}", occurred_at=ended_at, data=facts)
    return digest


def _broken_seals() -> list[Fault]:
    """The first seal that does not fit what it was made over: its entries, and the seal of the day before."""
    previous, day = FIRST, None
    for seal in Seal.objects.order_by("day"):
        if day is None and Entry.objects.filter(created_at__lt=day_bounds(seal.day)[0]).exists():
            return [Fault(0, f"there are entries older than the first seal, that of {seal.day}")]
        count, digest = _digest(seal.day, previous, seal.form)
        made = (seal.day, seal.entries, seal.previous, seal.digest)
        if made != (day or seal.day, count, previous, digest):
            return [Fault(0, f"the seal of {seal.day} does not fit its entries")]
        previous, day = seal.digest, seal.day + timedelta(days=1)
    return []


def _lost_seals() -> list[Fault]:
    """The days that were sealed once and whose seal is gone, or is another one now."""
    with connection.cursor() as cursor:
        cursor.execute(LOST_SEALS, {"club": current_club_id(), "kind": SEALED})
        return [Fault(0, f"the seal of {day} is not the one that was made") for (day,) in cursor.fetchall()]


def _digest(day: date, previous: str, form: int) -> tuple[int, str]:
    start, end = day_bounds(day)
    club = current_club_id()
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, {"club": club, "start": start, "end": end, "previous": previous, "form": form})
        count, digest = cursor.fetchone()
    return count, digest


# The first form left an entry's own digest out; a missing field leaves no trace in the joined text.
DIGEST = """
SELECT count(*), encode(sha256(convert_to(%(previous)s || coalesce(string_agg(concat_ws('|',
    id, wallet_id, seq, delta, balance_after, kind, document, cause, lot_id, reverses_id, reason, actor,
    extract(epoch FROM occurred_at), extract(epoch FROM created_at),
    CASE WHEN %(form)s = 2 THEN digest END), E'\\n' ORDER BY id), ''), 'UTF8')), 'hex')
FROM ledger_entry WHERE club_id = %(club)s AND created_at >= %(start)s AND created_at < %(end)s
"""
LOST_SEALS = """
SELECT e.data->>'day' FROM core_domainevent e
LEFT JOIN ledger_seal s ON s.club_id = e.club_id AND s.day = (e.data->>'day')::date
WHERE e.club_id = %(club)s AND e.kind = %(kind)s AND s.digest IS DISTINCT FROM e.data->>'digest'
ORDER BY 1
"""
# What was done by hand is told in an event, too: nothing else would miss the last entry of a wallet.
BY_HAND_GONE = """
SELECT split_part(v.document, ':', 2)::bigint FROM core_domainevent v
LEFT JOIN ledger_entry e ON e.club_id = v.club_id AND 'entry:' || e.id = v.document
WHERE v.club_id = %(club)s AND v.kind = 'value.adjusted' AND e.delta IS DISTINCT FROM (v.data->>'delta')::bigint
"""
WALLETLESS = """
SELECT m.id FROM members_member m LEFT JOIN ledger_wallet w ON w.club_id = m.club_id AND w.member_id = m.id
WHERE m.club_id = %(club)s GROUP BY m.id HAVING count(w.id) <> %(units)s
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
          AND coalesce(l.total, 0) <> CASE WHEN w.unit IN ('points', 'credit', 'gift') THEN w.balance ELSE 0 END""",
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
    "an entry was written before the one that it follows": """
        SELECT DISTINCT wallet_id FROM (
            SELECT wallet_id, id, lag(id) OVER (PARTITION BY wallet_id ORDER BY seq) AS before
            FROM ledger_entry WHERE club_id = %(club)s) e WHERE id < before""",
    "an entry, its lot or its allocations are not as they were written": """
        SELECT DISTINCT e.wallet_id FROM ledger_entry e
        JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
        LEFT JOIN ledger_lot l ON l.club_id = e.club_id AND l.id = e.lot_id
        LEFT JOIN (SELECT a.entry_id, jsonb_agg(jsonb_build_array(l.seq, a.amount) ORDER BY l.seq) AS took
                   FROM ledger_allocation a JOIN ledger_lot l ON l.club_id = a.club_id AND l.id = a.lot_id
                   WHERE a.club_id = %(club)s GROUP BY a.entry_id) t ON t.entry_id = e.id
        WHERE e.club_id = %(club)s AND e.digest <> ledger_entry_digest(
            e.wallet_id, w.member_id, w.unit, e.seq, e.delta, e.balance_after, e.kind, e.document, e.cause,
            e.reverses_id, e.reason, e.actor, e.occurred_at, l.document, l.usable_from, l.expires_at,
            coalesce(t.took, '[]'))""",
    "a merge brought in another amount than it took": """
        SELECT min(e.wallet_id) FROM ledger_entry e
        JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
        WHERE e.club_id = %(club)s AND e.kind = 'merge' GROUP BY e.document, w.unit HAVING sum(e.delta) <> 0""",
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
        WHERE e.club_id = %(club)s AND w.unit IN ('points', 'credit', 'gift')
          AND coalesce(a.moved, 0) <> CASE WHEN e.lot_id IS NOT NULL THEN 0 ELSE -e.delta END""",
    "what was let go is not what was told, or what is claimed of it not what was taken": """
        WITH people AS (
            SELECT w.id AS wallet_id, w.unit, coalesce(m.merged_into_id, m.id) AS person FROM ledger_wallet w
            JOIN members_member m ON m.club_id = w.club_id AND m.id = w.member_id WHERE w.club_id = %(club)s
        ), told AS (
            SELECT substr(document, 8)::bigint AS id, data, occurred_at FROM core_domainevent
            WHERE club_id = %(club)s AND kind = 'value.let_go' AND document LIKE 'let_go:%%'
        ), kept AS (
            SELECT p.person, p.unit, min(g.wallet_id) AS wallet_id, sum(g.claimed) AS claimed
            FROM ledger_letgo g JOIN people p ON p.wallet_id = g.wallet_id WHERE g.club_id = %(club)s GROUP BY 1, 2
        ), taken AS (
            SELECT p.person, p.unit, min(e.wallet_id) AS wallet_id, -sum(e.delta) AS amount
            FROM ledger_entry e JOIN people p ON p.wallet_id = e.wallet_id
            WHERE e.club_id = %(club)s AND e.kind = 'take_back' AND e.cause LIKE '%%:let_go' GROUP BY 1, 2
        )
        SELECT coalesce(k.wallet_id, t.wallet_id) FROM kept k FULL JOIN taken t USING (person, unit)
        WHERE coalesce(k.claimed, 0) <> coalesce(t.amount, 0)
        UNION ALL
        SELECT coalesce(g.wallet_id, (t.data->>'wallet')::bigint)
        FROM (SELECT * FROM ledger_letgo WHERE club_id = %(club)s) g FULL JOIN told t USING (id)
        LEFT JOIN people held ON held.wallet_id = g.wallet_id
        LEFT JOIN people once ON once.wallet_id = (t.data->>'wallet')::bigint
        WHERE (g.amount, g.after, g.document, g.occurred_at, held.person, held.unit) IS DISTINCT FROM
            ((t.data->>'amount')::bigint, (t.data->>'after')::bigint, t.data->>'of', t.occurred_at,
             once.person, once.unit)""",
    "an entry took from another wallet's lot": """
        SELECT DISTINCT e.wallet_id FROM ledger_allocation a
        JOIN ledger_entry e ON e.club_id = a.club_id AND e.id = a.entry_id
        JOIN ledger_lot l ON l.club_id = a.club_id AND l.id = a.lot_id
        WHERE a.club_id = %(club)s AND e.wallet_id <> l.wallet_id""",
    "value that ends without purchases has another end than the last purchase gives it": """
        SELECT DISTINCT l.wallet_id FROM ledger_lot l
        JOIN ledger_wallet w ON w.club_id = l.club_id AND w.id = l.wallet_id
        JOIN members_member m ON m.club_id = w.club_id AND m.id = w.member_id
        CROSS JOIN LATERAL (SELECT greatest(l.usable_from, m.last_purchase_at)
            + make_interval(days => l.idle_days) AS at) due
        WHERE l.club_id = %(club)s AND l.remaining > 0 AND l.idle_days IS NOT NULL
          AND (l.idle_ends_at > due.at + interval '30 hours' -- to the end of a day, in whichever zone
               OR l.idle_ends_at < due.at - interval '6 hours' -- less only where it had ended before
                  AND l.idle_ends_at > coalesce(m.last_purchase_at, '-infinity'))""",
    "a lot is not what its entry brought in": """
        SELECT DISTINCT l.wallet_id FROM ledger_lot l
        LEFT JOIN ledger_entry e ON e.club_id = l.club_id AND e.wallet_id = l.wallet_id AND e.seq = l.seq
        WHERE l.club_id = %(club)s AND (e.id IS NULL OR e.delta <> l.amount OR e.lot_id IS DISTINCT FROM l.id)""",
}
