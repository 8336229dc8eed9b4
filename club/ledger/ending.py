"""Everything in a member's wallets ended at once: when the member is erased."""

from datetime import datetime

from club.ledger.book import load_lots, lock_book
from club.ledger.models import Kind, Unit


def end_all(member_id: int, *, document: str, at: datetime, actor: str) -> None:
    """End what is left of every lot and of every debt, each with an entry, in the running transaction."""
    book = lock_book(member_id)
    load_lots(book)
    for unit in (Unit.POINTS, Unit.CREDIT):
        wallet, debt = book.wallets[unit], book.debt(unit)
        for lot in list(wallet.in_order()):
            wallet.take_back([lot], lot.remaining, document, f"lot:{lot.lot_id}", at, kind=Kind.EXPIRE)
        if debt.balance:
            debt.less_debt(debt.balance, document, "debt", at, kind=Kind.EXPIRE)
    book.write(actor=actor)
