"""A ticket from a member's phone with a picture to the answer, the rating and the opening again; and the inbox by keys."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from core.models import Club
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in
from tests.browser.stage import PHONE, Stage, overflow, until, violations
from tests.hostile import SCRIPTS
from tests.shop import Shop
from tests.tickets.acts import answers, asks, picture, writes
from tickets.models import Attachment, Comment, Ticket
from tickets.moving import close, rate, solve
from tickets.selectors import get_ticket


def test_a_member_asks_with_a_picture_is_answered_rates_and_opens_it_again(
    committed_club: Club, stage: Callable[..., Stage], tmp_path: Path
) -> None:
    sara = Shop(committed_club).member(first_name="سارا")
    support = person("support", name="علی")
    phone = stage(signed_in(person(phone=sara.phone or ""), committed_club, "otp"), size=PHONE).open("/support/new/")
    desk = stage(signed_in(support, committed_club)).open("/desk/tickets/")
    shot = tmp_path / "رسید.png"
    shot.write_bytes(picture((600, 400)).data)
    (large := tmp_path / "فیلم.pdf").write_bytes(b"x" * (11 << 20))

    # what is too large is told at once and not sent
    phone.set_input_files("[name=attachments]", str(large))
    phone.click("main button[type=submit]")
    assert "«فیلم.pdf» از ۱۰ مگابایت بزرگ‌تر است" in phone.inner_text("#id_attachments_error")

    # and so is what is not taken at all; each can be taken back, without opening the choice again
    (film := tmp_path / "فیلم.mp4").write_bytes(b"x")
    phone.set_input_files("[name=attachments]", str(film))
    assert "«فیلم.mp4» پذیرفته نشد" in phone.inner_text("#id_attachments_error")
    phone.get_by_role("button", name="برداشتن «فیلم.mp4»").click()
    phone.get_by_role("button", name="برداشتن «فیلم.pdf»").click()
    assert phone.locator(".picked li").count() == 0 and phone.locator("#id_attachments_error").is_hidden()

    # the member asks, with a picture
    phone.fill("[name=subject]", "کارتم خوانده نشد")
    phone.fill("[name=text]", "امروز در شعبهٔ ونک.")
    phone.set_input_files("[name=attachments]", str(shot))
    phone.wait_for_selector(".picked img")
    assert violations(phone) == []
    phone.click("main button[type=submit]")
    phone.wait_for_url("**/support/*/")
    ticket = Ticket.objects.get()
    assert ticket.assignee == support
    until(phone, "document.querySelector('.attached img').naturalWidth === 600")
    assert overflow(phone) <= 0
    assert violations(phone) == []

    # support answers, and the member is told
    desk.reload()
    desk.click("[data-ticket]")
    desk.fill("#answer [name=text]", "درست شد؛ دوباره امتحان کنید.")
    desk.click("[value=answer]")
    desk.wait_for_url("**/tickets/*/*")
    sent = OutboxMessage.objects.get(member_id=sara.pk, kind="ticket_answer")
    assert sent.context["address"].endswith(f"/support/{ticket.pk}/#news")

    # the thread that stayed open brings the answer by itself, the member thanks and closes
    poked(phone)
    until(phone, "document.querySelector('#thread').textContent.includes('دوباره امتحان کنید')")
    phone.fill("[name=text]", "ممنون، شد.")
    phone.click("main form.card button[type=submit]")
    phone.wait_for_url("**/support/*/#last")
    phone.get_by_role("button", name="مشکلم حل شد").click()
    phone.get_by_text("این تیکت بسته است").wait_for()

    # it is rated, and opened again
    assert violations(phone) == []
    phone.check('[name=rating][value="5"]')
    phone.get_by_text("ممنون که گفتی").wait_for()
    phone.fill("#rating-text", "تند و مهربان")
    phone.get_by_role("button", name="ثبت نظر").click()
    until(phone, "document.querySelector('#rating-text')?.value === 'تند و مهربان'")
    assert get_ticket(ticket.pk).rating == 5
    phone.fill("main [name=text]:not(#rating-text)", "باز هم خوانده نشد.")
    phone.get_by_role("button", name="باز کن و بفرست").click()
    phone.get_by_text("تیکت دوباره باز شد و پیامت رسید").wait_for()
    assert get_ticket(ticket.pk).status == "waiting_for_us"


def test_the_inbox_by_keys_alone(committed_club: Club, stage: Callable[..., Stage]) -> None:
    shop, now = Shop(committed_club), timezone.now()
    support = person("support", name="علی")
    # Far apart: what comes in while nobody works falls due at one moment.
    first, second = (asks(shop.member(), now=now - age) for age in (timedelta(days=6), timedelta(hours=1)))
    desk: Page = stage(signed_in(support, committed_club)).open("/desk/tickets/")

    # All are ticked at once; the key that closes does nothing to them
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    assert desk.locator("[data-count]").inner_text() == "۱ تیکت برگزیده"
    desk.check("[data-all]")
    desk.keyboard.press("e")
    assert desk.locator("[name=ticket]:checked").count() == 2 and get_ticket(first.pk).is_open
    desk.uncheck("[data-all]")
    desk.evaluate("document.activeElement.blur()")
    desk.keyboard.press("j")
    desk.keyboard.press("j")
    desk.keyboard.press("k")
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/tickets/{first.pk}/*")
    desk.keyboard.press("j")
    desk.wait_for_url(f"**/tickets/{second.pk}/*")
    desk.keyboard.press("r")
    desk.keyboard.type("درست شد.")
    desk.keyboard.press("Control+Enter")
    desk.get_by_text("درست شد.").wait_for()
    until(desk, "document.activeElement === document.body")

    # Keys with a modifier are the browser's; what is asked can be left; keys that are switched off do nothing
    desk.keyboard.press("Alt+e")
    desk.keyboard.press("Shift+Slash")
    desk.keyboard.press("e")
    assert desk.locator("#keys[open]").count() == 1 and desk.locator("#closing[open]").count() == 0
    desk.uncheck("#one-letter")
    desk.keyboard.press("Escape")
    desk.evaluate("document.activeElement.blur()")
    desk.keyboard.press("e")
    desk.reload()
    desk.keyboard.press("e")
    assert desk.locator("#closing[open]").count() == 0
    desk.get_by_role("button", name="کلیدهای تیکت‌ها").click()
    desk.check("#one-letter")
    desk.keyboard.press("Escape")
    desk.evaluate("document.activeElement.blur()")
    desk.keyboard.press("e")
    desk.keyboard.press("Escape")
    assert get_ticket(second.pk).is_open
    desk.keyboard.press("e")
    desk.keyboard.press("Enter")
    desk.get_by_text("این تیکت بسته است").wait_for()

    assert get_ticket(second.pk).status == "closed"
    assert Comment.objects.filter(ticket=second, side="staff").count() == 1


def poked(page: Page) -> None:
    """The page asks now, as it does every few seconds."""
    page.evaluate("window.htmx.trigger('#thread', 'live')")


def looked_at(page: Page, is_looked_at: bool) -> None:
    page.evaluate(
        """hidden => { Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
                       document.dispatchEvent(new Event("visibilitychange")); }""",
        not is_looked_at,
    )


def test_two_open_pages_bring_what_is_new_and_disturb_nobody_who_writes(
    committed_club: Club, stage: Callable[..., Stage]
) -> None:
    sara, now = Shop(committed_club).member(first_name="سارا"), timezone.now() - timedelta(hours=1)
    support, mina = person("support", name="علی"), person("manager", name="مینا")
    ticket = asks(sara, now=now)
    for number in range(12):
        writes(ticket, f"پیام {number}: " + "سلام " * 30, now=now)
    stages = (
        stage(signed_in(person(phone=sara.phone or ""), committed_club, "otp"), size=PHONE),
        stage(signed_in(support, committed_club)),
    )
    phone, desk = (
        one.open(f"{path}/{ticket.pk}/") for one, path in zip(stages, ("/support", "/desk/tickets"), strict=True)
    )

    # Given a member and one of the staff who are both writing, and nothing new since the member was told "seen"
    for page in (phone, desk):
        page.fill("[name=text]", "هنوز دارم می‌نویسم")
        page.focus("[name=text]")
        page.evaluate("document.activeElement.setSelectionRange(3, 3)")
    with desk.expect_request(lambda request: "writing=1" in request.url):
        poked(desk)
    phone.evaluate("document.querySelector('.thread').dataset.same = 'yes'")
    poked(phone)
    phone.get_by_text("دیده شد", exact=True).wait_for()
    with phone.expect_response("**/thread/*") as nothing:
        poked(phone)
    assert nothing.value.status == 204

    # When a colleague answers
    at = phone.evaluate("document.activeElement.getBoundingClientRect().top")
    answers(ticket, mina, "پاسخ مینا", now=now)
    for page in (phone, desk):
        poked(page)
        page.get_by_text("پاسخ مینا").wait_for()

    # Then both see it where they are, the typed text, the caret and the place on the screen are as they were
    for page in (phone, desk):
        assert page.input_value("[name=text]") == "هنوز دارم می‌نویسم"
        assert page.evaluate("[document.activeElement.name, document.activeElement.selectionStart]") == ["text", 3]
        assert page.locator("#last").count() == 1 and "پاسخ مینا" in page.locator("#last").inner_text()
    assert abs(phone.evaluate("document.activeElement.getBoundingClientRect().top") - at) < 2
    assert phone.evaluate("document.querySelector('.thread').dataset.same") == "yes"
    assert desk.locator("#part-tags").get_by_text("منتظر عضو").count() == 1
    assert phone.locator("#part-state").get_by_text("پیامت پیش ماست").count() == 0

    # And who reads further up is shown the way down to the next one
    desk.evaluate("scrollTo(0, 0)")
    writes(ticket, "پیام پس از پاسخ", now=now)
    poked(desk)
    desk.get_by_role("button", name="پیام تازه").click()
    until(desk, "document.activeElement.id === 'last'")
    desk.get_by_role("button", name="پیام تازه").wait_for(state="hidden")

    # And as it ends, buttons, the form of the rating and the closed box come along; what is typed stays
    solve(ticket.pk, user=support, actor=support.actor, now=now)
    close(ticket.pk, user=support, actor=support.actor, now=now)
    poked(phone)
    phone.get_by_text("این تیکت بسته است").wait_for()
    phone.get_by_text("از پاسخ ما راضی بودی؟").wait_for()
    assert phone.input_value("textarea") == "هنوز دارم می‌نویسم"
    assert phone.get_by_role("button", name="باز کن و بفرست").count() == 1
    assert phone.get_by_role("button", name="مشکلم حل شد").count() == 0
    poked(desk)
    desk.get_by_role("button", name="باز کردن دوباره").wait_for()
    assert (
        desk.locator("[value=answer]").count() == 0 and desk.input_value("#answer [name=text]") == "هنوز دارم می‌نویسم"
    )
    assert violations(phone) == [] == violations(desk)

    # And a lost line is told in words that go away by themselves
    phone.context.set_offline(True)
    poked(phone)
    phone.get_by_text("ارتباط قطع است").wait_for()
    phone.context.set_offline(False)
    poked(phone)
    phone.get_by_text("ارتباط قطع است").wait_for(state="hidden")

    # And a page that is not looked at asks nothing until it is looked at again
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    looked_at(desk, False)
    desk.wait_for_timeout(200)
    assert asked == []
    with desk.expect_response("**/thread/*"):
        looked_at(desk, True)

    # Nor does one that nobody has touched for an hour, which says so, until it is touched
    desk.evaluate(
        "{ const now = Date.now; Date.now = () => now() + 2 * 3600 * 1000; window.dispatchEvent(new Event('online')); }"
    )
    desk.get_by_text("یک ساعت است کاری نشده").wait_for()
    with desk.expect_response("**/thread/*"):
        desk.keyboard.press("Shift")
    desk.get_by_text("یک ساعت است کاری نشده").wait_for(state="hidden")

    # And whose session has ended is told so, and stays with what was typed
    phone.context.clear_cookies()
    poked(phone)
    phone.get_by_text("نشست تمام شده است").wait_for()
    assert phone.input_value("textarea") == "هنوز دارم می‌نویسم"
    assert [fault for one in stages for fault in one.faults] == []


@pytest.mark.slow
def test_scripts_in_every_text_run_nowhere(committed_club: Club, stage: Callable[..., Stage]) -> None:
    # Given every script as subject, message, note, name of a file, and comment on a rating
    shop = Shop(committed_club)
    sara, support = shop.member(first_name=SCRIPTS[0]), person("support", name="علی")
    wanted = [text.replace("\x00", "") for text in SCRIPTS]
    now = timezone.now()
    for text in wanted:
        asks(sara, text[:150], text=text, channel="desk", now=now)
    thread = asks(sara, "همه", channel="desk", now=now, files=[picture()])
    for text in wanted:
        writes(thread, text, now=now)
        answers(thread, support, text, is_internal=True, now=now)
    answers(thread, support, now=now)
    Attachment.objects.update(name="<img src=x onerror=alert(1)>.png")
    solve(thread.pk, user=support, actor=support.actor, now=now)
    rate(thread.pk, 1, wanted[0], actor=f"member:{sara.pk}", now=now)

    # When both sides look at all of it
    member = stage(signed_in(person(phone=sara.phone or ""), committed_club, "otp")).open("/support/")
    desk = stage(signed_in(support, committed_club)).open("/desk/tickets/")
    said: list[str] = []
    for page in (member, desk):
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    open_all(member, "/support/", [f"/support/{thread.pk}/"])
    open_all(desk, "/desk/tickets/", [f"/desk/tickets/{thread.pk}/", f"/desk/members/{sara.pk}/activity/"])

    # Then nothing ran, and the policy had nothing to report
    assert len(wanted) >= 40
    assert said == []


def open_all(page: Page, path: str, others: list[str]) -> None:
    """The list with all its pages, and some other pages."""
    host = page.url.partition(path)[0]
    page.goto(host + path, wait_until="networkidle")
    while page.locator("main a[rel=next]").count():
        page.locator("main a[rel=next]").click()
        page.wait_for_load_state("networkidle")
    for other in others:
        page.goto(host + other, wait_until="networkidle")
