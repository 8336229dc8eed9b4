"""Looking at one page in every size and theme; what is wrong with it comes back as text."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import ConsoleMessage, Page, Request, Response

from core.languages import COOKIE
from tests.browser.stage import AXE, DESKTOP, PHONE, RULES, SMALLEST, picture

Theme = Literal["light", "dark"]
REFUSED_FORM = 422
PICTURES = os.environ.get("PICTURES")  # a full page takes longer to draw than to examine
Look = tuple[tuple[int, int], list[tuple[Theme, list[str]]]]
# The first look at a size takes all rules; another theme changes nothing but colours.
COLOURS = ["color-contrast"]
EVERY_LOOK: list[Look] = [(size, [("light", RULES), ("dark", COLOURS)]) for size in (DESKTOP, PHONE)]
# By itself each size and each theme is seen once, the second by what it may change, and another state of a page only on
# the phone in the dark, which keeps the whole suite short; LONG=1 sees every pair by every rule.
LAID_OUT = [*COLOURS, "target-size", "scrollable-region-focusable"]
LONG = bool(os.environ.get("LONG"))
LOOKS: list[Look] = EVERY_LOOK if LONG else [(DESKTOP, [("light", RULES)]), (PHONE, [("dark", LAID_OUT)])]
ANOTHER_STATE = EVERY_LOOK if LONG else [(PHONE, [("dark", RULES)])]
NARROW = (360, 320) if LONG else (320,)
IN_ENGLISH = (DESKTOP, PHONE, SMALLEST) if LONG else (SMALLEST,)
KEEPS_ALL = "desk-dashboard"
"""The page that is looked at with what icons are drawn from."""
FIRST = DESKTOP
"""The size that the first look is taken in, and pages are opened in."""
LATIN_ALLOWED = ["A4", "API", "CSV", "Ctrl", "English", "Enter", "Esc", "F3", "F4", "F7", "F9", "HEIC", "QR", "XLSX"]
# What icons are drawn from is hidden and on every page the same: one page keeps it while it is looked at, and the others
# have a third of what there is to look through without it. Colours that do not move need no frames to arrive.
SPARED = """sprite => {
    const still = new CSSStyleSheet();
    still.replaceSync("*, ::before, ::after { transition: none !important }");
    document.adoptedStyleSheets.push(still);
    if (sprite) document.querySelector("svg[hidden]:has(> symbol)")?.remove();
}"""
# A theme's colours come by transitions, which take their frames however short they are.
PAINTED = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const moving = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
    await frame();
    // What inherits a colour begins its own transition when its parent's has ended.
    for (let round = 0; round < 6; round++) { moving().forEach((one) => one.finish()); await frame(); if (!moving().length) break; }
}"""
# A window that was made smaller is laid out anew with the next frame, and a page once its font is there.
WIDER = """() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
    done(document.documentElement.scrollWidth - document.documentElement.clientWidth)))))"""
WIDEST = """() => [...document.body.querySelectorAll("*")]
    .filter((one) => { const box = one.getBoundingClientRect(); return box.width && (box.right > innerWidth + 1 || box.left < -1 || one.scrollWidth > innerWidth); })
    .slice(0, 6).map((one) => `${one.tagName}.${one.className}`)"""
FOREIGN = r"""allowed => {
    const words = new RegExp(`\\b(${allowed.join("|")})\\b`, "g");
    const foreign = (text) => /[0-9]|[A-Za-z]{2,}/.test(text.replace(words, ""));
    const island = "bdi, kbd, code, script, style, noscript, template, .ltr, [dir=ltr], [lang=en], textarea, datalist";
    const found = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const holder = texts.currentNode.parentElement;
        if (foreign(texts.currentNode.data) && !holder.closest(island))
            found.add(`${holder.tagName} ${holder.className}: ${texts.currentNode.data.trim()}`);
    }
    for (const name of ["placeholder", "aria-label", "title", "alt"])
        for (const one of document.body.querySelectorAll(`[${name}]:not([dir=ltr], [lang=en])`))
            if (foreign(one.getAttribute(name))) found.add(`${one.tagName} ${name}: ${one.getAttribute(name)}`);
    for (const one of document.body.querySelectorAll("input[type=submit][value]"))
        if (foreign(one.value)) found.add(one.value);
    return [...found].slice(0, 12);
}"""


