"""A sales expert's pages: the board first, the own leads and nobody's, taking one, and nothing of the shop's settings."""

import pytest
from django.utils import timezone

from core.models import Club
from crm.leads.models import Lead
from crm.leads.services import get_lead, lose_lead
from tests.accounts.cast import person, signed_in
from tests.crm.leads.acts import lead, nobodys

BOARD, NEW, LIST = "/desk/leads/", "/desk/leads/new/", "/desk/leads/list/"


@pytest.fixture
def sara(club: Club):
    return person("sales", name="سارا محمدی")


@pytest.fixture
def reza(club: Club):
    return person("sales", name="رضا کیا")


@pytest.fixture
def browser(club: Club, sara):
    return signed_in(sara, club)


def page(answer) -> str:
    return answer.content.decode()


def test_the_board_is_the_home_of_an_expert_and_shows_the_own_and_nobodys(browser, sara, reza):
    lead(name="مینا راد", owner_id=sara.pk, expected_rial=20_000_000)
    free, others = nobodys(name="نگار نوری"), lead(name="پیمان امینی", owner_id=reza.pk, expected_rial=990_000_000)
    lose_lead(lead(owner_id=reza.pk).pk, "گران", "کافهٔ سپید", actor="user:1", now=timezone.now())

    assert browser.get("/desk/").url == BOARD
    text, listed = page(browser.get(BOARD)), page(browser.get(LIST))

    for shown in (text, listed):
        assert "مینا راد" in shown and "نگار نوری" in shown
        assert "پیمان امینی" not in shown and "رضا کیا" not in shown and "۹۹" not in shown
    assert "۲ سرنخ باز" in text and "سرنخ‌های من" in text and "/desk/leads/settings/" not in text
    assert text.count('value="take"') == 1 and text.count('draggable="true"') == 1
    assert "کافهٔ سپید" not in page(browser.get(f"/desk/leads/{free.pk}/"))
    assert "مینا راد" not in page(browser.get(f"{LIST}?owner={reza.pk}"))
    for path in ("", "edit/"):
        assert browser.get(f"/desk/leads/{others.pk}/{path}").status_code == 404
    for path, body in (
        ("act", {"act": "plan"}),
        ("act", {"act": "lose", "lost_reason": "x"}),
        ("move", {"stage": "new"}),
    ):
        assert browser.post(f"/desk/leads/{others.pk}/{path}/", body).status_code == 404
    for path in ("/desk/leads/settings/", "/desk/leads/export.csv", "/desk/till/", "/desk/staff/", "/desk/offers/"):
        assert browser.get(path).status_code == 403


def test_a_lead_of_nobodys_is_taken_before_it_is_worked_on(club, browser, sara, reza):
    free = nobodys(name="نگار نوری")
    path = f"/desk/leads/{free.pk}/"

    looked = page(browser.get(path))
    refused = page(browser.post(f"{path}act/", {"act": "lose", "lost_reason": "گران"}, follow=True))
    moved = browser.post(f"{path}move/", {"stage": "contacted"}, headers={"hx-request": "true"})
    edited = browser.get(f"{path}edit/")
    before = get_lead(free.pk)
    taken = page(browser.post(f"{path}act/", {"act": "take"}, follow=True))

    assert 'value="take"' in looked and 'value="lose"' not in looked and 'value="plan"' not in looked
    assert "نخست برش دارید" in refused and "نخست برش دارید" in page(moved) and edited.url == path
    assert (before.owner, before.status, before.stage.code) == (None, "open", "new")
    assert "این سرنخ از آنِ شماست" in taken and 'value="take"' not in taken and 'value="lose"' in taken
    second = signed_in(reza, club).post(f"{path}act/", {"act": "take"}, follow=True)
    assert second.redirect_chain == [(BOARD, 302)] and "همین حالا «سارا محمدی» برداشت" in page(second)
    note = {"act": "plan", "note": "زنگ زدم؛ شنبه می‌آید", "next_activity": "زنگ", "next_on": "۱۴۰۶/۰۱/۰۵"}
    assert "کار بعدی ثبت شد" in page(browser.post(f"{path}act/", note, follow=True))
    kept = get_lead(free.pk)
    assert (kept.owner, kept.note, kept.next_activity) == (sara, "زنگ زدم؛ شنبه می‌آید", "زنگ")
    assert browser.post(f"{path}move/", {"stage": "contacted"}).status_code == 302
    assert get_lead(free.pk).stage.code == "contacted"
    assert browser.post(f"{path}act/", {"act": "forget"}).status_code == 403


def test_what_an_expert_registers_is_the_experts_and_a_known_phone_says_whose_it_is(browser, sara, reza):
    others = lead("09121234567", "پیمان امینی", owner_id=reza.pk)
    typed = {"phone": "09121234567", "name": "پیمان", "kind": "person", "owner": str(reza.pk)}

    told = page(browser.get("/desk/leads/known/?phone=09121234567"))
    asked = browser.post(NEW, {**typed, "knowingly": "1"})
    made = browser.post(NEW, {**typed, "phone": "09121234568"})

    for text in (told, page(asked)):
        assert "رضا کیا" in text and "پیمان امینی" not in text and f"/desk/leads/{others.pk}/" not in text
    assert asked.status_code == 422 and 'name="knowingly"' not in page(asked) and 'name="owner"' not in page(asked)
    mine = Lead.objects.get(phone="09121234568")
    assert made.url == f"/desk/leads/{mine.pk}/" and mine.owner == sara
    browser.post(f"{made.url}edit/", {**typed, "phone": mine.phone, "name": "پیمان نو"})
    assert (get_lead(mine.pk).owner, get_lead(mine.pk).name) == (sara, "پیمان نو")
    assert f"/desk/leads/{mine.pk}/" in page(browser.get(f"/desk/leads/known/?phone={mine.phone}"))
