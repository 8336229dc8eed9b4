"""Acts on the ledger by hand and by the clock: wallets of a new member, adjustments, reversals, expiry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from club.ledger.book import LostLock, load_lots, lock_book
from club.ledger.models import MEMBER_UNITS, Kind, Unit
from club.ledger.posting import Short
from club.members.models import Member
from core import audit
from core.errors import AppError, NotFound
from core.tenancy.scope import current_club_id


class InsufficientPoints(AppError):
    code = "insufficient_points"
    http_status = 409
    message = _("امتیاز کافی نیست.")


class InsufficientCredit(AppError):
    code = "insufficient_credit"
    http_status = 409
    message = _("اعتبار کافی نیست.")


INSUFFICIENT = {Unit.POINTS.value: InsufficientPoints, Unit.CREDIT.value: InsufficientCredit}


@dataclass(frozen=True)
class Opening:
    """Value that a new member brings along: whole points or Rial, from a moment on and up to an end (None: no end)."""

    unit: str
    amount: int
    at: datetime
    expires_at: datetime | None = None


def open_wallets(member_ids: Sequence[int]) -> None:
    """The four wallets of each new member."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN, {"club": current_club_id(), "members": [*member_ids], "units": [*MEMBER_UNITS]})


def give_openings(given: Sequence[tuple[int, Opening]], *, actor: str) -> None:
    """Bring opening value, each (member, value), into wallets that nothing has been posted to, in one statement."""
    if not given:
        return
    rows: dict[str, Any] = {
        "club": current_club_id(),
        "actor": actor,
        "kind": Kind.OPENING.value,
        "members": [member_id for member_id, _opening in given],
        "units": [opening.unit for _member, opening in given],
        "amounts": [opening.amount for _member, opening in given],
        "starts": [opening.at for _member, opening in given],
        "ends": [opening.expires_at for _member, opening in given],
    }
    with connection.cursor() as cursor:
        cursor.execute(GIVE_OPENINGS, rows)
        if cursor.fetchone()[0] != len(given):
            raise LostLock("an opening value belongs into a wallet that is new")


@transaction.atomic
def adjust(
    member_id: int,
    *,
    unit: str,
    delta: int,
    reason: str,
    actor: str,
    document: str,
    at: datetime,
    expires_at: datetime | None = None,
) -> None:
    """Give (delta > 0) or take value by hand inside the running transaction, with a reason.

    Raises NotFound, InsufficientPoints, InsufficientCredit.
    """
    book = lock_book(member_id)
    # After the lock, which an erasure takes too.
    if not Member.objects.filter(pk=member_id).exclude(status=Member.Status.ERASED).exists():
        raise NotFound
    load_lots(book)
    if delta > 0:
        book.earn(unit, delta, document, "adjust", at, expires_at=expires_at, kind=Kind.ADJUST, reason=reason)
    else:
        try:
            book.wallets[unit].spend(-delta, Kind.ADJUST, document, "adjust", at, reason=reason)
        except Short as short:
            raise INSUFFICIENT[unit](needed=short.needed, available=short.available) from short
    book.write(actor=actor)
    audit.record(
        "ledger.adjust",
        actor=actor,
        target=f"member:{member_id}",
        before={},
        after={"unit": unit, "delta": delta, "reason": reason},
    )


def expire_due_lots(*, at: datetime, batch: int = 500) -> int:
    """End the lots of this club whose end has come, a batch of members a transaction; how many lots it were."""
    total = 0
    while done := _expire_batch(at, batch):
        total += done
    return total


