"""Tiers and value over time in the portal: what ends, what keeps it, and what cannot be spent yet."""

from datetime import timedelta

from django.utils import timezone

from club.tiers.models import Tier
from club.tiers.review import review
from club.tiers.services import set_tier_floor
from tests.portal.test_portal import text_of
from tests.rewarding import reward

DAY = timedelta(days=1)


def test_who_is_about_to_lose_a_tier_sees_the_day_and_what_keeps_it(browser, sara, shop):
    now = timezone.now()
    Tier.objects.update(window_days=20, downgrade="to_fitting", grace_days=10)
    shop.buys(sara, 12_000_000, now=now - 25 * DAY)
    review(at=now - DAY)

    seen = text_of(browser.get("/"))
    assert "سطح نقره‌ای تا" in seen
    assert "با ۱,۰۰۰,۰۰۰ تومان دیگر نگهش می‌داری." in seen.replace("٬", ",")

    shop.buys(sara, 10_000_000, now=now)
    assert "نگهش می‌داری" not in text_of(browser.get("/"))


def test_a_tier_given_to_a_day_says_the_day_and_asks_for_nothing(browser, sara, shop):
    now = timezone.now()
    set_tier_floor(sara.pk, "gold", actor="user:1", at=now, until=now + 3 * DAY)

    seen = text_of(browser.get("/"))
    assert "سطح طلایی تا" in seen
    assert "نگهش می‌داری" not in seen


def test_worth_and_way_to_a_reward_go_by_what_can_be_spent_now(browser, sara, shop):
    shop.programme(rial_per_point=10_000, points_usable_after_hours=72)
    reward(points=100)
    shop.buys(sara, 600_000, now=timezone.now() - 4 * DAY)
    assert "برابر ۶٬۰۰۰ تومان" in text_of(browser.get("/"))

    newest = shop.buys(sara, 300_000, now=timezone.now())

    assert "۶۰ امتیاز قابل خرج، برابر ۶٬۰۰۰ تومان" in text_of(browser.get("/"))
    receipt = text_of(browser.get(f"/purchases/{newest.id}/"))
    assert "۹۰ امتیاز" in receipt
    assert "۴۰ امتیاز تا نوشیدنی رایگان" in receipt


def test_an_end_that_purchases_move_says_so(browser, sara, shop):
    shop.buys(sara, 1_000_000, now=timezone.now() - DAY)
    moved = "با هر خرید، پایان مهلت امتیاز و اعتبارت عقب می‌افتد."
    assert "پایان مهلت امتیاز و اعتبارت" not in text_of(browser.get("/")), "its end is fixed"

    shop.programme(credit_valid_days=None, points_idle_days=90, credit_idle_days=20)
    shop.buys(sara, 1_000_000, now=timezone.now())

    assert moved in text_of(browser.get("/"))


def test_what_begins_later_stands_apart_in_the_statement_too(browser, sara, shop):
    shop.programme(points_usable_after_hours=72)
    shop.buys(sara, 1_000_000, now=timezone.now())

    for page in ("/", "/ledger/"):
        assert "هنوز قابل خرج نیست" in text_of(browser.get(page))
