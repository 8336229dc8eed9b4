"""Gift cards in the portal: one's own with code and balance, and the balance of a card in hand."""

import pytest
from django.utils import timezone

from club.gift_cards.changing import claim_card
from club.gift_cards.models import GiftCard
from club.gift_cards.services import CardSale, sell_card
from club.purchases.orders import PayWith, PurchaseOrder
from core.errors import Conflict, ValidationFailed
from core.models import AuditEntry
from sms.models import OutboxMessage
from tests.portal.test_portal import text_of


def sold(key, **more):
    return sell_card(CardSale(amount=4_000_000, **more), actor="user:1", key=key, now=timezone.now())


def spends(card):
    return PurchaseOrder(member_id=None, amount=1_000_000, pay_with=PayWith(gift_card=card.code))


def test_a_card_bought_for_the_member_is_there_with_its_balance_and_code(shop, sara, browser):
    card = sold("own", phone=sara.phone)
    shop.buys(sara, 1_000_000, now=timezone.now(), pay_with=PayWith(gift_card=card.code))

    page = browser.get("/gift-cards/")

    assert card.shown_code in page.content.decode()
    assert "۳۰۰٬۰۰۰ تومان" in text_of(page) and "از ۴۰۰٬۰۰۰ تومان" in text_of(page)


def test_a_card_in_hand_says_its_balance_by_its_code(shop, browser):
    card = sold("paper")

    page = browser.post("/gift-cards/", {"code": f" {card.shown_code.lower()} "})

    assert page.status_code == 200 and "۴۰۰٬۰۰۰ تومان" in text_of(page)
    assert card.shown_code not in page.content.decode()


def test_a_card_of_paper_comes_into_the_list_of_who_has_its_code(shop, sara, browser):
    card = sold("paper")
    shown = browser.post("/gift-cards/", {"code": card.code, "act": "look"})
    assert 'value="claim"' in shown.content.decode()

    answer = browser.post("/gift-cards/", {"code": card.shown_code, "act": "claim"})

    assert answer.status_code == 302 and answer["Location"] == "/gift-cards/"
    assert card.shown_code in browser.get("/gift-cards/").content.decode()
    assert AuditEntry.objects.get(action="gift_card.claim").actor == f"member:{sara.pk}"
    # It is still money for whoever has the code, and no other member's to put in a list.
    assert shop.buy(spends(card), now=timezone.now()).payable == 0
    with pytest.raises(Conflict) as refused:
        claim_card(card.code, member_id=shop.member().pk)
    assert "فهرست کس دیگری" in refused.value.detail


def test_a_lost_card_is_shut_by_its_own_member_alone(shop, sara, browser):
    own, theirs = sold("own", phone=sara.phone), sold("theirs", phone=shop.member().phone)

    shut = browser.post("/gift-cards/", {"act": "lost", "card": own.pk}, follow=True)

    assert "کارت بسته شد" in text_of(shut) and own.shown_code not in shut.content.decode()
    with pytest.raises(ValidationFailed):
        shop.buy(spends(own), now=timezone.now())
    assert browser.post("/gift-cards/", {"act": "lost", "card": theirs.pk}).status_code == 404
    assert browser.post("/gift-cards/", {"act": "lost", "card": "x"}).status_code == 404
    assert GiftCard.objects.get(pk=theirs.pk).status == "active"


def test_the_receipt_and_the_sms_say_what_is_left_on_the_card(shop, sara, browser):
    card = sold("own", phone=sara.phone)

    bought = shop.buys(sara, 1_000_000, now=timezone.now(), pay_with=PayWith(gift_card=card.code))

    text = text_of(browser.get(f"/purchases/{bought.id}/"))
    assert f"…{card.code[-5:]}" in text and "ماندهٔ کارت هدیه ۳۰۰٬۰۰۰" in text
    said = OutboxMessage.objects.get(kind="purchase_receipt")
    assert said.context["gift_card_left"] == 3_000_000


def test_an_unknown_code_and_anothers_own_card_look_the_same(shop, browser):
    other = shop.member()
    theirs = sold("theirs", phone=other.phone, is_personal=True)

    said = [browser.post("/gift-cards/", {"code": code}) for code in ("XXXX-XXXX-XXXXX", theirs.code)]

    assert [page.status_code for page in said] == [422, 422]
    assert "کارت هدیه‌ای با این کد نیست" in text_of(said[0]) and "کارت هدیه‌ای با این کد نیست" in text_of(said[1])


def test_who_tries_codes_one_after_the_other_is_made_to_wait(shop, browser):
    card = sold("paper")
    for _try in range(10):
        browser.post("/gift-cards/", {"code": "XXXX"})

    page = browser.post("/gift-cards/", {"code": card.code})

    assert page.status_code == 422 and "دوباره امتحان کنید" in text_of(page)
    assert "۴۰۰٬۰۰۰" not in text_of(page)