@transaction.atomic
def _expire_batch(at: datetime, batch: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5min'")
        cursor.execute(LOCK_DUE, {"club": current_club_id(), "at": at, "batch": batch})
        wallets = [row[0] for row in cursor.fetchall()]
        cursor.execute(EXPIRE, {"club": current_club_id(), "at": at, "wallets": wallets})
        return int(cursor.fetchone()[0])


OPEN = """
INSERT INTO ledger_wallet (club_id, member_id, unit, balance, version)
SELECT %(club)s, m.id, u.name, 0, 0 FROM unnest(%(members)s::bigint[]) WITH ORDINALITY AS m(id, place)
CROSS JOIN unnest(%(units)s::text[]) WITH ORDINALITY AS u(name, place) ORDER BY m.place, u.place
"""
# The members are said twice because the planner cannot look into the list and would read a small club end to end.
GIVE_OPENINGS = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(%(members)s::bigint[], %(units)s::text[], %(amounts)s::bigint[], %(starts)s::timestamptz[],
                         %(ends)s::timestamptz[]) AS g(member_id, unit, amount, starts, ends)
), moved AS (
    UPDATE ledger_wallet w SET balance = g.amount, version = 1 FROM given g
    WHERE w.club_id = %(club)s AND w.member_id = g.member_id AND w.unit = g.unit AND w.version = 0
      AND w.member_id = ANY(%(members)s::bigint[])
    RETURNING w.id, w.member_id, w.unit, 'member:' || w.member_id AS document, g.amount, g.starts, g.ends
), lots AS (
    INSERT INTO ledger_lot (club_id, wallet_id, seq, amount, remaining, document, usable_from, expires_at)
    SELECT %(club)s, id, 1, amount, amount, document, starts, ends FROM moved ORDER BY id
    RETURNING id, wallet_id, amount, document, usable_from, expires_at
), entries AS (
    INSERT INTO ledger_entry (club_id, wallet_id, seq, delta, balance_after, kind, document, cause, lot_id, reason,
                              actor, occurred_at, digest)
    SELECT %(club)s, l.wallet_id, 1, l.amount, l.amount, %(kind)s, l.document, 'opening', l.id, '', %(actor)s,
        l.usable_from,
        ledger_entry_digest(l.wallet_id, m.member_id, m.unit, 1, l.amount, l.amount, %(kind)s, l.document, 'opening',
                            NULL, '', %(actor)s, l.usable_from, l.document, l.usable_from, l.expires_at, '[]')
    FROM lots l JOIN moved m ON m.id = l.wallet_id ORDER BY l.wallet_id
)
SELECT count(*) FROM moved
"""
# Wallets first, by id, as everywhere; what is read of them and their lots comes in a statement after the wait.
LOCK_DUE = """
SELECT id FROM ledger_wallet WHERE club_id = %(club)s AND id IN (
    SELECT wallet_id FROM ledger_lot WHERE club_id = %(club)s AND remaining > 0 AND ends_at <= %(at)s
    ORDER BY ends_at LIMIT %(batch)s)
ORDER BY id FOR UPDATE
"""
EXPIRE = """
WITH ending AS MATERIALIZED (
    SELECT l.id, l.wallet_id, l.seq AS lot_seq, l.remaining FROM ledger_lot l
    WHERE l.club_id = %(club)s AND l.wallet_id = ANY(%(wallets)s) AND l.remaining > 0 AND l.ends_at <= %(at)s
    ORDER BY l.ends_at, l.id FOR UPDATE
), numbered AS (
    SELECT e.id, e.wallet_id, e.lot_seq, e.remaining, w.member_id, w.unit,
           w.version + row_number() OVER in_wallet AS seq, w.balance - sum(e.remaining) OVER in_wallet AS balance_after
    FROM ending e JOIN ledger_wallet w ON w.club_id = %(club)s AND w.id = e.wallet_id
    WINDOW in_wallet AS (PARTITION BY e.wallet_id ORDER BY e.id)
), entries AS (
    INSERT INTO ledger_entry (club_id, wallet_id, seq, delta, balance_after, kind, document, cause, reason, actor,
                              occurred_at, digest)
    SELECT %(club)s, wallet_id, seq, -remaining, balance_after, 'expire', 'lot:' || id, 'end:' || seq, '', 'system',
        %(at)s,
        ledger_entry_digest(wallet_id, member_id, unit, seq, -remaining, balance_after::bigint, 'expire', 'lot:' || id,
                            'end:' || seq, NULL, '', 'system', %(at)s, NULL, NULL, NULL,
                            jsonb_build_array(jsonb_build_array(lot_seq, remaining)))
    FROM numbered ORDER BY wallet_id, seq RETURNING id, wallet_id, seq
), allocated AS (
    INSERT INTO ledger_allocation (club_id, entry_id, lot_id, amount)
    SELECT %(club)s, entries.id, numbered.id, numbered.remaining FROM numbered JOIN entries USING (wallet_id, seq)
), emptied AS (
    UPDATE ledger_lot l SET remaining = 0 FROM numbered WHERE l.club_id = %(club)s AND l.id = numbered.id
), moved AS (
    UPDATE ledger_wallet w SET balance = w.balance - n.gone, version = w.version + n.lots
    FROM (SELECT wallet_id, sum(remaining) AS gone, count(*) AS lots FROM numbered GROUP BY wallet_id) n
    WHERE w.club_id = %(club)s AND w.id = n.wallet_id
)
SELECT count(*) FROM numbered
"""
