"""The main job, end to end, on what `make run` serves: the till, the SMS through the provider's protocol, the portal."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from config.embedded import PROJECT
from core.text import latin_digits
from tests.browser.stage import ARTEFACTS, DESKTOP, PHONE, Stage, until
from tests.live import some_port

EMBEDDED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
OWNER, MEMBER, GIVEN_TO = "09121110001", "09121234567", "09127654321"


@dataclass
class Running:
    """A `make run` of its own, with a club that somebody has just made."""

    environment: dict[str, str]
    password: str = ""

    @property
    def club(self) -> str:
        return f"http://safar.localhost:{self.environment['PORT']}"

    @property
    def emulator(self) -> str:
        return f"http://127.0.0.1:{self.environment['KAVENEGAR_EMULATOR_PORT']}"

    def manage(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def give_five_percent_credit(self) -> None:
        """As the manager of the club would, by a key of the API."""
        key = self.manage("create_api_key", "--club", "safar", "--name", "settings", "--scope", "manage").strip()
        change = urllib.request.Request(
            f"http://127.0.0.1:{self.environment['PORT']}/api/v1/programme",
            json.dumps({"credit_percent": 5}).encode(),
            {"Host": "safar.localhost", "Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            method="PATCH",
        )
        with urllib.request.urlopen(change) as answer:
            assert json.load(answer)["credit_percent"] == 5

    def sms_to(self, phone: str, containing: str, *, seconds: float = 120) -> str:
        """The text of the newest message to the phone that contains these words, once it has arrived."""
        last = time.monotonic() + seconds
        while True:
            with urllib.request.urlopen(f"{self.emulator}/_/messages?receptor={phone}") as answer:
                texts = [row["message"] for row in json.load(answer)["messages"]]
            found = next((text for text in texts if containing in text), None)
            if found:
                return str(found)
            assert time.monotonic() < last, f"no SMS with {containing!r} reached {phone}: {texts}"
            time.sleep(0.2)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    own = {name: value for name, value in os.environ.items() if name not in EMBEDDED}
    run = Running(
        {
            **own,
            "DATA_DIR": str(tmp_path_factory.mktemp("run") / "data"),
            "DEMO": "0",
            "PORT": str(some_port()),
            "KAVENEGAR_EMULATOR_PORT": str(some_port()),
        }
    )
    log = tmp_path_factory.mktemp("log") / "make-run.log"
    with log.open("w") as said:
        program = subprocess.Popen(
            [sys.executable, "-m", "config"],
            cwd=PROJECT,
            env=run.environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(program, log, "Ready.")
        made = run.manage("create_club", "safar", "--name", "کافه سفر", "--owner-phone", OWNER)
        run.password = re.findall(r"\S+", made)[-1]
        run.give_five_percent_credit()
        yield run
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(60)


def wait_for(program: subprocess.Popen[bytes], log: Path, words: str) -> None:
    last = time.monotonic() + 300  # some 20 on a machine that does nothing else
    while words not in log.read_text():
        assert program.poll() is None, log.read_text()
        assert time.monotonic() < last, log.read_text()
        time.sleep(0.2)


class Keys:
    """A keyboard that counts: every character and every named key is one press."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def type(self, text: str) -> None:
        self.pressed += len(text)
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.pressed += 1
        self.page.keyboard.press(key)


FOCUSED = "document.activeElement.matches('input')"
"""The field has the focus once it is drawn; what is typed before is lost."""


def picture(page: Page, name: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"journey-{name}.png", full_page=True)


