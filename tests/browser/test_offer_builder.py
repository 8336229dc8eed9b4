"""A manager defines an offer with a browser: few fields, few steps, kept as it is typed; also without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from core.models import Club
from offers.models import Offer
from tests.accounts.cast import person, signed_in
from tests.browser.stage import DESKTOP, PHONE, SMALLEST, Stage, overflow, picture, until, violations
from tests.shop import Shop

NEW = "/desk/offers/new/"
WHEN = {
    "all": [
        {"fact": "weekday", "op": "eq", "value": 3},
        {"fact": "amount", "op": "gt", "value": 1_500_000},
        {"fact": "tier", "op": "gte", "value": "silver"},
    ]
}
MOST_FIELDS = 6


@pytest.fixture
def desk(committed_club: Club, stage: Callable[..., Stage]) -> Callable[..., Page]:
    Shop(committed_club).tiers()

    def open_new(**options: object) -> Page:
        page = stage(signed_in(person("manager"), committed_club), **options).open(NEW)
        page.click("button[name=starter][value='']")
        page.wait_for_selector("#offer-form")
        return page

    return open_new


def drawn(page: Page, selector: str) -> None:
    """Wait until the cards with this are there, and answer."""
    page.wait_for_selector(selector)
    until(page, "!document.querySelector('.htmx-settling, .htmx-request, .htmx-added')")


def fill_in_tuesday(page: Page) -> int:
    """How many fields it took."""
    page.fill("[name=name]", "سه‌شنبه‌های پراعتبار")
    page.fill("[name=percent]", "۱۰")
    page.check("[name=weekdays][value='3']", force=True)
    page.fill("[name=amount_above]", "150000")
    page.check("[name=tier_from][value=silver]", force=True)
    return 5


def test_the_tuesday_offer_takes_no_more_than_six_fields_and_four_steps(desk: Callable[..., Page]) -> None:
    page = desk()  # the first step: from scratch
    fields = page.locator("#offer-form [required]:visible").all()
    required = {field.get_attribute("name") for field in fields}

    filled = fill_in_tuesday(page)
    page.click("[name=act][value=tell]")  # the second: the summary, said by itself
    until(page, "document.querySelector('[name=summary]').value.includes('۱۰٪ اعتبار برگشتی')")
    until(page, "document.querySelector('#look').innerText.includes('سطح نقره‌ای و بالاتر')")
    until(page, "document.querySelector('#kept').innerText.includes('پیش‌نویس ذخیره شد')")
    assert Offer.objects.get().terms["when"] == WHEN, "kept before anything is sent"
    picture(page, "offer-builder")
    page.click("header [name=act][value=publish]")  # the third: publish
    page.wait_for_url("**/publish/")
    assert "منتشر شود؟" in page.inner_text("main")
    page.click("main form button[type=submit]")  # the fourth: yes
    page.wait_for_url("**/offers/")

    assert len(required) <= MOST_FIELDS and filled <= MOST_FIELDS, required
    offer = Offer.objects.get()
    assert (offer.status, offer.terms["when"]) == ("live", WHEN)
    assert offer.terms["benefit"] == {"kind": "credit_percent", "percent": 10}


@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark"), (SMALLEST, "light")])
def test_axe_finds_nothing_while_an_offer_is_built(
    desk: Callable[..., Page], size: tuple[int, int], theme: str
) -> None:
    page = desk(size=size, theme=theme)
    faults = violations(page)
    page.check("[name=kind][value=buy_x_get_y]", force=True)
    drawn(page, "#id_buy")
    page.click("[name=act][value=add]")
    drawn(page, "[name=c0-fact]")
    page.select_option("[name=c0-fact]", "spent_in_days")
    drawn(page, "[name=c0-unit]")
    page.select_option("[name=c0-op]", "gte")
    page.select_option("[name=c0-unit]", "own")
    drawn(page, "[name=c0-share]")
    page.fill("[name=c0-days]", "90")
    faults += violations(page)
    page.click("[name=act][value=save] >> nth=0")
    page.wait_for_selector("#id_buy_error")
    faults += violations(page)

    assert faults == []
    assert overflow(page) <= 0
    assert page.input_value("[name=c0-days]") == "90", "nothing typed is lost"


def test_it_goes_without_scripts_too(desk: Callable[..., Page]) -> None:
    page = desk(javascript=False)

    fill_in_tuesday(page)
    page.check("[name=kind][value=discount_amount]", force=True)
    page.click("[name=act][value=shape]")
    page.fill("[name=amount]", "20000")
    page.click("[name=act][value=add]")
    page.select_option("[name=c0-fact]", "visit_number")
    page.select_option("[name=c0-op]", "gt")
    page.fill("[name=c0-value]", "۱۰")
    page.click("[name=act][value=save] >> nth=0")

    terms = Offer.objects.get().terms
    assert terms["benefit"] == {"kind": "discount_amount", "amount": 200_000}
    assert terms["when"] == {"all": [*WHEN["all"], {"fact": "visit_number", "op": "gt", "value": 10}]}
