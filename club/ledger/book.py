"""Wallets of a member and of a gift card, locked and loaded, and the one statement that writes what was posted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from club.ledger.idling import COME_BACK, LAST_PURCHASE, idle_end
from club.ledger.letting_go import write_let_goes
from club.ledger.models import Unit
from club.ledger.posting import PAID, LotState, Posting, WalletState
from core.tenancy.scope import club_zone, current_club_id


class LostLock(RuntimeError):
    """A wallet changed since it was read: a fault of the program, caught before anything is written."""


@dataclass
class Book:
    """The wallets of one member inside the running transaction; acts are done on them, then `write` sends them all.

    `gift`: the wallet of a gift card beside them, that a purchase is paid with too; of no member it stands alone.
    """

    wallets: dict[str, WalletState]
    gift: WalletState | None = None

    @property
    def every(self) -> list[WalletState]:
        """All that may be written."""
        return [*self.wallets.values(), *([self.gift] if self.gift else [])]

    @property
    def points(self) -> WalletState:
        return self.wallets[Unit.POINTS]

    @property
    def credit(self) -> WalletState:
        return self.wallets[Unit.CREDIT]

    @property
    def has_idle(self) -> bool:
        """Whether something of what was loaded ends after days without a purchase."""
        return any(lot.idle_days is not None for wallet in self.every for lot in wallet.lots)

    def debt(self, unit: str) -> WalletState:
        """The debt beside a unit's wallet."""
        return self.wallets[f"{unit}_debt"]

    def kept(self, unit: str, amount: int) -> int:
        """What stays of so much earned value when a debt of its unit has been paid from it."""
        return amount - min(amount, self.debt(unit).balance) if self.wallets else amount

    def earn(
        self,
        unit: str,
        amount: int,
        document: str,
        cause: str,
        at: datetime,
        *,
        usable_from: datetime | None = None,
        expires_at: datetime | None = None,
        idle_days: int | None = None,
        kind: str = "earn",
        reason: str = "",
    ) -> None:
        """Bring value in; a debt of that unit is paid from it first."""
        wallet, debt, paid = self.wallets[unit], self.debt(unit), amount - self.kept(unit, amount)
        idle = (idle_days, None)
        lot = wallet.add(
            amount, kind, document, cause, at, usable_from=usable_from, expires_at=expires_at, reason=reason, idle=idle
        )
        if paid and lot:
            wallet.take_back([lot], paid, document, f"{cause}{PAID}", at)
            debt.less_debt(paid, document, f"{cause}{PAID}", at)

    def write(self, *, actor: str) -> None:
        """Send everything posted: wallets, lots, entries and allocations in one statement. Raises LostLock."""
        wallets = [wallet for wallet in self.every if wallet.postings or wallet.touched]
        if wallets:
            self._send(wallets, actor)
        write_let_goes(self.every)

    def _send(self, wallets: Sequence[WalletState], actor: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, _rows(wallets, actor))
            moved, made = cursor.fetchone()
            if moved != len(wallets):
                raise LostLock("a wallet changed after it was read")
        _note_written(wallets, json.loads(made) if made else [])


def write_books(books: Sequence[Book], *, actor: str) -> None:
    """Send what was posted to the wallets of several members, in one statement. Raises LostLock."""
    Book({str(place): wallet for place, wallet in enumerate(_wallets_of(books))}).write(actor=actor)


def _wallets_of(books: Sequence[Book]) -> list[WalletState]:
    wallets = [wallet for book in books for wallet in book.wallets.values()]
    return sorted(wallets, key=lambda wallet: wallet.wallet_id)


def _note_written(wallets: Sequence[WalletState], lots: Sequence[Sequence[int]]) -> None:
    """What was posted is in the database; the book can be posted to, and written, again."""
    ids = {(wallet_id, seq): lot_id for wallet_id, seq, lot_id in lots}
    for wallet in wallets:
        for lot in wallet.lots:
            lot.lot_id = lot.lot_id or ids[wallet.wallet_id, lot.seq]
        wallet.postings, wallet.read_version = [], wallet.version
        wallet.touched.clear()


def lock_book(member_id: int, *, lock: bool = True) -> Book:
    """The member's wallets, locked by id in one statement, without their lots."""
    with connection.cursor() as cursor:
        cursor.execute(WALLETS + (" FOR UPDATE" if lock else ""), [current_club_id(), member_id])
        wallets = [WalletState(*row) for row in cursor.fetchall()]
    return Book({wallet.unit: wallet for wallet in wallets})


