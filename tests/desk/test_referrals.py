"""The manager's page of referrals and its settings."""

import csv

from django.utils import timezone

from club.members.agent_codes import register_agent_code
from club.members.services import set_referrer
from core.models import AuditEntry, Club
from crm.referrals.links import count_click
from crm.referrals.models import Referral
from crm.referrals.rules import Terms
from crm.referrals.selectors import channels, in_all
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
    card, waits = f"/desk/members/{held[0].friend_id}/", "معرفی به شمار نمی‌آید"
    assert waits in browser.get(card).content.decode()
    browser.post(f"{URL}{held[0].pk}/decide/", {"act": "approve"})
    assert waits not in browser.get(card).content.decode()
    again = browser.post(
        f"{URL}{held[0].pk}/decide/", {"act": "refuse", "reason": "همان"}, follow=True
    ).content.decode()
    for wanting in ("", " ", "x" * 201):
        asked = browser.post(f"{URL}{held[1].pk}/decide/", {"act": "refuse", "reason": wanting})
        assert asked.status_code == 422 and "دلیل را بنویسید" in asked.content.decode()
    assert "x" * 201 in asked.content.decode() and Referral.objects.filter(review="held").count() == 1
    browser.post(f"{URL}{held[1].pk}/decide/", {"act": "refuse", "reason": "گوشی خود سارا"})

    assert "پیش‌تر تصمیم گرفته شده" in again
    assert credit(sara) == 400_000 * TOMAN
    assert "رضا" in browser.get(f"{URL}?state=approved").content.decode()
    refused = browser.get(f"{URL}?state=refused").content.decode()
    assert "مینا" in refused and "دلیل: گوشی خود سارا" in refused
    assert AuditEntry.objects.filter(action="referral.decide").latest("pk").after["reason"] == "گوشی خود سارا"
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


def test_the_table_the_figures_and_the_file_count_the_same_people(shop: Shop, club: Club) -> None:
    sara = shop.member(first_name="سارا", last_name="محمدی")
    code = register_agent_code(1, "09121110000", name="مریم رضایی", actor="user:1")
    friends = [
        brought(shop, sara, first_name="=نیما", source="referral:telegram"),
        brought(shop, sara, first_name="رضا"),
    ]
    customers = [shop.member(first_name=f"مشتری {number}", source="referral:bale") for number in range(3)]
    for one in customers:
        set_referrer(one.pk, code, actor="user:1")
    for link, network in ((sara.referral_code, "telegram"), (code, "bale"), (code, "")):
        count_click(link, network)
    for one in (friends[0], customers[0], customers[1]):
        shop.buys(one, SALE)
    read()
    browser = signed_in(person("manager"), club)

    page = browser.get(URL).content.decode()
    total = in_all(channels())
    rows = list(csv.DictReader(b"".join(browser.get(f"{URL}export.csv")).decode("utf-8-sig").splitlines()))

    assert (total.clicks, total.joined, total.bought, total.spent) == (3, 5, 3, 3 * SALE)
    assert (total.joined_by_members, total.joined_by_agents) == (2, 3)
    assert (total.bought_by_members, total.bought_by_agents) == (1, 2)
    assert "۳ نفر با پیوند عاملان" in page and "۲ نفر با پیوند عاملان" in page
    assert len(rows) == total.joined and sum(bool(row["نخستین خرید"]) for row in rows) == total.bought
    assert sum(int(row["جمع خرید (تومان)"]) for row in rows) * 10 == total.spent
    by_name = {row["عضو"]: row for row in rows}
    first, third = by_name["'=نیما"], by_name["مشتری 2"]
    assert (first["معرف"], first["کد معرف"], first["شبکه"]) == ("سارا محمدی", sara.referral_code, "تلگرام")
    assert (first["پاداش داده‌شده (تومان)"], first["بررسی"]) == (str(200_000 * TOMAN // 10), "بی‌اشکال")
    assert (third["معرف"], third["معرف کیست"], third["بررسی"]) == ("مریم رضایی", "عامل", "")
    assert browser.get(f"{URL}export.xlsx").status_code == 200 and browser.get(f"{URL}export.pdf").status_code == 404
    members = csv.DictReader(b"".join(browser.get("/desk/members/export.csv")).decode("utf-8-sig").splitlines())
    assert {row["نام"]: row["کد معرف"] for row in members} == {
        "سارا": "", "'=نیما": sara.referral_code, "رضا": sara.referral_code, **{one.first_name: code for one in customers}
    }  # fmt: skip


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
