"""What is written to a ticket and not sent: it is there again, is asked about, is not cut, and goes with the session."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.browser.stage import PHONE, Stage, until
from tests.shop import Shop
from tests.tickets.acts import asks
from tickets.models import Comment
from tickets.selectors import get_ticket

HALF = "سلام، سفارش شما"
BOX = "textarea[name=text]"


def kept(page: Page) -> int:
    return int(page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft:')).length"))


def test_an_answer_that_is_not_sent_is_there_again(committed_club: Club, stage: Callable[..., Stage]) -> None:
    shop, now = Shop(committed_club), timezone.now()
    sara = shop.member(first_name="سارا")
    ticket, other = asks(sara, now=now), asks(shop.member(), now=now)
    second = asks(sara, now=now)
    support = person("support", name="علی")
    one = stage(signed_in(support, committed_club))
    desk: Page = one.open(f"/desk/tickets/{ticket.pk}/")

    # Given half an answer, when the ticket is changed beside it, it and the caret stay; another ticket has its own
    desk.fill(BOX, HALF)
    desk.evaluate(f"document.querySelector('{BOX}').setSelectionRange(4, 4)")
    desk.click("summary:has-text('اولویت')")
    desk.select_option("#id_priority", "high")
    desk.click("[value=about]")
    desk.get_by_text("ثبت شد.").wait_for()
    assert get_ticket(ticket.pk).priority == "high"
    assert desk.input_value(BOX) == HALF
    assert desk.evaluate(f"document.querySelector('{BOX}').selectionStart") == 4
    desk.goto(f"{desk.url.split('/desk')[0]}/desk/tickets/{other.pk}/")
    assert desk.input_value(BOX) == ""
    desk.go_back()
    assert desk.input_value(BOX) == HALF

    # When it would end, it is asked, by button and by key
    desk.click("#part-acts [value=solve]")
    desk.get_by_role("button", name="ماندن و فرستادن آن").click()
    assert get_ticket(ticket.pk).is_open
    desk.evaluate("document.activeElement.blur()")
    desk.keyboard.press("e")
    assert desk.locator("#closing").get_by_text("پیام نوشته‌شده فرستاده نشده است").is_visible()
    desk.keyboard.press("Escape")

    # When there is no connection, it is told and nothing is lost
    desk.context.set_offline(True)
    desk.click("[value=answer]")
    desk.get_by_text("اینترنت قطع است").wait_for()
    desk.context.set_offline(False)
    # nor where the line is cut on the way
    desk.route("**/act/**", lambda route: route.abort())
    desk.click("[value=answer]")
    desk.wait_for_url("chrome-error://**")
    desk.unroute("**/act/**")
    desk.go_back()
    until(desk, f"document.querySelector('{BOX}').value === '{HALF}'")

    # When it is too long, nothing is cut, and it is counted and not sent
    desk.fill(BOX, "ن" * 5_001)
    assert desk.get_by_text("۵٬۰۰۱ از ۵٬۰۰۰").is_visible()
    desk.click("[value=answer]")
    assert "تا ۵٬۰۰۰ نویسه جا دارد" in desk.inner_text("#id_text_error")
    desk.fill(BOX, HALF)

    # When it is sent, it is over
    desk.click("[value=answer]")
    desk.locator(".said-mine").wait_for()
    assert desk.input_value(BOX) == "" and kept(desk) == 0
    assert Comment.objects.get(ticket=ticket, side="staff").text == HALF

    # And it goes along where the ticket goes on in another
    desk.fill(BOX, HALF)
    desk.click("summary:has-text('ادغام و پیوند')")
    desk.fill("#other-number", str(second.number))
    desk.click("[value=merge]")
    desk.wait_for_url(f"**/{second.pk}/?merged=*")
    assert desk.input_value(BOX) == HALF

    # Nor does it outlive the session of who wrote it
    desk.fill(BOX, HALF)
    assert kept(desk) == 1
    desk.locator("form[action$='/logout/'] button").first.click()
    desk.wait_for_url("**/login/**")
    assert kept(desk) == 0


@pytest.mark.slow
def test_the_members_answer_is_kept_alike(committed_club: Club, stage: Callable[..., Stage]) -> None:
    sara = Shop(committed_club).member(first_name="سارا")
    ticket = asks(sara, now=timezone.now())
    phone = stage(signed_in(person(phone=sara.phone or ""), committed_club, "otp"), size=PHONE).open(
        f"/support/{ticket.pk}/"
    )

    phone.fill(BOX, HALF)
    phone.get_by_role("link", name="پشتیبانی").first.click()
    phone.goto(f"{phone.url.split('/support')[0]}/support/{ticket.pk}/")
    assert phone.input_value(BOX) == HALF
    phone.get_by_role("button", name="مشکلم حل شد").click()
    phone.get_by_role("button", name="ماندن و فرستادن آن").click()
    phone.get_by_role("button", name="بفرست").click()
    phone.wait_for_url("**/#last")

    assert phone.input_value(BOX) == "" and kept(phone) == 0 and get_ticket(ticket.pk).is_open