def lock_books(member_ids: Sequence[int]) -> dict[int, Book]:
    """The wallets of several members, locked by id in one statement, without their lots."""
    books: dict[int, Book] = {member_id: Book({}) for member_id in member_ids}
    with connection.cursor() as cursor:
        cursor.execute(f"{WALLETS_OF} FOR UPDATE", [current_club_id(), list(member_ids)])
        for member_id, *columns in cursor.fetchall():
            wallet = WalletState(*columns)
            books[member_id].wallets[wallet.unit] = wallet
    return books


def hold_books(member_ids: Sequence[int]) -> None:
    """Have everybody wait who would lock the wallets of these members: one of each, locked by id, does it."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [current_club_id(), list(member_ids)])


def hold_free_books(member_ids: Sequence[int]) -> list[int]:
    """The same of those whom nobody holds just now, waiting for nobody: who they are."""
    with connection.cursor() as cursor:
        cursor.execute(HELD + " SKIP LOCKED", [current_club_id(), list(member_ids)])
        return [member for _wallet, member in cursor.fetchall()]


def lock_book_and_card(member_id: int | None, card_wallet: int, *, lock: bool = True) -> Book:
    """The same with the wallet of a gift card, all in one statement by id; without a member the card's alone."""
    with connection.cursor() as cursor:
        cursor.execute(WALLETS_AND_CARD + (" FOR UPDATE" if lock else ""), [current_club_id(), member_id, card_wallet])
        wallets = [WalletState(*row) for row in cursor.fetchall()]
    gift = next(wallet for wallet in wallets if wallet.wallet_id == card_wallet)
    return Book({wallet.unit: wallet for wallet in wallets if wallet is not gift}, gift)


def load_lots(book: Book, *, also_of: Sequence[str] = (), lock: bool = True) -> None:
    """Load the open lots of the wallets, and those of the documents named even if empty, locked by (expires_at, id).

    What the book has in memory already stays as it is there.
    """
    by_id = {wallet.wallet_id: wallet for wallet in book.every}
    known = {lot.lot_id for wallet in by_id.values() for lot in wallet.lots}
    with connection.cursor() as cursor:
        cursor.execute(LOTS + (" FOR UPDATE" if lock else ""), [current_club_id(), list(by_id), list(also_of)])
        for wallet_id, *columns in cursor.fetchall():
            if columns[0] not in known:
                by_id[wallet_id].lots.append(LotState(*columns))


def _rows(wallets: Sequence[WalletState], actor: str) -> dict[str, Any]:
    remaining = [
        {"i": lot.lot_id, "r": lot.remaining}
        for wallet in wallets
        for lot in wallet.lots
        if lot.lot_id is not None and lot.seq in wallet.touched
    ]
    return {
        "club": current_club_id(),
        "zone": club_zone(),
        "actor": actor,
        "lots": json.dumps([_lot_row(wallet, lot) for wallet in wallets for lot in wallet.lots if lot.lot_id is None]),
        "entries": json.dumps([_entry_row(post) for wallet in wallets for post in wallet.postings]),
        "allocations": json.dumps([row for wallet in wallets for row in _allocations(wallet)]),
        "remaining": json.dumps(remaining),
        "wallet_ids": [wallet.wallet_id for wallet in wallets],
        "lot_ids": [row["i"] for row in remaining],
        "wallets": json.dumps(
            [{"i": w.wallet_id, "b": w.balance, "v": w.version, "o": w.read_version} for w in wallets]
        ),
    }


def _lot_row(wallet: WalletState, lot: LotState) -> dict[str, Any]:
    """What is left out is NULL."""
    row: dict[str, Any] = {
        "w": wallet.wallet_id,
        "s": lot.seq,
        "a": lot.amount,
        "r": lot.remaining,
        "d": lot.document,
        "u": _text(lot.usable_from),
    }
    if lot.expires_at is not None:
        row["e"] = _text(lot.expires_at)
    if lot.idle_days is not None:
        row["i"] = lot.idle_days
    if lot.idle_ends_at is not None:
        row["f"] = _text(lot.idle_ends_at)
    return row


def _entry_row(post: Posting) -> dict[str, Any]:
    """What is left out is NULL."""
    row: dict[str, Any] = {
        "w": post.wallet_id,
        "s": post.seq,
        "v": post.delta,
        "b": post.balance_after,
        "k": post.kind,
        "d": post.document,
        "c": post.cause,
        "n": post.reason,
        "o": _text(post.occurred_at),
    }
    if post.lot_seq is not None:
        row["l"] = post.lot_seq
    if post.reverses is not None:
        row["x"] = post.reverses
    if post.allocations:
        row["t"] = sorted(post.allocations)
    return row


@lru_cache(maxsize=64)
def _text(moment: datetime) -> str:
    """Many are written as of one moment."""
    return moment.isoformat()


