"""The member's pages: value, history, purchases and receipts; one's own and nobody else's."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from club.ledger.selectors import balances, entries
from club.ledger.services import adjust, expire_due_lots
from club.members.models import Member
from club.purchases.merging import merge_members
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from core.tenancy.scope import club_scope
from tests.accounts.cast import signed_in, visitor
from tests.core.test_pages import INLINE
from tests.portal.conftest import browser_of
from tests.shop import Shop

PAGES = ("portal:home", "portal:ledger", "portal:purchases", "portal:card", "portal:profile")


def text_of(response):
    """What a reader sees: no tags, single spaces, the toast's and icons' markup gone."""
    body = response.content.decode().split("<main", 1)[1]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|&lrm;|\u200e", " ", body))


def days_ago(days):
    return timezone.now() - timedelta(days=days)


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_is_asked_for_a_phone_and_comes_back(club, name):
    answer = visitor(club).get(reverse(name))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")
    assert reverse("portal:login") == "/login/"


@pytest.mark.parametrize("name", PAGES)
def test_who_is_no_member_here_gets_a_kind_page(club, name):
    answer = signed_in(User.objects.of_phone("09350000000"), club, "otp").get(reverse(name))

    assert answer.status_code == 403
    assert "هنوز عضو نیستی" in answer.content.decode()


def test_a_member_of_another_club_is_no_member_here(club, other_club):
    with club_scope(other_club):
        elsewhere = Shop(other_club).member()

    assert browser_of(elsewhere, club).get("/").status_code == 403
    with club_scope(other_club):
        assert browser_of(elsewhere, other_club).get("/").status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_a_new_member_are_whole_and_without_inline_code(browser, name):
    answer = browser.get(reverse(name))

    assert answer.status_code == 200
    assert INLINE.search(answer.content.decode()) is None
    assert "no-store" in answer["Cache-Control"]


def test_a_new_member_reads_what_to_do(browser):
    assert "بار بعد شماره‌ات را به صندوق بگو" in text_of(browser.get("/"))
    assert "هنوز خریدی ثبت نشده" in text_of(browser.get("/purchases/"))
    assert "هنوز ردیفی نیست" in text_of(browser.get("/ledger/"))


def test_home_shows_points_their_worth_credit_with_its_end_and_the_way_up(shop, sara, browser):
    shop.buys(sara, 2_450_000, now=days_ago(1))

    shown = text_of(browser.get("/"))

    assert "سلام سارا، خوش آمدی" in shown
    assert "امتیاز تو ۲۴ برابر ۲٬۴۰۰ تومان" in shown
    assert "اعتبار خرید ۲۴٬۵۰۰ تومان تا " in shown
    assert "سطح برنزی ۷۵۵٬۰۰۰ تومان خرید تا نقره‌ای" in shown
    assert "۲۴۵٬۰۰۰ از ۱٬۰۰۰٬۰۰۰ تومان" in shown
    assert 'value="2450000" max="10000000"' in browser.get("/").content.decode()
    assert "+۲۴ امتیاز" in shown
    assert "+۲۴٬۵۰۰ تومان" in shown


def test_the_top_tier_has_nothing_above_it(shop, sara, browser):
    shop.buys(sara, 60_000_000, now=days_ago(1))

    assert "سطح طلایی بالاترین سطح باشگاه" in text_of(browser.get("/"))


def test_what_is_not_usable_yet_is_shown_with_its_day(shop, sara, browser):
    shop.programme(credit_bp=1000, credit_usable_after_hours=72)
    shop.buys(sara, 1_000_000, now=timezone.now() - timedelta(hours=1))

    shown = text_of(browser.get("/"))

    assert "۱۰٬۰۰۰ تومان اعتبار هنوز قابل خرج نیست" in shown
    assert "از ۳ روز دیگر" in shown or "از ۲ روز دیگر" in shown


def test_a_rise_in_tier_is_said_once_on_whatever_device(shop, sara, club, browser):
    shop.buys(sara, 10_000_000, now=days_ago(1))

    assert "به سطح نقره‌ای رسیدی" in text_of(browser.get("/"))
    assert "رسیدی" not in text_of(browser.get("/"))
    assert "رسیدی" not in text_of(browser_of(sara, club).get("/"))

    shop.buys(sara, 50_000_000, now=timezone.now())
    assert "به سطح طلایی رسیدی" in text_of(browser.get("/"))
    assert "رسیدی" not in text_of(browser.get("/"))


def test_the_first_tier_and_a_fall_are_no_rise(shop, sara, browser):
    assert "رسیدی" not in text_of(browser.get("/"))
    bought = shop.buys(sara, 10_000_000, now=days_ago(1))
    refund_purchase(RefundOrder(bought.id), actor="user:1", key="r", now=timezone.now())

    assert "رسیدی" not in text_of(browser.get("/"))


@pytest.fixture
def history(shop, sara):
    """One of each: earned, spent, refunded in part, given by hand with a reason, ended."""
    shop.buys(sara, 5_000_000, now=days_ago(40))
    second = shop.buy(
        PurchaseOrder(member_id=sara.pk, amount=1_000_000, pay_with=PayWith(credit=200_000, points=10)),
        now=days_ago(20),
    )
    refund_purchase(RefundOrder(second.id, amount=500_000), actor="user:1", key="part", now=days_ago(10))
    adjust(
        sara.pk,
        unit="points",
        delta=7,
        reason="هدیهٔ نوروز",
        actor="user:1",
        document="adjust:1",
        at=days_ago(5),
    )
    expire_due_lots(at=timezone.now())
    return second


def test_the_ledger_names_each_row_s_kind_document_reason_and_balance(history, browser):
    shown = text_of(browser.get("/ledger/"))

    for words in ("هدیهٔ خرید", "خرج شد", "مهلتش تمام شد", "پس گرفته شد", "به تو برگشت", "هدیهٔ نوروز"):
        assert words in shown
    assert f"برگشت خرید شمارهٔ {'۲' if history.number == 2 else history.number}" in shown
    assert "purchase:" not in shown
    assert "lot:" not in shown
    assert f'href="/purchases/{history.id}/"' in browser.get("/ledger/").content.decode()


@pytest.mark.parametrize("unit", ["points", "credit"])
def test_the_rows_of_a_unit_add_up_to_the_balance_in_the_header(history, sara, browser, unit):
    rows = browser.get(f"/ledger/?unit={unit}").context["rows"]
    balance = getattr(balances(sara.pk, timezone.now()), unit)

    assert sum(row.delta for row in rows) == balance == rows[0].balance_after
    running = 0
    for row in reversed(rows):
        running += row.delta
        assert row.balance_after == running


def test_a_merge_is_told_once_by_what_came(shop, sara, browser):
    other = shop.member()
    shop.buys(other, 1_000_000, now=timezone.now())
    merge_members(other.pk, sara.pk, actor="user:1", key="merge", now=timezone.now())

    rows = [row for row in browser.get("/ledger/").context["rows"] if row.title == "یکی شدن دو کارت"]

    assert sorted((row.unit, row.delta > 0) for row in rows) == [("credit", True), ("points", True)]
    assert text_of(browser.get("/")).count("یکی شدن دو کارت") == 1


def test_older_pages_leave_out_and_repeat_nothing(shop, sara, browser):
    for _number in range(23):
        shop.buys(sara, 100_000, now=days_ago(2))

    seen, address = [], "/ledger/?unit=points"
    while address:
        page = browser.get(address)
        seen += [row.id for row in page.context["rows"]]
        older = page.context["older"]
        address = f"/ledger/?unit=points&before={older}" if older else ""

    assert seen == list(entries(sara.pk, unit="points").values_list("id", flat=True))
    first = browser.get("/purchases/")
    second = browser.get(f"/purchases/?before={first.context['older']}")
    assert len(first.context["rows"]) == 20
    assert len(second.context["rows"]) == 3


@pytest.mark.parametrize("query", ["before=x", "before=٣", "before=-1", "unit=debt", "before=99999999999999999999"])
def test_a_wrong_address_shows_the_newest(history, browser, query):
    for page in ("/ledger/", "/purchases/"):
        assert browser.get(f"{page}?{query}").status_code == 200


def test_lists_cost_the_same_for_few_and_many_rows(shop, sara, browser):
    def cost(page):
        with CaptureQueriesContext(connection) as queries:
            browser.get(page)
        return len(queries)

    shop.buys(sara, 100_000, now=days_ago(3))
    pages = ("/", "/ledger/", "/purchases/")
    for page in pages:
        browser.get(page)  # what is done once a process or a session is no matter here
    few = [cost(page) for page in pages]
    for _number in range(15):
        shop.buys(sara, 100_000, now=days_ago(2))

    assert [cost(page) for page in pages] == few


def test_the_receipt_of_a_purchase_says_everything(history, browser, club):
    type(club).objects.filter(pk=club.pk).update(address="تهران، ونک", receipt_footer="سپاس از خرید شما")

    answer = browser.get(f"/purchases/{history.id}/")
    shown = text_of(answer)

    assert "رسید خرید شماره ۲" in shown
    assert "سارا محمدی" in shown
    assert "از اعتبار −۲۰٬۰۰۰" in shown
    assert "برگشت خورد" in shown
    assert "<svg" in answer.content.decode().split("inv-foot")[1] or "تهران، ونک" in shown
    assert INLINE.search(answer.content.decode()) is None
    assert 'class="roll"' in browser.get(f"/purchases/{history.id}/?roll=1").content.decode()


def test_another_member_s_purchase_and_a_sale_to_nobody_are_404(shop, history, sara, club):
    stranger = browser_of(shop.member(now=days_ago(3)), club)
    of_nobody = shop.buy(PurchaseOrder(amount=100_000), now=days_ago(1))

    assert stranger.get(f"/purchases/{history.id}/").status_code == 404
    assert stranger.get(f"/purchases/{of_nobody.id}/").status_code == 404
    assert stranger.get("/purchases/999999999999/").status_code == 404
    assert stranger.get("/purchases/99999999999999999999/").status_code == 404
    assert browser_of(sara, club).get(f"/purchases/{history.id}/").status_code == 200


def test_the_card_works_without_javascript(sara, browser):
    shown = browser.get("/card/").content.decode()

    assert "<svg" in shown.split('class="qr"')[1]
    assert Member.objects.get(pk=sara.pk).card not in shown  # it is read in fours, in Persian digits
    assert 'href="/card/" data-open="#card-sheet"' in browser.get("/").content.decode()


def test_the_profile_shows_what_the_club_knows(sara, browser):
    shown = text_of(browser.get("/profile/"))

    assert "سارا محمدی" in shown
    assert "برنزی" in shown
    assert "خروج" in shown


def test_a_blocked_member_reads_why_nothing_happens(sara, browser):
    Member.objects.filter(pk=sara.pk).update(status=Member.Status.BLOCKED)

    assert "کارتت فعلاً بسته است" in text_of(browser.get("/"))


def test_a_club_without_tiers_and_with_worthless_points(club):
    shop = Shop(club)
    shop.programme(point_worth=0)
    member = shop.member(now=days_ago(3))
    shop.buys(member, 1_000_000, now=days_ago(1))

    shown = text_of(browser_of(member, club).get("/"))

    assert not re.search(r"برابر [۰-۹]", shown)
    assert not re.search(r"سطح\b", shown)  # the help speaks of both


def test_two_refunds_of_one_purchase_are_two_happenings(shop, sara, browser):
    bought = shop.buys(sara, 1_000_000, now=days_ago(2))
    for number in (1, 2):
        order = RefundOrder(bought.id, amount=250_000)
        refund_purchase(order, actor="user:1", key=f"part{number}", now=days_ago(1))

    happenings = browser.get("/").context["home"].latest

    assert [len(happening.rows) for happening in happenings] == [2, 2, 2]


def test_an_invoice_says_what_was_left_after_that_purchase(shop, sara, browser):
    first = shop.buys(sara, 1_000_000, now=days_ago(2))
    shop.buys(sara, 2_000_000, now=days_ago(1))

    shown = text_of(browser.get(f"/purchases/{first.id}/"))

    assert "مانده پس از خرید: ۱۰ امتیاز · ۱۰٬۰۰۰ تومان اعتبار" in shown
    assert "۹۰۰٬۰۰۰ تومان تا نقره‌ای" in shown
