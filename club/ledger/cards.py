"""The wallets of gift cards: each card has one of its own, of no member."""

from collections.abc import Sequence
from datetime import datetime

from club.ledger.book import Book
from club.ledger.models import Kind, Unit, Wallet
from club.ledger.posting import WalletState
from core.rows import insert_rows


def open_card_wallets(count: int) -> list[int]:
    """So many empty wallets of gift cards; their ids."""
    return insert_rows(Wallet, ("unit",), [(Unit.GIFT.value,)] * count)


def fill_card_wallets(
    given: Sequence[tuple[int, str]], *, amount: int, usable_from: datetime, at: datetime, actor: str
) -> None:
    """Bring the amount into each wallet just opened, by (wallet, document), in one statement.

    It has no end in the ledger: a card whose last day is over keeps what is left, and a refund finds it there.
    """
    book = Book({})
    for wallet_id, document in given:
        wallet = WalletState(wallet_id, Unit.GIFT.value, 0, 0)
        wallet.add(amount, Kind.OPENING, document, "opening", at, usable_from=usable_from)
        book.wallets[str(wallet_id)] = wallet
    book.write(actor=actor)