def _allocations(wallet: WalletState) -> list[dict[str, Any]]:
    known = {lot.seq: lot.lot_id for lot in wallet.lots}
    return [
        {"w": post.wallet_id, "s": post.seq, "l": lot_seq, "i": known[lot_seq], "a": amount}
        for post in wallet.postings
        for lot_seq, amount in post.allocations
    ]


WALLETS = """
SELECT id, unit, balance, version FROM ledger_wallet WHERE club_id = %s AND member_id = %s ORDER BY id
"""
WALLETS_AND_CARD = """
SELECT id, unit, balance, version FROM ledger_wallet WHERE club_id = %s AND (member_id = %s OR id = %s) ORDER BY id
"""
WALLETS_OF = """
SELECT member_id, id, unit, balance, version FROM ledger_wallet WHERE club_id = %s AND member_id = ANY(%s) ORDER BY id
"""
HELD = """
SELECT id, member_id FROM ledger_wallet
WHERE club_id = %s AND member_id = ANY(%s) AND unit = 'points' ORDER BY id FOR UPDATE"""
LOTS = """
SELECT wallet_id, id, seq, amount, remaining, document, usable_from, expires_at, idle_days, idle_ends_at FROM ledger_lot
WHERE club_id = %s AND wallet_id = ANY(%s) AND (remaining > 0 OR document = ANY(%s)) ORDER BY ends_at, id
"""
# The version read must still be there: a forgotten lock changes fewer wallets than were sent. The ids are said twice
# because the planner takes a recordset for 100 rows and would read a small club's wallets and lots from end to end.
WRITE = f"""
WITH moved AS (
    UPDATE ledger_wallet w SET balance = r.b, version = r.v
    FROM jsonb_to_recordset(%(wallets)s::jsonb) AS r(i bigint, b bigint, v bigint, o bigint)
    WHERE w.club_id = %(club)s AND w.id = r.i AND w.id = ANY(%(wallet_ids)s::bigint[]) AND w.version = r.o
    RETURNING w.id, w.member_id, w.unit
), lots AS (
    INSERT INTO ledger_lot (club_id, wallet_id, seq, amount, remaining, document, usable_from, expires_at, idle_days,
                            idle_ends_at)
    SELECT %(club)s, w, s, a, r, d, u, e, i, CASE WHEN i IS NOT NULL THEN
        greatest(f, {idle_end("u", LAST_PURCHASE.format(wallet="x.w"), "i")}) END
    FROM jsonb_to_recordset(%(lots)s::jsonb)
        AS x(w bigint, s bigint, a bigint, r bigint, d text, u timestamptz, e timestamptz, i int, f timestamptz)
    RETURNING id, wallet_id, seq, document, usable_from, expires_at
), entries AS (
    INSERT INTO ledger_entry (club_id, wallet_id, seq, delta, balance_after, kind, document, cause, lot_id, reverses_id,
                              reason, actor, occurred_at, digest)
    SELECT %(club)s, w, s, v, b, k, d, c, lots.id, x, n, %(actor)s, o,
        ledger_entry_digest(w, moved.member_id, moved.unit, s, v, b, k, d, c, x, n, %(actor)s, o,
                            lots.document, lots.usable_from, lots.expires_at, coalesce(t, '[]'))
    FROM jsonb_to_recordset(%(entries)s::jsonb)
        AS r(w bigint, s bigint, v bigint, b bigint, k text, d text, c text, l bigint, x bigint, n text, o timestamptz,
             t jsonb)
    JOIN moved ON moved.id = r.w
    LEFT JOIN lots ON lots.wallet_id = r.w AND lots.seq = r.l
    ORDER BY w, s -- ids follow the sequence, so that a list by id shows running balances in order
    RETURNING id, wallet_id, seq
), allocated AS (
    INSERT INTO ledger_allocation (club_id, entry_id, lot_id, amount)
    SELECT %(club)s, entries.id, coalesce(r.i, lots.id), r.a FROM jsonb_to_recordset(%(allocations)s::jsonb)
        AS r(w bigint, s bigint, l bigint, i bigint, a bigint)
    JOIN entries ON entries.wallet_id = r.w AND entries.seq = r.s
    LEFT JOIN lots ON lots.wallet_id = r.w AND lots.seq = r.l
), changed AS (
    UPDATE ledger_lot l SET remaining = r.r, idle_ends_at = {COME_BACK}
    FROM jsonb_to_recordset(%(remaining)s::jsonb) AS r(i bigint, r bigint)
    WHERE l.club_id = %(club)s AND l.id = r.i AND l.id = ANY(%(lot_ids)s::bigint[])
)
SELECT (SELECT count(*) FROM moved), (SELECT jsonb_agg(jsonb_build_array(wallet_id, seq, id)) FROM lots)
"""  # noqa: S608 - fragments of our own
