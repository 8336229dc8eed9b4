"""An agent from the login by a code to the half refund, on a phone, with the friend's phone and the cashier's till."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page

from club.members.models import Member
from club.purchases.models import Purchase
from core import events
from core.models import Club
from crm.agents.tasks import agents_daily
from crm.leads.models import Lead
from sms.models import OutboxMessage
from tests.accounts.cast import fresh_phone, person, signed_in
from tests.browser.stage import PHONE, Stage, overflow, until, violations
from tests.browser.till.conftest import Keys, wait_saved
from tests.crm.agents.acts import agent

MILLION = 10_000_000


def proves(page: Page, phone: str) -> None:
    """Ask for a code and type it."""
    page.fill("[name=phone]", phone)
    page.click("main button[type=submit]")
    page.wait_for_selector("[name=code]")
    sent = OutboxMessage.objects.filter(phone=phone, message_class="otp").latest("pk")
    page.fill("[name=code]", sent.context["code"])
    page.wait_for_url(lambda url: "/login/code/" not in url)  # six digits send themselves


def shown_pots(page: Page) -> list[str]:
    """Pending, due, paid and reversed, as the panel tells them."""
    page.goto(page.url.partition("/desk/")[0] + "/desk/agent/")
    return [text.split()[0] for text in page.locator(".stats .v").all_inner_texts()]


def sells(page: Page, phone: str, amount: str) -> Purchase:
    """A cashier records a purchase with the keyboard alone."""
    before = page.evaluate("document.body.dataset.saved || ''")
    Keys(page).type(phone).press("Enter").type(amount).press("Enter")
    until(page, f"(document.body.dataset.saved || '') !== '{before}'")
    saved = wait_saved(page)
    events.consume_all()
    return saved


def takes_back(page: Page, purchase: Purchase, amount: str) -> None:
    """The cashier takes a part of it back on the page of returns, and goes on at the till."""
    host = page.url.partition("/desk/")[0]
    page.goto(f"{host}/desk/purchases/{purchase.pk}/refund/", wait_until="networkidle")
    page.get_by_label("یک مبلغ").focus()
    page.keyboard.press("Space")
    page.fill("#f-amount", amount)
    page.get_by_label("چرا؟").fill("نیمی از کالا را پس آورد")
    page.keyboard.press("Enter")
    page.wait_for_url("**/refunds/*/")
    events.consume_all()
    page.goto(f"{host}/desk/till/")
    until(page, "document.activeElement.matches('input')")


def test_an_agent_brings_a_friend_whose_first_purchase_pays(committed_club: Club, stage: Callable[..., Stage]) -> None:
    sara, phone, known = agent(name="سارا رادان"), fresh_phone(), fresh_phone()
    panel = stage(size=PHONE).open("/desk/agent/")
    proves(panel, sara.phone)
    assert panel.url.endswith("/desk/agent/")
    assert overflow(panel) <= 0
    assert violations(panel) == []

    # a lead, in no more than four fields
    panel.goto(panel.url + "leads/new/")
    assert panel.locator("main form :is(input, textarea, select):not([type=hidden])").count() <= 4
    panel.fill("[name=name]", "شرکت آوند")
    panel.fill("[name=phone]", known)
    panel.click("main button[type=submit]")
    panel.wait_for_url("**/leads/")
    assert "شرکت آوند" in panel.inner_text("main")
    assert Lead.objects.get().agent == sara
    # once more: the warning stands before anything is sent
    panel.goto(panel.url + "new/")
    panel.fill("[name=phone]", known)
    panel.press("[name=phone]", "Tab")
    until(panel, "document.querySelector('#known').textContent.includes('سارا رادان')")

    # the friend opens the link that is shared, and joins
    assert shown_pots(panel)[0] == "۰"
    link = panel.input_value("#link")
    friend = stage(size=PHONE).open(link[link.index("/r/") :])
    friend.click("main a.btn-primary")
    proves(friend, phone)
    friend.fill("[name=first_name]", "نیلوفر")
    friend.click("main button[type=submit]")
    friend.wait_for_url(lambda url: "/join/" not in url)
    member = Member.objects.get(phone=phone)
    assert member.agent_code is not None
    assert member.agent_code.agent_id == sara.pk

    # the cashier records the first purchase of two million
    till = stage(signed_in(person("cashier", name="نگار رضایی"), committed_club)).open("/desk/till/")
    until(till, "document.activeElement.matches('input')")
    bought = sells(till, phone, "2000.")
    assert bought.net == 2 * MILLION
    assert shown_pots(panel) == ["۲۰۰٬۰۰۰", "۰", "۰", "۰"]

    # after the hold it is due; half a refund takes half back; a second purchase adds nothing
    agents_daily(now=timezone.now() + timedelta(days=14))
    assert shown_pots(panel) == ["۰", "۲۰۰٬۰۰۰", "۰", "۰"]
    takes_back(till, bought, "1000000")
    assert shown_pots(panel) == ["۰", "۱۰۰٬۰۰۰", "۰", "۱۰۰٬۰۰۰"]
    sells(till, phone, "1000.")
    assert shown_pots(panel) == ["۰", "۱۰۰٬۰۰۰", "۰", "۱۰۰٬۰۰۰"]
    panel.goto(panel.url + "statement/")
    assert "نیلوفر" in panel.inner_text("main")
