"""Acts on the ledger by hand and by the clock: wallets of a new member, adjustments, reversals, expiry."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from club.ledger.book import load_lots, lock_book
from club.ledger.models import Kind, Unit, Wallet
from club.ledger.posting import Short
from core import audit
from core.errors import AppError
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


def open_wallets(member_ids: list[int]) -> None:
    """The four wallets of each new member."""
    Wallet.objects.bulk_create(
        [Wallet(member_id=member_id, unit=unit) for member_id in member_ids for unit in Unit.values]
    )


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
    """Give (delta > 0) or take value by hand, with a reason. Raises InsufficientPoints or InsufficientCredit."""
    book = lock_book(member_id)
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
        cursor.execute(EXPIRE, {"club": current_club_id(), "at": at, "batch": batch})
        return int(cursor.fetchone()[0])


# Wallets are locked by id before their lots, as everywhere. A wallet in use is left for the next batch only while
# there are others, so the lock waits rather than skips.
EXPIRE = """
WITH due AS MATERIALIZED (
    SELECT DISTINCT wallet_id FROM ledger_lot
    WHERE club_id = %(club)s AND remaining > 0 AND expires_at <= %(at)s ORDER BY wallet_id LIMIT %(batch)s
), locked AS MATERIALIZED (
    SELECT w.id, w.balance, w.version FROM ledger_wallet w
    WHERE w.club_id = %(club)s AND w.id IN (SELECT wallet_id FROM due) ORDER BY w.id FOR UPDATE
), ending AS MATERIALIZED (
    SELECT l.id, l.wallet_id, l.remaining FROM ledger_lot l
    WHERE l.club_id = %(club)s AND l.wallet_id IN (SELECT id FROM locked) AND l.remaining > 0 AND l.expires_at <= %(at)s
    ORDER BY l.expires_at, l.id FOR UPDATE
), numbered AS (
    SELECT e.id, e.wallet_id, e.remaining, locked.version + row_number() OVER w AS seq,
           locked.balance - sum(e.remaining) OVER w AS balance_after
    FROM ending e JOIN locked ON locked.id = e.wallet_id WINDOW w AS (PARTITION BY e.wallet_id ORDER BY e.id)
), entries AS (
    INSERT INTO ledger_entry (club_id, wallet_id, seq, delta, balance_after, kind, document, cause, lot_id, reason, actor, occurred_at)
    SELECT %(club)s, wallet_id, seq, -remaining, balance_after, 'expire', 'lot:' || id, 'end:' || seq, NULL, '', 'system', %(at)s
    FROM numbered RETURNING id, wallet_id, seq
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
