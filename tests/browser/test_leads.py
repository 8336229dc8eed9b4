"""A lead's life by keyboard alone: registered, warned of, moved on the board, lost, opened again and made a customer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from core.models import Club
from crm.leads.models import Lead
from tests.accounts.cast import person, signed_in
from tests.browser.stage import Stage
from tests.crm.leads.acts import history, lead

Make = Callable[..., Stage]
MOST_TABS = 120


@pytest.fixture
def club(committed_club: Club) -> Club:
    """The club whose rows the server sees."""
    return committed_club


def to(page: Page, selector: str) -> None:
    """Go on with Tab until this is what the keyboard is on."""
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard never comes to {selector}")


def test_a_leads_life_by_keyboard_alone(club: Club, stage: Make) -> None:
    known = lead("09121234567", "رضا کیا")
    page = stage(signed_in(person("manager", name="سارا محمدی"), club)).open("/desk/leads/")

    to(page, "a[href$='/leads/new/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/new/")
    to(page, "[name=phone]")
    page.keyboard.type("۰۹۱۲۱۲۳۴۵۶۷")
    page.keyboard.press("Tab")
    page.wait_for_selector("#known .note")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("09121234568")
    page.keyboard.press("Tab")
    page.wait_for_selector("#known .note", state="detached")
    page.keyboard.type("مینا راد")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[value=convert]")
    one = Lead.objects.exclude(pk=known.pk).get()

    page.goto(page.url.partition("/desk/")[0] + "/desk/leads/")
    to(page, f"#lead-{one.pk} summary")
    page.keyboard.press("Enter")
    to(page, f"#to-{one.pk}")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-stage=contacted] #lead-{one.pk}")
    assert page.evaluate("id => document.activeElement.closest('.lead-card').id === id", f"lead-{one.pk}")

    page.keyboard.press("Enter")
    page.wait_for_url(f"**/leads/{one.pk}/")
    to(page, "[name=lost_reason]")
    page.keyboard.type("گران بود")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[value=reopen]")
    to(page, "button[value=reopen]")
    page.keyboard.press("Enter")
    page.wait_for_selector("button[value=convert]")
    to(page, "button[value=convert]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".tag-ok")

    assert history(one) == [
        ("new", "open"), ("contacted", "open"), ("contacted", "lost"), ("contacted", "open"), ("contacted", "won"),
    ]  # fmt: skip


def test_a_card_is_dragged_to_another_stage(club: Club, stage: Make) -> None:
    one = lead(name="مینا راد")
    page = stage(signed_in(person("manager"), club)).open("/desk/leads/")

    page.drag_and_drop(f"#lead-{one.pk}", "[data-stage=contacted] header")
    page.wait_for_selector(f"[data-stage=contacted] #lead-{one.pk}")

    assert history(one) == [("new", "open"), ("contacted", "open")]
