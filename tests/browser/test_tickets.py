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
from tickets.moving import rate, solve
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

    # the member asks, with a picture
    phone.fill("[name=subject]", "کارتم خوانده نشد")
    phone.fill("[name=text]", "امروز در شعبهٔ ونک.")
    phone.set_input_files("[name=attachments]", str(shot))
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
    assert sent.context["address"].endswith(f"/support/{ticket.pk}/")

    # the thread that stayed open brings the answer by itself, the member thanks and closes
    phone.evaluate("window.htmx.trigger('#thread', 'live')")
    until(phone, "document.querySelector('#thread').textContent.includes('دوباره امتحان کنید')")
    phone.fill("[name=text]", "ممنون، شد.")
    phone.click("main form.card button[type=submit]")
    phone.wait_for_url("**/support/*/#last")
    phone.get_by_role("button", name="مشکلم حل شد").click()
    phone.get_by_text("این تیکت بسته است").wait_for()

    # it is rated, and opened again
    phone.check('[name=rating][value="5"]')
    phone.fill("#rating-text", "تند و مهربان")
    phone.get_by_role("button", name="ثبت امتیاز").click()
    phone.get_by_text("ممنون که گفتی").wait_for()
    assert get_ticket(ticket.pk).rating == 5
    phone.get_by_role("button", name="باز کردن دوباره").click()
    phone.get_by_text("دوباره باز شد").wait_for()
    assert get_ticket(ticket.pk).status == "waiting_for_us"


def test_the_inbox_by_keys_alone(committed_club: Club, stage: Callable[..., Stage]) -> None:
    shop, now = Shop(committed_club), timezone.now()
    support = person("support", name="علی")
    # Far apart: what comes in while nobody works falls due at one moment.
    first, second = (asks(shop.member(), now=now - age) for age in (timedelta(days=6), timedelta(hours=1)))
    desk: Page = stage(signed_in(support, committed_club)).open("/desk/tickets/")

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
    desk.keyboard.press("e")
    desk.get_by_text("این تیکت بسته است").wait_for()

    assert get_ticket(second.pk).status == "closed"
    assert Comment.objects.filter(ticket=second, side="staff").count() == 1


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
