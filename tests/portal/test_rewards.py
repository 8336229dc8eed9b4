"""Rewards in the portal: what is within reach, how far the rest is, taking one and giving it back, without JavaScript."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.gift_cards.changing import block_card
from club.gift_cards.services import CardSale, sell_card
from club.ledger.selectors import balances
from club.rewards.models import Redemption
from sms.models import OutboxMessage
from tests.portal.test_portal import text_of
from tests.rewarding import cancels, reward, takes, uses, with_points
from tests.shop import NOON


def posted(page, address, browser):
    fields = dict(re.findall(r'name="(key|price)" value="([^"]*)"', page.content.decode()))
    return browser.post(address, fields)


def test_what_can_be_had_stands_first_and_the_rest_says_how_far(sara, browser):
    reward("cake", points=160, about="با هر نوشیدنی")
    affordable = reward("drink", points=100)
    reward("gone", points=5, stock=0)
    with_points(sara, 120)

    page = browser.get("/rewards/")

    text = text_of(page)
    assert "۱۲۰ امتیاز برای خرج داری" in text
    assert "۴۰ امتیاز دیگر" in text and '<progress value="120" max="160"' in page.content.decode()
    assert f'href="/rewards/{affordable.pk}/"' in page.content.decode()
    assert page.content.decode().count(">بگیر<") == 1
    assert "تمام شد" in text


def test_one_tap_and_one_confirmation_take_it_once(sara, browser):
    made = reward(points=100, valid_days=7)
    with_points(sara, 100)
    page = browser.get(f"/rewards/{made.pk}/")
    assert "پس از آن ۰ امتیاز برایت می‌ماند" in text_of(page)

    first = posted(page, f"/rewards/{made.pk}/", browser)
    again = posted(page, f"/rewards/{made.pk}/", browser)

    row = Redemption.objects.get()
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"] == f"/rewards/vouchers/{row.pk}/"
    shown = browser.get(first["Location"]).content.decode()
    assert row.code in shown and "<svg" in shown
    assert balances(sara.pk, NOON).points == 0
    assert row.code in browser.get("/rewards/").content.decode()


def test_before_it_is_taken_it_says_what_it_gives_and_afterwards_what_came(sara, browser):
    made = reward("credit", points=100, benefit={"kind": "credit_amount", "amount": 500_000})
    with_points(sara, 100)
    assert "۵۰٬۰۰۰ تومان اعتبار" in text_of(browser.get("/rewards/"))
    page = browser.get(f"/rewards/{made.pk}/")
    assert "۵۰٬۰۰۰ تومان اعتبار" in text_of(page)

    after = browser.get(posted(page, f"/rewards/{made.pk}/", browser)["Location"])

    assert "۵۰٬۰۰۰ تومان به اعتبارت افزوده شد؛ اکنون ۵۰٬۰۰۰ تومان اعتبار داری" in text_of(after)
    said = OutboxMessage.objects.get(kind="reward_redeemed").context
    assert (said["credit"], said["credit_balance"]) == (500_000, 500_000)


def test_the_first_page_has_what_is_ready_to_use_and_how_many_rewards_are_in_reach(sara, browser):
    reward(points=100)
    reward("cake", points=900)
    with_points(sara, 300)
    code = takes(sara).coupon
    card = sell_card(CardSale(amount=4_000_000, phone=sara.phone), actor="user:1", key="own", now=timezone.now())

    text = text_of(browser.get("/"))

    assert code in text and "۴۰۰٬۰۰۰ تومان" in text
    assert "امتیازت به ۱ جایزه می‌رسد · ۷۰۰ امتیاز تا" in text
    block_card(card.pk, actor="user:1")
    assert "۴۰۰٬۰۰۰ تومان" not in text_of(browser.get("/"))


def test_a_closed_voucher_tells_what_became_of_it(sara, browser):
    reward(points=100)
    with_points(sara, 200)
    used, given_back = takes(sara).id, takes(sara).id
    uses(used)
    cancels(given_back)

    assert "استفاده شد" in text_of(browser.get(f"/rewards/vouchers/{used}/"))
    page = browser.get(f"/rewards/vouchers/{given_back}/")
    assert "لغو شد" in text_of(page) and "۱۰۰ امتیاز برگشت" in text_of(page)
    assert "<svg viewBox" not in page.content.decode()
    assert f'href="/rewards/vouchers/{used}/"' in browser.get("/rewards/").content.decode()


def test_another_price_than_was_seen_is_refused(sara, browser):
    made = reward(points=100)
    with_points(sara, 100)

    page = browser.post(f"/rewards/{made.pk}/", {"key": "k", "price": "90"})

    assert page.status_code == 409
    assert "امتیاز «نوشیدنی رایگان» عوض شده و اکنون ۱۰۰ است" in text_of(page)
    assert browser.post(f"/rewards/{made.pk}/", {"price": "100"}).status_code == 422
    assert not Redemption.objects.exists()


def test_a_voucher_is_given_back_for_its_points(sara, browser):
    reward(points=100)
    number = takes(with_points(sara, 100)).id

    answer = browser.post(f"/rewards/vouchers/{number}/cancel/")
    assert answer["Location"] == "/rewards/"
    assert "لغو شد و امتیازش برگشت" in text_of(browser.get("/rewards/"))
    assert balances(sara.pk, NOON).points == 100
    browser.post(f"/rewards/vouchers/{number}/cancel/")
    assert "دیگر لغو نمی‌شود" in text_of(browser.get(f"/rewards/vouchers/{number}/"))


def test_anothers_voucher_and_what_there_is_not_are_not_found(shop, browser):
    reward(points=100)
    number = takes(with_points(shop.member(), 100)).id

    assert browser.get(f"/rewards/vouchers/{number}/").status_code == 404
    assert browser.post(f"/rewards/vouchers/{number}/cancel/").status_code == 404
    assert browser.get("/rewards/999999/").status_code == 404
    assert Redemption.objects.get().status == "issued"


@pytest.mark.parametrize("count", [2, 12])
def test_the_page_costs_the_same_however_much_there_is(sara, browser, count):
    for number in range(count):
        reward(f"r{number}", points=10)
        takes(with_points(sara, 10), f"r{number}")
    browser.get("/rewards/")

    with CaptureQueriesContext(connection) as asked:
        browser.get("/rewards/")

    assert len(asked) <= 15, [one["sql"][:90] for one in asked]
