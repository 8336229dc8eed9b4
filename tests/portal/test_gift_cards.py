"""Gift cards in the portal: one's own with code and balance, and the balance of a card in hand."""

from django.utils import timezone

from club.gift_cards.services import CardSale, sell_card
from club.purchases.orders import PayWith
from tests.portal.test_portal import text_of


def sold(key, **more):
    return sell_card(CardSale(amount=4_000_000, **more), actor="user:1", key=key, now=timezone.now())


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
