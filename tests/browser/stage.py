"""A real browser against a real server: how tests of any package open pages, measure them and look for faults."""

import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Else each page is drawn by a process of its own, which costs more than most pages.
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
]
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARTEFACTS = Path(__file__).parent.parent / "artefacts"
SECONDS = 60
"""What is waited for at most: a busy machine needs its time."""
PHONE, DESKTOP, SMALLEST = (390, 844), (1280, 800), (320, 640)


NAMES = ("chromium", "chromium-browser", "google-chrome")
SHELL = "chromium-headless-shell"
"""The same engine without a window to keep: for pages that are only examined."""


def chromium(*first: str) -> str | None:
    """The browser of this machine, the first of these names that it has; None where there is none."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in (*first, *NAMES) if (path := shutil.which(name))), None)


@dataclass
class Stage:
    """One person's browser on the host of a club; `faults` collects what scripts complained of."""

    browser: Browser
    address: str
    size: tuple[int, int] = DESKTOP
    theme: str = "light"
    javascript: bool = True
    cookies: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """The page at the path, in a fresh context with the cookies given."""
        page = self.context().new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on(
            "console", lambda said: self.faults.append(said.text) if "Content Security Policy" in said.text else None
        )
        page.goto(self.address + path)
        return page

    def context(self) -> BrowserContext:
        """A context as this person has it."""
        context = self.browser.new_context(
            viewport={"width": self.size[0], "height": self.size[1]},
            color_scheme=self.theme,
            locale="fa-IR",
            reduced_motion="reduce",
            java_script_enabled=self.javascript,
        )
        context.set_default_timeout(SECONDS * 1_000)
        context.add_cookies(self.cookies)
        return context


def until(page: Page, expression: str) -> None:
    """Wait until the expression holds on the page. (Playwright's own way evaluates text there, which our CSP forbids.)"""
    last = time.monotonic() + SECONDS
    while not page.evaluate(expression):
        assert time.monotonic() < last, f"never came true: {expression}"
        page.wait_for_timeout(25)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now: rule and element. The script is evaluated, never added: CSP."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page among the artefacts of the tests."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=str(ARTEFACTS / f"{name}.png"), full_page=True)
