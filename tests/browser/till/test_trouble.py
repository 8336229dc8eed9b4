"""The till off line, without answers, without a session: what was typed stays, and is saved once."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route

from accounts.models import Role
from club.members.models import Member
from club.purchases.models import Purchase
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.browser.stage import picture, until
from tests.browser.till.conftest import Keys, wait_saved


def test_offline_keeps_what_was_typed_and_a_second_enter_saves_it_once(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")

    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.wait_for_selector("#till-note:not([hidden])")
    assert "سر جایشان" in page.inner_text("#till-note")
    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"

    page.context.set_offline(False)
    page.keyboard.press("Enter")
    assert wait_saved(page).member_id == sara.pk
    assert Purchase.objects.count() == 1


LOSE_ANSWERS = """() => {
    window.fetchAsItWas = window.fetch;
    window.fetch = async (...request) => { await window.fetchAsItWas(...request); throw new TypeError("lost"); };
}"""


def test_an_answer_lost_on_the_way_back_does_not_double_the_purchase(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")

    page.evaluate(LOSE_ANSWERS)
    page.keyboard.press("Enter")
    page.wait_for_selector("#till-note:not([hidden])")
    page.evaluate("window.fetch = window.fetchAsItWas")
    page.keyboard.press("Enter")

    wait_saved(page)
    assert "دوباره ثبت نشد" in page.inner_text("#toast")
    assert Purchase.objects.count() == 1


def is_shown_online(page: Page) -> bool:
    on, off = page.is_visible("#net-on"), page.is_visible("#net-off")
    assert on != off
    return on


def test_a_server_that_never_answers_is_said_and_a_second_enter_saves_once(
    till: Callable[..., Page], sara: Member
) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")
    assert is_shown_online(page)

    held: list[Route] = []
    page.route("**/desk/till/", lambda route: held.append(route))
    page.clock.install()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[aria-busy=true]')")
    page.clock.fast_forward(12_000)
    page.wait_for_selector("#till-note:not([hidden])")
    assert "سر جایشان" in page.inner_text("#till-note")
    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"
    assert page.locator("[aria-busy=true]").count() == 0
    assert not is_shown_online(page)
    picture(page, "till-late")

    key = page.input_value("#till-form [name=key]")
    page.unroute("**/desk/till/")
    page.keyboard.press("Enter")
    wait_saved(page)
    assert held and key in (held[0].request.post_data or "")
    assert is_shown_online(page)
    assert Purchase.objects.count() == 1


def test_a_search_that_never_answers_is_said_too(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    page.route("**/till/members/**", lambda route: None)
    page.clock.install()

    Keys(page).type("4567").press("Enter").type("245.")
    page.clock.fast_forward(10_000)

    until(page, "document.getElementById('who-hint').textContent.includes('جست‌وجو پاسخ نداد')")
    assert page.input_value("#who") == "4567"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_without_its_database_is_not_on_line(till: Callable[..., Page], sara: Member, status: int) -> None:
    page = till()
    page.route("**/till/members/**", lambda route: route.fulfill(status=status, body=""))
    page.keyboard.type("4567")
    until(page, "!document.getElementById('net-off').hidden")
    assert not is_shown_online(page)

    page.unroute("**/till/members/**")
    page.keyboard.press("Backspace")
    until(page, "document.getElementById('net-off').hidden")
    assert is_shown_online(page)


def test_an_htmx_request_that_never_answers_is_said(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    bought = wait_saved(page)
    page.goto(page.url.split("/desk/")[0] + f"/desk/purchases/{bought.pk}/refund/", wait_until="networkidle")
    page.evaluate(
        "document.addEventListener('htmx:configRequest', (e) => { e.detail.timeout = htmx.config.timeout / 100; })"
    )
    page.route("**/refund/preview/**", lambda route: None)

    page.locator("#refund-form input[type=radio]").nth(1).check()

    until(page, "document.getElementById('toast').textContent.includes('پاسخی نرسید')")


def test_a_session_that_ended_is_said_and_a_new_login_goes_on_with_the_same_form(
    till: Callable[..., Page], club: Club, sara: Member
) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")

    page.context.clear_cookies()
    page.keyboard.press("Enter")
    page.wait_for_selector("#till-note a[target=_blank]")
    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"

    session = signed_in(person(Role.CASHIER), club).cookies["club_session"].value
    page.context.add_cookies([{"name": "club_session", "value": session, "url": page.url}])
    page.keyboard.press("Enter")
    assert wait_saved(page).member_id == sara.pk


def test_a_reload_keeps_what_was_typed(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")
    until(
        page,
        "JSON.parse(sessionStorage.getItem('till:' + location.host + ':' + document.getElementById('till-form').dataset.person) || '{}').amount === '۲۴۵٬۰۰۰'",
    )

    page.reload(wait_until="networkidle")

    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"
    until(page, "document.querySelector('#member').innerText.includes('سارا')")


def test_what_a_cashier_typed_is_not_found_by_the_next_one(till: Callable[..., Page], club: Club, sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "Object.keys(sessionStorage).some((name) => name.startsWith('till:'))")

    following = signed_in(person(Role.CASHIER, name="لیلا رستمی"), club)
    cookie = following.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": page.url.split("/desk")[0]}]
    )
    page.goto(page.url, wait_until="networkidle")

    assert (page.input_value("#who"), page.input_value("#amount")) == ("", "")
