"""Gift cards: sold and issued, spent over several purchases, lost and found, and back to the last Rial."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from club.gift_cards.changing import block_card, refund_card, replace_card
from club.gift_cards.models import Batch, GiftCard
from club.gift_cards.selectors import card_by_code, cards_of_batch, get_card, totals
from club.gift_cards.services import CardIssue, CardSale, issue_cards, sell_card
from club.ledger.models import Entry, Wallet
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.models import Purchase
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.receipts import Receipt, RefundReceipt
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import preview_purchase
from core.errors import IdempotencyConflict, ValidationFailed
from core.models import DomainEvent
from core.services import create_club
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage
from tests.shop import NOON, Shop

PAID = "pay_with.gift_card"


def sold(amount: int = 1_000_000, *, key: str = "card", **more: Any) -> GiftCard:
    card = sell_card(CardSale(amount=amount, payment_method="cash", **more), actor="user:1", key=key, now=NOON)
    return get_card(card.pk)


def paying(shop: Shop, card: GiftCard, amount: int, *, member: Member | None = None, **more: Any) -> Receipt:
    pay_with = PayWith(gift_card=more.pop("code", card.code), **more.pop("value", {}))
    order = PurchaseOrder(member_id=member.pk if member else None, amount=amount, pay_with=pay_with, **more)
    return shop.buy(order)


def refunding(purchase_id: int | None, key: str, **what: Any) -> RefundReceipt:
    return refund_purchase(RefundOrder(purchase_id or 0, **what), actor="user:1", key=key, now=NOON)


def left_on(card: GiftCard) -> int:
    return Wallet.objects.get(pk=card.wallet_id).balance


def refusal(shop: Shop, card: GiftCard, **more: Any) -> str:
    with pytest.raises(ValidationFailed) as refused:
        paying(shop, card, 100_000, **more)
    [text] = refused.value.errors[PAID]
    return text


def test_a_card_is_no_sale_and_earns_nothing(shop: Shop) -> None:
    shop.programme(rial_per_point=1_000, credit_bp=500)
    member = shop.member()

    card = sold(phone=member.phone or "")

    member.refresh_from_db()
    assert (member.visits, member.spent_rial, Purchase.objects.count()) == (0, 0, 0)
    has = balances(member.pk, NOON)
    assert (has.points, has.credit) == (0, 0)
    assert (card.amount, card.price, left_on(card), card.member_id) == (1_000_000, 1_000_000, 1_000_000, member.pk)
    assert shop.proven()


def test_it_is_spent_in_two_purchases_and_pays_no_more_than_is_on_it(shop: Shop) -> None:
    card = sold()

    first = paying(shop, card, 700_000)
    second = paying(shop, card, 700_000)

    assert (first.paid_by_gift_card, first.payable) == (700_000, 0)
    assert (second.paid_by_gift_card, second.payable) == (300_000, 400_000)
    assert left_on(card) == 0
    assert shop.proven()


def test_what_it_pays_earns_in_full_and_comes_after_points_and_credit(shop: Shop) -> None:
    shop.programme(rial_per_point=10_000, credit_bp=500)
    member = shop.member(opening_credit=200_000)
    card = sold(600_000)

    receipt = paying(shop, card, 1_000_000, member=member, value={"credit": "max"})

    paid = receipt.paid_by_credit, receipt.paid_by_gift_card, receipt.payable
    assert paid == (200_000, 600_000, 200_000)
    assert (receipt.points_earned, receipt.credit_earned) == (80, 40_000)
    assert shop.proven()


def test_a_preview_says_the_same_and_writes_nothing(shop: Shop) -> None:
    card, member = sold(), shop.member()
    order = PurchaseOrder(member_id=member.pk, amount=1_200_000, pay_with=PayWith(gift_card=card.code))

    seen = preview_purchase(order, now=NOON)

    assert (seen.paid_by_gift_card, seen.payable) == (1_000_000, 200_000)
    assert (left_on(card), Purchase.objects.count()) == (1_000_000, 0)


@pytest.mark.parametrize("typed", ["{0}", "{1}", " {2} ", "{3}"])
def test_a_code_is_found_however_it_is_typed(shop: Shop, typed: str) -> None:
    card = sold()
    shown = card.shown_code
    persian = shown.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))

    receipt = paying(shop, card, 1_000, code=typed.format(card.code, shown, shown.lower().replace("-", " "), persian))

    assert receipt.paid_by_gift_card == 1_000


def test_what_may_not_be_spent_is_refused_and_nothing_is_written(shop: Shop) -> None:
    own, other = shop.member(), shop.member()
    ended = sold(key="a", ends_at=NOON + timedelta(days=1))
    blocked, back = sold(key="b"), sold(key="c")
    personal = sold(key="d", phone=own.phone or "", is_personal=True)
    block_card(blocked.pk, actor="user:1")
    refund_card(back.pk, actor="user:1", now=NOON)

    said = {
        "unknown": refusal(shop, ended, code="NOSUCHCARD222"),
        "empty": refusal(shop, ended, code="-"),
        "ended": refused_at(shop, ended, NOON + timedelta(days=1)),
        "blocked": refusal(shop, blocked),
        "paid back": refusal(shop, back),
        "another's": refusal(shop, personal, member=other),
        "nobody's": refusal(shop, personal),
    }

    assert len(set(said.values())) == 5
    assert said["unknown"] == said["empty"] and said["another's"] == said["nobody's"]
    assert Purchase.objects.count() == 0
    assert paying(shop, personal, 1_000, member=own).paid_by_gift_card == 1_000


def refused_at(shop: Shop, card: GiftCard, now: Any) -> str:
    order = PurchaseOrder(amount=1_000, pay_with=PayWith(gift_card=card.code))
    with pytest.raises(ValidationFailed) as refused:
        shop.buy(order, now=now)
    return refused.value.errors[PAID][0]


def test_the_last_day_is_wholly_inside_and_what_is_left_stays_visible(shop: Shop) -> None:
    end = NOON.replace(hour=20, minute=30)  # midnight in Tehran
    card = sold(ends_at=end)
    order = PurchaseOrder(amount=400_000, pay_with=PayWith(gift_card=card.code))

    shop.buy(order, now=end - timedelta(seconds=1))

    assert refused_at(shop, card, end)
    assert left_on(card) == 600_000
    assert (totals(end).ended, totals(end).outstanding, totals(NOON).outstanding) == (600_000, 0, 600_000)


def test_another_clubs_card_opens_nothing(shop: Shop) -> None:
    with club_scope(create_club(slug="gift-other", name="دیگر")):
        theirs = sold()

    assert refusal(shop, theirs)


def test_a_refund_goes_back_onto_the_card_also_when_it_is_blocked_or_over(shop: Shop) -> None:
    card = sold(ends_at=NOON + timedelta(minutes=5))
    bought = paying(shop, card, 600_000)
    block_card(card.pk, actor="user:1")

    order = RefundOrder(bought.id or 0)
    receipt = refund_purchase(order, actor="user:1", key="r", now=NOON + timedelta(days=9))

    assert (receipt.gift_card_returned, receipt.refunded) == (600_000, 0)
    assert (left_on(card), get_card(card.pk).status) == (1_000_000, "blocked")
    assert shop.proven()


PARTS = st.lists(st.integers(1, 99_999), max_size=5)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PARTS, st.integers(0, 300_000), st.integers(0, 40), st.integers(1, 900_000))
def test_any_way_to_bring_a_purchase_back_is_as_if_it_had_never_been(
    shop: Shop, parts: list[int], credit: int, points: int, amount: int
) -> None:
    """Paid by points, credit, a card and money, given back in parts: each part is something, and all of it is all."""
    shop.programme(rial_per_point=None, credit_bp=None, point_worth=5_000, points_spendable=True)
    member = shop.member(opening_credit=credit, opening_points=points)
    card = sold(500_000, key=f"card-{shop.keys}")
    before = balances(member.pk, NOON)
    bought = paying(shop, card, 1_200_000, member=member, value={"credit": "max", "points": "max"})
    receipts = []

    for number, part in enumerate([*parts, amount]):
        if sum(parts[:number]) + part < bought.net:
            receipts.append(refunding(bought.id, f"{bought.id}-{number}", amount=part))
    receipts.append(refunding(bought.id, f"{bought.id}-rest"))

    for receipt in receipts:
        given_back = receipt.refunded, receipt.gift_card_returned, receipt.credit_returned, receipt.points_returned
        assert min(given_back) >= 0
    assert sum(receipt.refunded for receipt in receipts) == bought.payable
    assert sum(receipt.gift_card_returned for receipt in receipts) == bought.paid_by_gift_card
    assert left_on(card) == 500_000
    after = balances(member.pk, NOON)
    assert (after.points, after.credit) == (before.points, before.credit)
    assert shop.proven()


def test_the_same_key_sells_one_card_and_another_order_is_refused(shop: Shop) -> None:
    first = sold(phone="09121112233")

    again = sold(phone="09121112233")

    assert first.pk == again.pk and GiftCard.objects.count() == 1
    assert OutboxMessage.objects.filter(kind="gift_card").count() == 1
    with pytest.raises(IdempotencyConflict):
        sold(2_000_000, phone="09121112233")


def test_the_sms_has_amount_code_and_last_day(shop: Shop) -> None:
    card = sold(phone="۰۹۱۲۱۱۱۲۲۳۳", ends_at=NOON + timedelta(days=30))

    message = OutboxMessage.objects.get(kind="gift_card")
    assert (message.phone, message.member_id, message.document) == ("09121112233", None, card.document)
    assert (message.context["amount"], message.context["code"]) == (1_000_000, card.shown_code)
    assert message.context["ends"] == "2026-12-22"


def test_cards_are_issued_together(shop: Shop) -> None:
    batch = issue_cards(CardIssue(amount=250_000, count=12, reason="همایش"), actor="user:1", now=NOON)

    cards = cards_of_batch(batch)
    assert len({card.code for card in cards}) == 12 == len({card.wallet_id for card in cards})
    assert {(card.amount, card.price, left_on(card)) for card in cards} == {(250_000, 0, 250_000)}
    assert (totals(NOON).issued, totals(NOON).sold, totals(NOON).outstanding) == (3_000_000, 0, 3_000_000)
    assert shop.proven()


@pytest.mark.parametrize(
    ("what", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": 10**13}, "amount"),
        ({"amount": 10, "phone": "۱۲"}, "phone"),
        ({"amount": 10, "is_personal": True}, "phone"),
        ({"amount": 10, "phone": "09121112233", "is_personal": True}, "phone"),
        ({"amount": 10, "ends_at": NOON}, "ends_at"),
        ({"amount": 10, "branch": 999_999}, "branch"),
    ],
)
def test_a_wrong_sale_is_refused(shop: Shop, what: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        sold(**what)

    assert list(refused.value.errors) == [field]
    assert GiftCard.objects.count() == 0 == Wallet.objects.filter(unit="gift").count()


def test_too_many_at_once_are_refused(shop: Shop) -> None:
    with pytest.raises(ValidationFailed):
        issue_cards(CardIssue(amount=1_000, count=1_001), actor="user:1", now=NOON)

    assert Batch.objects.count() == 0


def test_a_purchase_without_a_card_asks_nothing_of_cards(shop: Shop) -> None:
    card = sold()
    order = PurchaseOrder(amount=1_000)
    with_card = PurchaseOrder(amount=1_000, pay_with=PayWith(gift_card=card.code))
    with CaptureQueriesContext(connection) as plain:
        shop.buy(order)
    with CaptureQueriesContext(connection) as carded:
        shop.buy(with_card)

    assert not [query for query in plain.captured_queries if "gift_cards_" in query["sql"]]
    # The code, the wallet, the card behind it, its lot, what is written of it, and what is told.
    assert len(carded) - len(plain) == 6


def test_each_step_of_a_card_is_told_without_its_code(shop: Shop) -> None:
    card, member = sold(), shop.member()
    bought = paying(shop, card, 400_000, member=member)
    refunding(bought.id, "r", amount=100_000)
    block_card(card.pk, actor="user:1")
    replace_card(card.pk, actor="user:1")
    refund_card(card.pk, actor="user:1", now=NOON)
    issue_cards(CardIssue(amount=50_000, count=2), actor="user:1", now=NOON)

    told = DomainEvent.objects.filter(kind__startswith="gift_card.").order_by("pk")
    assert [(row.kind.partition(".")[2], row.data.get("amount"), row.member_id) for row in told] == [
        ("sold", 1_000_000, None),
        ("spent", 400_000, member.pk),
        ("given_back", 100_000, member.pk),
        ("blocked", None, None),
        ("replaced", None, None),
        ("refunded", None, None),
        ("issued", 50_000, None),
        ("issued", 50_000, None),
    ]
    assert {row.document for row in told[:6]} == {card.document}
    assert told[5].data == {"money_back": 700_000}
    assert not any(card.code in str(row.data) for row in told)


def test_the_wallet_of_a_card_is_told_in_the_ledger(shop: Shop) -> None:
    card = sold()
    paying(shop, card, 300_000)

    rows = Entry.objects.filter(wallet=card.wallet_id).order_by("seq").values_list("kind", "delta", "balance_after")
    assert list(rows) == [("opening", 1_000_000, 1_000_000), ("spend", -300_000, 700_000)]
    assert card_by_code(card.shown_code).pk == card.pk


def test_who_joins_with_a_card_in_hand_pays_with_it_at_once(shop: Shop) -> None:
    card = sold()
    order = PurchaseOrder(member_phone="09351234567", enrol=True, amount=2_000, pay_with=PayWith(gift_card=card.code))

    receipt = shop.buy(order)

    assert receipt.paid_by_gift_card == 2_000
    assert Member.objects.get(pk=receipt.member).phone == "09351234567"
