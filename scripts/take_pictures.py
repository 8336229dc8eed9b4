"""Take the README's pictures from the demo club of a running `make run`: docs/pictures/, in the machine's own chromium.

    .venv/bin/python scripts/take_pictures.py [http://narvan.localhost:8000 http://127.0.0.1:8090/]

A purchase is recorded on the way, so that the phone has something to show.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs/pictures"
CHROMIUM = "/usr/bin/chromium"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PASSWORD, MANAGER, CASHIER, MEMBER = "demo-1405", "09120000002", "09120000003", "09120001001"
LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")


def take(page: Page, name: str, *, whole: bool = False) -> None:
    """One picture of what the page shows."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
    print(name)


def open_page(browser: Browser, size: dict[str, int]) -> Page:
    """A browser of its own, as a Persian reader has it."""
    return browser.new_context(viewport=size, locale="fa-IR", reduced_motion="reduce").new_page()  # type: ignore[arg-type]


def staff(browser: Browser, club: str, phone: str) -> Page:
    """Somebody of the staff, logged in."""
    page = open_page(browser, DESKTOP)
    page.goto(f"{club}/staff/login/")
    page.fill("[name=phone]", phone)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk/**")
    return page


def till(browser: Browser, club: str) -> None:
    """The till with a member found and an amount typed; then it is recorded."""
    page = staff(browser, club, CASHIER)
    page.fill("#who", MEMBER[-4:])
    page.wait_for_selector("#who-list [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#member .member:not(.member-none)")
    page.keyboard.type("245.")
    page.wait_for_selector("#summary [data-pay]:not(:text-is('۰'))")
    take(page, "till")
    page.keyboard.press("Enter")
    page.wait_for_selector("#toast.on")


def desk(browser: Browser, club: str) -> None:
    """What the manager has."""
    page = staff(browser, club, MANAGER)
    page.goto(f"{club}/desk/dashboard/")
    take(page, "dashboard")
    page.goto(f"{club}/desk/offers/")
    page.get_by_role("link", name="سه‌شنبه‌های پراعتبار").click()
    take(page, "offer")
    page.goto(f"{club}/desk/members/?q={MEMBER}")
    page.click("main table a")
    take(page, "member")


def portal(browser: Browser, club: str, phones: str) -> None:
    """The member's pages on a phone, and the phone itself."""
    page, phone = open_page(browser, PHONE), open_page(browser, PHONE)
    phone.goto(f"{phones}?receptor={MEMBER}")
    known = codes_on(phone)
    page.goto(f"{club}/login/")
    page.fill("[name=phone]", MEMBER)
    page.press("[name=phone]", "Enter")
    page.wait_for_selector("[autocomplete=one-time-code]")
    page.fill("[autocomplete=one-time-code]", next_code(phone, known))  # its last digit sends it
    page.wait_for_selector("main .hero, main form [name=accept]")
    if page.locator("main form [name=accept]").count():
        page.click("main form [type=submit]")
        page.wait_for_selector("main .hero")
    take(page, "portal-home")
    page.goto(f"{club}/offers/")
    take(page, "portal-offers")
    page.goto(f"{club}/purchases/")
    page.click("main a[href^='/purchases/']")
    take(page, "invoice")
    phone = open_page(browser, PHONE)
    phone.goto(f"{phones}?receptor={MEMBER}")
    take(phone, "sms-phone")


def codes_on(phone: Page) -> list[str]:
    """The codes that came to the member's phone, the newest first."""
    phone.reload()
    found = re.findall(r"(?<![\d۰-۹])[\d۰-۹]{6}(?![\d۰-۹])", phone.inner_text("body"))
    return [str(code).translate(LATIN) for code in found]


def next_code(phone: Page, known: list[str]) -> str:
    """The code that comes behind those."""
    for _try in range(60):
        codes = codes_on(phone)
        if len(codes) > len(known):
            return codes[0]
        phone.wait_for_timeout(500)
    raise SystemExit("no code came to the phone")


def main(club: str = "http://narvan.localhost:8000", phones: str = "http://127.0.0.1:8090/") -> None:
    """All of them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        till(browser, club)
        desk(browser, club)
        portal(browser, club, phones)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
