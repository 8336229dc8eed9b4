"""A member's missions: how far each has come, what was won, and the same on the staff's card of the member."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.purchases.recorded import receipt_of, recorded_purchase
from offers.models import Coupon
from tests.accounts.cast import person, signed_in
from tests.club.missions.cards import mission, stamp_card
from tests.portal.test_portal import text_of

TEN = {"kind": "discount_percent", "percent": 10}


def buys(shop, member, times=1):
    for _turn in range(times):
        shop.buys(member, 100_000, now=timezone.now())


def test_the_page_says_how_far_each_has_come_and_what_it_gives(shop, sara, browser):
    stamp_card(name="کارت مهر", target=5)
    mission(name="ماه خوب", counts="spent", target=5_000_000, window="month")
    mission(name="یک بار", target=2)
    buys(shop, sara, times=2)

    page = browser.get("/missions/")

    text = text_of(page)
    assert "۲ از ۵ خرید · هدیه: ۵۰ امتیاز" in text
    assert "۲۰٬۰۰۰ از ۵۰۰٬۰۰۰ تومان" in text
    assert text.index("کارت مهر") < text.index("ماه خوب") < text.index("یک بار"), "nearest first, done last"
    assert "کامل شد" in text
    assert page.content.decode().split('class="stampcard"')[1].split("</ol>")[0].count('class="on"') == 2


def test_the_receipt_and_what_is_read_later_count_the_gift_of_the_mission_that_it_filled(shop, sara, browser):
    mission(name="نخستین", target=1)

    bought = shop.buys(sara, 100_000, now=timezone.now())
    shop.buys(sara, 100_000, now=timezone.now())

    assert bought.balances["points"] == 51
    assert "مانده پس از خرید: ۵۱ امتیاز" in text_of(browser.get(f"/purchases/{bought.id}/"))
    assert receipt_of(recorded_purchase(bought.id))["balances"] == bought.balances


def test_what_was_won_stands_below_with_its_code_until_it_is_used(shop, sara, browser):
    mission(name="نخستین", target=1, benefit=TEN, badge="پیشگام")
    buys(shop, sara)
    code = Coupon.objects.get().code

    assert code in browser.get("/missions/").content.decode()
    Coupon.objects.update(used=1)
    page = browser.get("/missions/").content.decode()

    assert code not in page
    assert "پیشگام" in page


def test_the_first_page_shows_the_nearest_and_not_what_is_done(shop, sara, browser):
    mission(name="تمام‌شده", target=1)
    stamp_card(name="کارت مهر", target=5)
    buys(shop, sara)

    page = browser.get("/")

    assert [one.mission.name for one, _stamps in page.context["missions"]] == ["کارت مهر"]
    assert "۱ از ۵ خرید" in text_of(page)


def test_a_mission_of_a_higher_tier_is_not_shown(shop, sara, browser):
    mission(name="نقره‌ای‌ها", tier_code="silver")

    assert "نقره‌ای‌ها" not in text_of(browser.get("/missions/"))


@pytest.mark.parametrize("path", ["/missions/", "/"])
def test_many_missions_cost_no_more_queries_than_one(shop, sara, browser, path):
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            browser.get(path)
        return len(caught)

    stamp_card()
    buys(shop, sara, times=3)
    browser.get(path)
    one = count()
    for number in range(4):
        stamp_card(name=f"m{number}", counts="units")
    buys(shop, sara, times=3)

    assert count() == one


def test_the_staff_see_it_on_the_members_card(shop, sara):
    stamp_card(name="کارت مهر", badge="پایدار", target=2)
    buys(shop, sara, times=3)

    text = text_of(signed_in(person("cashier"), shop.club).get(f"/desk/members/{sara.pk}/"))

    assert "۱ از ۲ خرید" in text
    assert "نشان «پایدار»" in text