def test_a_purchase_is_recorded_remembered_rewarded_and_told(running: Running, browser: Browser) -> None:
    staff = Stage(browser, running.club, size=DESKTOP).open("/staff/login/")
    until(staff, FOCUSED)
    staff.keyboard.type(OWNER)
    staff.keyboard.press("Tab")
    staff.keyboard.type(running.password)
    staff.keyboard.press("Enter")
    staff.wait_for_url("**/desk/**")
    staff.wait_for_load_state("networkidle")
    staff.goto(running.club + "/desk/till/", wait_until="networkidle")

    # A new member and the first purchase, by keyboard alone.
    keys = Keys(staff)
    keys.type(MEMBER)
    staff.wait_for_selector("#who-list [role=option]")
    keys.press("Enter")
    keys.type("250")
    keys.press(".")
    keys.press("Enter")
    staff.wait_for_selector("#toast.on")
    picture(staff, "1-till-enrolled")
    assert keys.pressed <= 20
    assert "ثبت شد" in staff.inner_text("#toast")

    # A known member by the last four digits.
    until(staff, "document.activeElement.id === 'who'")
    keys = Keys(staff)
    keys.type(MEMBER[-4:])
    staff.wait_for_selector("#who-list [role=option]")
    keys.press("Enter")
    staff.wait_for_selector("#member .member:not(.member-none)")
    keys.type("120")
    keys.press(".")
    picture(staff, "2-till-known")
    keys.press("Enter")
    until(staff, "document.querySelectorAll('#recent li').length >= 2")
    assert keys.pressed <= 12

    # The phone shows what was told.
    text = running.sms_to(MEMBER, "۱۲۰٬۰۰۰")
    assert "کافه سفر" in text
    phone = Stage(browser, running.emulator, size=PHONE).open(f"/?receptor={MEMBER}")
    picture(phone, "3-phone")
    assert "۱۲۰٬۰۰۰" in phone.inner_text("body")

    # The member logs in with the code from the phone and sees points, credit and invoice.
    portal = Stage(browser, running.club, size=PHONE).open("/login/")
    until(portal, FOCUSED)
    portal.keyboard.type(MEMBER)
    portal.keyboard.press("Enter")
    code = re.findall(r"\d{6}", latin_digits(running.sms_to(MEMBER, "کد")))[0]
    portal.wait_for_selector("input[autocomplete=one-time-code]")
    portal.fill("input[autocomplete=one-time-code]", code)
    portal.keyboard.press("Enter")
    portal.wait_for_selector(".hero")
    picture(portal, "4-portal")
    assert "۳۷" in portal.inner_text(".hero")
    assert "۱۸٬۵۰۰" in portal.inner_text(".hero")  # 5% of 250,000 and of 120,000

    portal.goto(running.club + "/purchases/", wait_until="networkidle")
    picture(portal, "5-purchases")
    portal.locator("main a[href*='/purchases/']").first.click()
    portal.wait_for_selector(".invoice")
    picture(portal, "6-invoice")
    assert "۱۲۰٬۰۰۰" in portal.inner_text(".invoice")
    running.manage("verify_ledger", "--club", "safar")


def sell_to_nobody(staff: Page, running: Running, toman: str, code: str) -> str:
    """A sale to somebody who is no member, paid with the card as far as it reaches; the address of its receipt."""
    staff.goto(running.club + "/desk/till/", wait_until="networkidle")
    staff.check("#nobody")
    staff.fill("#amount", toman)
    staff.keyboard.press("F7")
    staff.keyboard.type(code + "\n")  # as a scanner types it
    until(staff, "document.querySelector('#summary').innerText.includes('کارت هدیه')")
    staff.keyboard.press("Enter")
    until(staff, "document.body.dataset.saved")
    return f"{running.club}/desk/purchases/{staff.evaluate('document.body.dataset.saved')}/"


def test_a_gift_card_is_sold_sent_spent_in_two_purchases_and_refunded(running: Running, browser: Browser) -> None:
    staff = Stage(browser, running.club, size=DESKTOP).open("/staff/login/")
    until(staff, FOCUSED)
    staff.keyboard.type(OWNER)
    staff.keyboard.press("Tab")
    staff.keyboard.type(running.password)
    staff.keyboard.press("Enter")
    staff.wait_for_url("**/desk/**")

    # Sold at the till, for money; the phone gets the code.
    staff.goto(running.club + "/desk/gift-cards/sell/", wait_until="networkidle")
    staff.fill("#id_amount", "300000")
    staff.fill("#id_phone", GIVEN_TO)
    staff.keyboard.press("Enter")
    staff.wait_for_selector("#card-code")
    card, code = staff.url, staff.inner_text("#card-code")
    picture(staff, "7-gift-card")
    text = running.sms_to(GIVEN_TO, code)
    assert "۳۰۰٬۰۰۰" in text and "کافه سفر" in text

    # Spent in two purchases: the second one is paid in part.
    first = sell_to_nobody(staff, running, "200000", code)
    second = sell_to_nobody(staff, running, "150000", code)
    staff.goto(second, wait_until="networkidle")
    assert "۱۰۰٬۰۰۰" in staff.inner_text(".invoice") and "۵۰٬۰۰۰" in staff.inner_text(".invoice")

    # What was bought comes back: onto the same card.
    staff.goto(first + "refund/", wait_until="networkidle")
    staff.get_by_label("چرا؟").fill("پس آورد")
    until(staff, "document.querySelector('#refund-preview')?.innerText.includes('به کارت هدیه')")
    staff.keyboard.press("Enter")
    staff.wait_for_url("**/refunds/*/")
    staff.goto(card, wait_until="networkidle")
    assert "۲۰۰٬۰۰۰ تومان" in staff.inner_text(".facts")

    # And the card itself: it loses what is left on it.
    staff.click("main details:has([value=refund]) summary")
    staff.click("[name=act][value=refund]")
    staff.wait_for_selector(".note-ok")
    assert "۲۰۰٬۰۰۰ تومان به مشتری بدهید" in staff.inner_text("main")
    picture(staff, "8-gift-card-paid-back")
    running.manage("verify_ledger", "--club", "safar")


