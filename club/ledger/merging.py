"""The wallets of one member emptied into another's: lot by lot with their dates, and debts as debts."""

from datetime import datetime

from club.ledger.book import Book, load_lots, lock_books
from club.ledger.models import MEMBER_UNITS, Kind, LetGo, Unit


def lock_both(source_id: int, into_id: int) -> tuple[Book, Book]:
    """The wallets of both members, locked by id in one statement, without their lots."""
    books = lock_books([source_id, into_id])
    return books[source_id], books[into_id]


def move_value(source: Book, into: Book, *, document: str, at: datetime, actor: str) -> dict[str, int]:
    """Move everything from the one book to the other and write both; how much of each unit it was.

    A lot keeps its document, its begin and its end; where one of the two owes, it is paid from what is earned next;
    what was let go is let go of the other's.
    """
    load_lots(source)
    moved = {unit.value: source.wallets[unit.value].balance for unit in MEMBER_UNITS}
    for unit in (Unit.POINTS, Unit.CREDIT):
        for lot in list(source.wallets[unit].in_order()):
            cause, amount = f"lot:{lot.lot_id}", lot.remaining
            source.wallets[unit].take_back([lot], amount, document, cause, at, kind=Kind.MERGE)
            into.wallets[unit].add(
                amount,
                Kind.MERGE,
                document,
                cause,
                at,
                usable_from=lot.usable_from,
                expires_at=lot.expires_at,
                lot_document=lot.document,
                idle=(lot.idle_days, lot.idle_ends_at),
            )
        owed = source.debt(unit).balance
        if owed:
            source.debt(unit).less_debt(owed, document, "debt", at, kind=Kind.MERGE)
            into.debt(unit).add(owed, Kind.MERGE, document, "debt", at, with_lot=False)
        LetGo.objects.filter(wallet=source.wallets[unit].wallet_id).update(wallet=into.wallets[unit].wallet_id)
    source.write(actor=actor)
    into.write(actor=actor)
    return moved
