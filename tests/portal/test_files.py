"""What a member takes home: the own ledger and purchases, all of them and nobody else's."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from club.ledger.selectors import balances
from club.members.services import update_member
from portal import files
from tests.accounts.cast import visitor
from tests.files import records_of, sent

LEDGER, PURCHASES = reverse("portal:ledger_file", args=["csv"]), reverse("portal:purchases_file", args=["csv"])


def days_ago(days):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def bought(shop, sara):
    """Seven purchases of the member's, and one of somebody else."""
    for day in range(8, 1, -1):
        shop.buys(sara, 1_000_005 * day, now=days_ago(day))
    shop.buys(shop.member(first_name="بیگانه", now=days_ago(9)), 99_000_000, now=days_ago(1))
    return sara


def test_the_ledger_goes_home_whole_and_adds_up(bought, browser, monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 3)

    rows = records_of(browser.get(LEDGER))

    credit = [row["اعتبار (تومان)"] for row in rows if row["اعتبار (تومان)"]]
    has = balances(bought.pk, timezone.now())
    assert len(credit) == 7
    assert sum(round(float(amount) * 10) for amount in credit) == has.credit
    assert round(float(rows[0]["ماندهٔ اعتبار (تومان)"]) * 10) == has.credit
    assert all(row["زمان"].startswith("14") and row["زمان (میلادی)"].startswith("20") for row in rows)


def test_purchases_go_home_newest_first(bought, browser, monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 3)

    rows = records_of(browser.get(PURCHASES))

    assert [row["مبلغ (تومان)"] for row in rows[:2]] == ["200001", "300001.5"]
    assert len(rows) == 7
    assert browser.get(PURCHASES)["Content-Disposition"] == 'attachment; filename="purchases.csv"'
    assert "99000" not in sent(browser.get(PURCHASES)).decode()


@pytest.mark.parametrize("url", [LEDGER, PURCHASES])
def test_only_a_member_who_is_logged_in_gets_a_file(club, url):
    assert visitor(club).get(url).status_code == 302


@pytest.mark.parametrize("page", ["portal:ledger", "portal:purchases"])
def test_the_pages_lead_to_the_files_once_there_is_something(shop, sara, browser, page):
    assert ".csv" not in browser.get(reverse(page)).content.decode()
    shop.buys(sara, 1_000_000, now=days_ago(1))

    shown = browser.get(reverse(page)).content.decode()
    assert [reverse(f"{page}_file", args=[form]) in shown for form in ("csv", "xlsx")] == [True, True]


def test_the_file_of_a_unit_holds_that_unit_alone(bought, browser):
    assert reverse("portal:ledger_file", args=["csv"]) + "?unit=credit" in browser.get(
        reverse("portal:ledger"), {"unit": "credit"}
    ).content.decode().replace("&amp;", "&")

    rows = records_of(browser.get(LEDGER, {"unit": "credit"}))

    assert len(rows) == 7 and not any(row["امتیاز"] for row in rows)


def test_changes_are_paged_by_acts_and_go_home_whole(sara, browser, monkeypatch):
    monkeypatch.setattr("portal.profile.ACTS", 3)
    monkeypatch.setattr("portal.profile.CHUNK", 2)
    for number in range(5):
        update_member(sara.pk, {"city": f"شهر{number}", "last_name": f"نام{number}"}, actor=f"member:{sara.pk}")
        update_member(sara.pk, {"tags": [f"{number}"]}, actor="user:1")  # not the member's to see

    pages = [browser.get("/profile/changes/")]
    while older := pages[-1].context["older"]:
        pages.append(browser.get("/profile/changes/", {"before": older}))

    shown = [(change.label, after) for page in pages for change, _before, after, _own in page.context["rows"]]
    assert [after for label, after in shown if label == "شهر"] == [f"شهر{number}" for number in range(4, -1, -1)]
    rows = records_of(browser.get("/profile/changes/export.csv"))
    assert [(row["چه"], row["پس"]) for row in rows] == shown
    assert (rows[0]["پیش"], rows[0]["چه کسی"]) == ("شهر3", "خودت")