def logged_in(running: Running, browser: Browser) -> Page:
    staff = Stage(browser, running.club, size=DESKTOP).open("/staff/login/")
    until(staff, FOCUSED)
    staff.keyboard.type(OWNER)
    staff.keyboard.press("Tab")
    staff.keyboard.type(running.password)
    staff.keyboard.press("Enter")
    staff.wait_for_url("**/desk/**")
    return staff


def member_logged_in(running: Running, browser: Browser, phone: str) -> Page:
    portal = Stage(browser, running.club, size=PHONE).open("/login/")
    until(portal, FOCUSED)
    portal.keyboard.type(phone)
    portal.keyboard.press("Enter")
    code = re.findall(r"\d{6}", latin_digits(running.sms_to(phone, "کد ورود")))[0]
    portal.wait_for_selector("input[autocomplete=one-time-code]")
    portal.fill("input[autocomplete=one-time-code]", code)
    portal.keyboard.press("Enter")
    portal.wait_for_selector(".hero")
    return portal


def buy_at_the_till(staff: Page, phone: str, thousands: str) -> str:
    """Record a purchase by keyboard; what the till says of it."""
    staff.goto(staff.url.partition("/desk/")[0] + "/desk/till/", wait_until="networkidle")
    until(staff, "document.activeElement.id === 'who'")
    staff.keyboard.type(phone)
    staff.wait_for_selector("#who-list [role=option]")
    staff.keyboard.press("Enter")
    staff.keyboard.type(thousands)
    staff.keyboard.press(".")
    staff.keyboard.press("Enter")
    staff.wait_for_selector("#toast.on")
    return staff.inner_text("#toast")


def test_a_stamp_card_fills_at_the_till_and_is_rewarded(running: Running, browser: Browser) -> None:
    phone = "09121234599"
    staff = logged_in(running, browser)

    # A manager takes the ready card, with three stamps and fifty points.
    staff.goto(running.club + "/desk/missions/new/?ready=stamps")
    staff.fill("[name=target]", "۳")
    assert staff.is_visible("[name=product]") and not staff.is_visible("[name=points]")
    staff.select_option("[name=gives]", "points")
    assert not staff.is_visible("[name=product]")
    staff.fill("[name=points]", "۵۰")
    staff.fill("[name=badge]", "رفیق کافه")
    staff.click("[name=act][value=publish]")
    staff.wait_for_url(re.compile(r"/desk/missions/\d+/$"))

    # Each purchase says how far it is.
    assert "۱ از ۳" in buy_at_the_till(staff, phone, "100")
    assert "۲ از ۳" in buy_at_the_till(staff, phone, "100")
    portal = member_logged_in(running, browser, phone)
    portal.goto(running.club + "/missions/", wait_until="networkidle")
    assert "۲ از ۳ خرید" in portal.inner_text("main")
    assert portal.locator(".stampcard .on").count() == 2

    # The third fills it: points, SMS and badge.
    said = buy_at_the_till(staff, phone, "100")
    assert "پر شد: ۵۰ امتیاز" in said
    assert "کارت مهر ده‌تایی" in running.sms_to(phone, "کامل کردی")
    portal.reload(wait_until="networkidle")
    picture(portal, "7-missions")
    assert "رفیق کافه" in portal.inner_text("main")
    assert "۰ از ۳ خرید" in portal.inner_text("main")
    portal.goto(running.club + "/", wait_until="networkidle")
    assert "۸۰" in portal.inner_text(".hero")  # ten for each purchase, and fifty
    running.manage("verify_ledger", "--club", "safar")