LOOKED_AT_ELSEWHERE = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")


@dataclass
class Watch:
    """What a page complains of while it is open, and how its documents were answered."""

    said: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def forget(self) -> None:
        """Begin anew, for the next page."""
        self.said.clear()
        self.answers.clear()

    def follow(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.said.append(f"script: {error}"))
        page.on("console", self._console)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # Answers that failed are looked at where they come; what is asked anew calls the question before off.
        if message.type in ("error", "warning") and not message.text.startswith(LOOKED_AT_ELSEWHERE):
            self.said.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self.said.append(f"request: {request.url} {request.failure}")

    def _response(self, response: Response) -> None:
        if response.request.is_navigation_request():
            self.answers.append(response.status)
        elif response.status >= 400 and response.status != REFUSED_FORM:
            self.said.append(f"request: {response.url} {response.status}")


def foreign_words(page: Page) -> list[str]:
    """Latin words and digits that a reader of Persian meets outside islands made for them."""
    return [f"language: {text}" for text in page.evaluate(FOREIGN, LATIN_ALLOWED)]


def faults_of(page: Page, name: str, looks: list[Look]) -> Iterator[str]:
    """Look at the page as it is now in these sizes and themes; with PICTURES=1 each is kept as a picture."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate("document.fonts.ready")
    if not LONG and not PICTURES:
        page.evaluate(SPARED, name != KEEPS_ALL)
    for size, themes in looks:
        resize(page, size)
        for theme, only in themes:
            look = f"{size[0]}-{theme}"
            page.emulate_media(color_scheme=theme)
            page.evaluate(PAINTED)
            yield from (f"{look}: {fault}" for fault in _axe(page, only))
            if PICTURES:
                picture(page, f"{name}-{look}")
        yield from _too_wide(page, size[0])
    yield from too_narrow(page)


def too_narrow(page: Page) -> Iterator[str]:
    """Where the page, as it is now, does not fit a small telephone."""
    for width in NARROW:
        resize(page, (width, SMALLEST[1]))
        yield from _too_wide(page, width)


def resize(page: Page, size: tuple[int, int]) -> None:
    """Another size costs a page as much as being opened; the same one nothing."""
    if page.viewport_size != {"width": size[0], "height": size[1]}:
        page.set_viewport_size({"width": size[0], "height": size[1]})


def faults_in_english(page: Page, address: str, name: str) -> Iterator[str]:
    """Open the page anew for somebody who chose English: left to right, and as narrow as it was.

    Its words are looked at without a browser, by tests/test_every_page_in_english.py.
    """
    page.context.add_cookies([{"name": COOKIE, "value": "en", "url": address}])
    page.goto(address, wait_until="load")
    page.context.clear_cookies(name=COOKIE)
    if page.evaluate("[document.documentElement.lang, getComputedStyle(document.body).direction].join()") != "en,ltr":
        yield "english: the page is not in English, left to right"
    for size in IN_ENGLISH:
        resize(page, size)
        if PICTURES:
            picture(page, f"{name}-{size[0]}-english")
        yield from (f"english: {fault}" for fault in _too_wide(page, size[0]))


def _axe(page: Page, only: list[str]) -> list[str]:
    kind = "tag" if only is RULES else "rule"
    options = {"runOnly": {"type": kind, "values": only}, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{fault['id']}: {node['target']}" for fault in found for node in fault["nodes"]]


SETTLED_AFTER = 500
"""Milliseconds."""


def _too_wide(page: Page, width: int) -> Iterator[str]:
    wider = page.evaluate(WIDER)
    if wider > 0:  # what stays so; a busy browser lays a smaller window out some frames later
        page.wait_for_timeout(SETTLED_AFTER)
        wider = page.evaluate(WIDER)
    if wider > 0:
        yield f"{width}: {wider} px wider than its window: {', '.join(page.evaluate(WIDEST))}"
