"""What becomes of a gift card: lost and given a new code, blocked, paid back, merged and erased with its owner."""

import pytest

from club.gift_cards.changing import block_card, refund_card, replace_card, unblock_card
from club.gift_cards.models import LostCode
from club.gift_cards.selectors import cards_of_batch, get_card
from club.gift_cards.services import CardIssue, issue_cards
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from core.errors import Conflict
from core.models import AuditEntry
from sms.models import OutboxMessage
from tests.club.test_gift_cards import left_on, paying, refunding, refusal, sold
from tests.shop import NOON, Shop


def test_a_lost_card_gets_a_new_code_and_the_old_one_opens_nothing(shop: Shop) -> None:
    card = sold()
    bought = paying(shop, card, 400_000)
    block_card(card.pk, actor="user:1")

    fresh = replace_card(card.pk, actor="user:1")

    assert fresh.code != card.code and fresh.status == "active"
    assert LostCode.objects.get().code == card.code
    assert refusal(shop, card)
    refunding(bought.id, "r", amount=100_000)
    assert left_on(fresh) == 700_000
    assert paying(shop, fresh, 1_000_000).paid_by_gift_card == 700_000
    assert [row.action for row in AuditEntry.objects.order_by("pk") if row.action.startswith("gift_card")] == [
        "gift_card.sell",
        "gift_card.block",
        "gift_card.replace",
    ]
    assert not AuditEntry.objects.filter(after__icontains=fresh.code).exists()
    assert shop.proven()


def test_a_blocked_card_that_was_found_is_spent_again(shop: Shop) -> None:
    card = sold()
    block_card(card.pk, actor="user:1")
    block_card(card.pk, actor="user:1")

    unblock_card(card.pk, actor="user:1")

    assert paying(shop, card, 1_000).paid_by_gift_card == 1_000
    assert AuditEntry.objects.filter(action="gift_card.block").count() == 1


def test_a_card_paid_back_loses_only_what_is_left_and_once(shop: Shop) -> None:
    card = sold()
    bought = paying(shop, card, 400_000)

    money = refund_card(card.pk, actor="user:1", now=NOON)

    card = get_card(card.pk)
    assert (money, card.status, card.money_back, left_on(card)) == (600_000, "refunded", 600_000, 0)
    with pytest.raises(Conflict):
        refund_card(card.pk, actor="user:1", now=NOON)
    refunding(bought.id, "r")
    assert left_on(card) == 400_000
    assert refund_card(card.pk, actor="user:1", now=NOON) == 400_000
    assert shop.proven()


def test_an_issued_card_has_no_money_to_pay_back(shop: Shop) -> None:
    batch = issue_cards(CardIssue(amount=50_000), actor="user:1", now=NOON)

    with pytest.raises(Conflict):
        refund_card(cards_of_batch(batch)[0].pk, actor="user:1", now=NOON)


def test_of_two_records_made_one_the_personal_card_goes_along(shop: Shop) -> None:
    source, into = shop.member(), shop.member()
    card = sold(phone=source.phone or "", is_personal=True)

    merge_members(source.pk, into.pk, actor="user:1", key="m", now=NOON)

    assert paying(shop, card, 1_000, member=into).paid_by_gift_card == 1_000
    assert shop.proven()


def test_an_erased_members_card_says_nobody_and_is_still_worth_its_money(shop: Shop) -> None:
    member = shop.member()
    card = sold(phone=member.phone or "", is_personal=True)

    erase_member(member.pk, actor="user:1", reason="خواست", now=NOON)

    assert get_card(card.pk).member_id is None
    assert paying(shop, card, 1_000).paid_by_gift_card == 1_000
    assert not OutboxMessage.objects.filter(phone=member.phone).exists()
    assert shop.proven()
