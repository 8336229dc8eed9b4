"""Sixteen tills at once with one card: exactly what is on it is spent, and what happens without the lock."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Sum

from club.gift_cards.changing import block_card
from club.gift_cards.models import GiftCard
from club.gift_cards.services import CardSale, sell_card
from club.ledger import book as books
from club.ledger.models import Wallet
from club.purchases import reckoning
from club.purchases.models import Purchase
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.services import record_purchase
from tests.club.test_races import while_not_committed
from tests.shop import NOON, Shop
from tests.threads import AT_ONCE, SECONDS, in_threads

ON_IT, EACH = 1_000_000, 150_000


def card_of(shop: Shop) -> GiftCard:
    return sell_card(CardSale(amount=ON_IT), actor="user:1", key=f"card-{shop.club.pk}", now=NOON)


def sixteen_purchases(shop: Shop, card: GiftCard) -> Counter[str]:
    """How they ended: what the card paid, or the error. Every other one is a member's."""
    acts: list[Callable[[], Any]] = []
    for number in range(AT_ONCE):
        member = shop.member().pk if number % 2 else None
        order = PurchaseOrder(member_id=member, amount=EACH, pay_with=PayWith(gift_card=card.code))
        key = f"{card.pk}-{number}"
        acts.append(lambda order=order, key=key: record_purchase(order, actor="user:1", key=key, now=NOON))
    answers = in_threads(shop.club.pk, acts, keep_errors=True)
    return Counter(
        type(answer).__name__ if isinstance(answer, Exception) else str(answer.paid_by_gift_card) for answer in answers
    )


def test_one_card_at_sixteen_tills_pays_exactly_what_is_on_it(committed_shop: Shop) -> None:
    card = card_of(committed_shop)

    outcome = sixteen_purchases(committed_shop, card)

    assert outcome == {"150000": 6, "100000": 1, "0": 9}
    assert Wallet.objects.get(pk=card.wallet_id).balance == 0
    assert Purchase.objects.aggregate(paid=Sum("paid_by_gift_card"))["paid"] == ON_IT
    assert verify_value() == []


def test_twin_without_the_lock_tills_fail_at_each_other(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """All read the balance before one has written: the version in the writing statement turns them into errors."""
    card = card_of(committed_shop)
    ready, first = threading.Barrier(AT_ONCE, timeout=SECONDS), threading.local()

    def unlocked(member_id: int | None, card_wallet: int, *, lock: bool = True) -> books.Book:
        book = books.lock_book_and_card(member_id, card_wallet, lock=False)
        if not hasattr(first, "passed"):
            first.passed = True
            ready.wait()
        return book

    monkeypatch.setattr(reckoning, "lock_book_and_card", unlocked)
    monkeypatch.setattr(reckoning, "load_lots", lambda book, lock: books.load_lots(book, lock=False))

    outcome = sixteen_purchases(committed_shop, card)

    assert outcome != {"150000": 6, "100000": 1, "0": 9}
    assert sum(times for paid, times in outcome.items() if not paid.isdecimal()) > 0
    assert verify_value() == []


def test_a_card_that_is_blocked_while_a_purchase_waits_pays_nothing(committed_shop: Shop) -> None:
    """Blocking and paying line up at the card's wallet, and who pays looks at the card only then."""
    card = card_of(committed_shop)
    order = PurchaseOrder(amount=EACH, pay_with=PayWith(gift_card=card.code))

    answer = while_not_committed(
        committed_shop,
        lambda: block_card(card.pk, actor="user:1"),
        lambda: record_purchase(order, actor="user:1", key="late", now=NOON),
    )

    assert "pay_with.gift_card" in answer.errors
    assert Wallet.objects.get(pk=card.wallet_id).balance == ON_IT
