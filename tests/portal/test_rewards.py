"""Rewards in the portal: what is within reach, how far the rest is, taking one and giving it back, without JavaScript."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.ledger.selectors import balances
from club.rewards.models import Redemption
from tests.portal.test_portal import text_of
from tests.rewarding import reward, takes, with_points
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
