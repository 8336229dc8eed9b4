"""The manager's page of referrals and its settings."""

from django.utils import timezone

from core.models import AuditEntry, Club
from crm.referrals.links import count_click
from crm.referrals.models import Referral
from crm.referrals.rules import Terms
from crm.referrals.terms import referral_page, terms_at
from tests.accounts.cast import person, signed_in
from tests.crm.referrals.acts import SALE, brought, credit, read, terms
from tests.shop import NOON, TOMAN, Shop

URL, SETTINGS = "/desk/referrals/", "/desk/settings/referrals/"
FORM = {
    "is_on": "on", "percent_bp": "۷٫۵", "of": "every", "hold_days": "۷", "most_friends": "", "min_amount_rial": "۱۰۰٬۰۰۰",
    "most_a_day": "۵", "share_text": "بيا", "shows_leaders": "on",
}  # fmt: skip


def test_a_manager_sees_who_brought_whom_and_decides_once(shop: Shop, club: Club) -> None:
    terms(most_a_day=1)
    sara = shop.member(first_name="سارا", last_name="محمدی")
    friends = [brought(shop, sara, first_name=name, source="referral:telegram") for name in ("نیما", "رضا", "مینا")]
    count_click(sara.referral_code, "telegram")
    for friend in friends:
        shop.buys(friend, SALE)
    read()
    browser = signed_in(person("manager"), club)

    page = browser.get(URL).content.decode()

    assert "سارا محمدی" in page and "تلگرام" in page and "بیش از اندازه" in page and "رضا" in page
    held = list(Referral.objects.filter(review="held").order_by("pk"))
    browser.post(f"{URL}{held[0].pk}/decide/", {"act": "approve"})
    again = browser.post(f"{URL}{held[0].pk}/decide/", {"act": "refuse"}, follow=True).content.decode()
    browser.post(f"{URL}{held[1].pk}/decide/", {"act": "refuse"})

    assert "پیش‌تر تصمیم گرفته شده" in again
    assert credit(sara) == 400_000 * TOMAN
    assert "رضا" in browser.get(f"{URL}?state=approved").content.decode()
    assert "مینا" in browser.get(f"{URL}?state=refused").content.decode()
    assert browser.post(f"{URL}999/decide/", {"act": "approve"}).status_code == 404


def test_the_terms_are_changed_from_now_on_and_nonsense_is_said_beside_its_field(shop: Shop, club: Club) -> None:
    browser = signed_in(person("manager"), club)
    assert "پاداش معرفی" in browser.get("/desk/settings/").content.decode()

    saved = browser.post(SETTINGS, FORM)
    held = terms_at(timezone.now())

    assert saved.status_code == 302
    assert held == Terms(percent_bp=750, every_purchase=True, hold_days=7, min_amount_rial=1_000_000, most_a_day=5)
    assert terms_at(NOON) == Terms() and referral_page().share_text == "بیا"
    browser.post(SETTINGS, FORM)
    assert AuditEntry.objects.filter(action="referral_terms.update").count() == 1
    for wrong in ({"percent_bp": "۱۰۱"}, {"percent_bp": "0"}, {"hold_days": "-1"}, {"most_a_day": ""}, {"of": "x"}):
        answer = browser.post(SETTINGS, FORM | wrong)
        assert answer.status_code == 422 and "بيا" in answer.content.decode()
    assert terms_at(timezone.now()) == held


def test_the_page_costs_the_same_for_any_number(shop: Shop, club: Club, django_assert_max_num_queries) -> None:
    terms(most_a_day=1)
    sara = shop.member()
    browser = signed_in(person("manager"), club)
    browser.get(URL)
    for _ in range(12):
        shop.buys(brought(shop, sara), SALE)
    read()

    with django_assert_max_num_queries(24):
        browser.get(URL)
