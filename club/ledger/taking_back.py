"""What a document earned, taken back: from its own lots first, what is gone let go or owed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from club.ledger.book import Book
from club.ledger.models import Allocation, Kind, Lot


@dataclass(frozen=True)
class Earner:
    """A document and what it earned of one unit in all."""

    document: str
    earned: int


def take_back_earned(
    book: Book,
    unit: str,
    owed: int,
    *,
    of: Earner,
    document: str,
    cause: str,
    at: datetime,
    carry_debt: bool,
    reason: str = "",
) -> tuple[int, int]:
    """Take so much of what a document earned back by another; what it was, and what was no longer there to take.

    The lots of the earner must be loaded, also the empty ones. What ended by itself is not taken a second time; the
    rest that is missing becomes a debt where `carry_debt`, else it is let go until what it was spent on comes back.
    """
    wallet = book.wallets[unit]
    lots = [lot for lot in wallet.lots if lot.document == of.document]
    owed -= _already_gone(unit, owed, of, book)
    taken = wallet.take_back(lots, owed, document, cause, at, reason=reason)
    short = owed - taken
    if short and carry_debt:
        book.debt(unit).add(short, Kind.TAKE_BACK, document, "shortfall", at, reason=reason, with_lot=False)
    elif short:
        wallet.let_go(short, document, at)
    return taken, short


def _already_gone(unit: str, owed: int, of: Earner, book: Book) -> int:
    """What of the earned value has already ended by expiry."""
    lots = [lot for lot in book.wallets[unit].lots if lot.document == of.document]
    whole = sum(lot.amount for lot in lots)
    if not owed or (whole >= of.earned and all(lot.remaining == lot.amount for lot in lots)):
        return 0
    earned = Lot.objects.filter(document=of.document, wallet__unit=unit, entries__kind=Kind.EARN)
    total = earned.aggregate(total=Sum("amount"))["total"] or 0
    ended = Q(lot__document=of.document, lot__wallet__unit=unit, entry__kind=Kind.EXPIRE)
    expired = Allocation.objects.filter(ended).aggregate(total=Sum("amount"))["total"] or 0
    return int(min(owed, expired * owed // total)) if total else 0
