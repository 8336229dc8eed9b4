"""The bell of the portal: how many are new, the page that clears it, without a script and for this member alone."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from crm.notices.models import NoticeRead
from crm.notices.services import Draft, notify, publish_notice
from tests.accounts.cast import person, signed_in
from tests.portal.test_portal import text_of


def tell(text, **more):
    return publish_notice(Draft("all", text, **more), actor="user:1", now=timezone.now())


def test_the_bell_counts_what_is_new_on_every_page_until_it_is_opened(shop, sara, browser):
    tell("جمعه بسته‌ایم", link="/offers/")
    notify(sara.pk, "جایزه‌ات آماده است", document="redemption:1", now=timezone.now())
    for path in ("/", "/offers/", "/profile/"):
        assert 'aria-label="اعلان‌ها، ۲ تازه"' in browser.get(path).content.decode()

    browser.head("/notices/")
    assert not NoticeRead.objects.exists()
    page = browser.get("/notices/")

    assert text_of(page).count("· تازه") == 2
    assert 'href="/offers/"' in page.content.decode()
    assert "۲ تازه" not in page.content.decode()
    again = browser.get("/notices/")
    assert "جمعه بسته‌ایم" in text_of(again)
    assert "· تازه" not in text_of(again)
    assert 'aria-label="اعلان‌ها"' in browser.get("/").content.decode()


def test_an_empty_page_says_what_will_come(sara, browser):
    assert "اعلانی نداری" in text_of(browser.get("/notices/"))


def test_words_are_shown_as_they_were_written(sara, browser):
    tell("<b>سلام</b>\nخط دوم")

    page = browser.get("/notices/").content.decode()

    assert "&lt;b&gt;سلام&lt;/b&gt;<br>خط دوم" in page


def test_a_page_costs_the_same_for_any_number_of_notices(sara, browser):
    costs = []
    for _turn in range(2):
        for each in range(20):
            tell(f"{each}")
        browser.get("/notices/")
        with CaptureQueriesContext(connection) as asked:
            browser.get("/notices/")
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_what_staff_post_is_new_on_every_panel_until_each_member_has_opened_it(shop, sara, browser, club):
    reza = shop.member(phone="09351112233", first_name="رضا")
    his = signed_in(User.objects.of_phone(reza.phone), club, "otp")
    manager = signed_in(person("manager"), club)
    manager.post("/desk/notices/new/", {"audience": "all", "text": "جمعه بسته‌ایم", "act": "publish"})

    for each in (browser, his):
        assert 'aria-label="اعلان‌ها، ۱ تازه"' in each.get("/").content.decode()
    assert "جمعه بسته‌ایم" in text_of(browser.get("/notices/"))

    assert 'aria-label="اعلان‌ها"' in browser.get("/").content.decode()
    assert 'aria-label="اعلان‌ها، ۱ تازه"' in his.get("/").content.decode()
