"""Every page is fit: no fault of axe, nothing wider than its window, no complaint of the browser, no foreign word;
and in English it stands left to right, no wider than its window.

The pages stand in `pages/table.py`; a page is opened once and looked at in every size and theme. By itself, pages that
are alike are looked at closely once; LONG=1 looks at all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page

from tests.browser.pages.looks import (
    ANOTHER_STATE,
    FIRST,
    LONG,
    LOOKS,
    Watch,
    faults_in_english,
    faults_of,
    foreign_words,
    too_narrow,
)
from tests.browser.pages.phoned import phones
from tests.browser.pages.rows import Row, alike, path_of
from tests.browser.pages.table import every_row
from tests.browser.pages.world import URLS, World
from tests.browser.stage import picture
from tests.live import as_it_is

DEVELOPERS = {"components"}
ALIKE = set() if LONG else alike()
# The row that stands first for an address; the others show it in another state. What a page is in English, it is in any.
FIRST_ROWS = {row.route: row.name for row in reversed(every_row())}
IN_ENGLISH = {row.route: row.name for row in reversed(every_row()) if row.act is None}

pytestmark = pytest.mark.urls(URLS)


@pytest.fixture(scope="module")
def ports(peopled: World) -> Iterator[dict[str, int]]:
    """Where the application and the phones of the emulator answer."""
    server = LiveServerThread("127.0.0.1", as_it_is)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None, server.error
    with phones() as emulator:
        yield {"club": server.port, "phones": int(emulator.base_url.rsplit(":", 1)[1])}
    server.terminate()


@dataclass
class Tabs:
    """A tab for each person, logged in once and kept for all pages of the person; a tab of its own costs more than most pages."""

    browser: Browser
    world: World
    ports: dict[str, int]
    open: dict[str, tuple[Page, Watch]] = field(default_factory=dict)

    def of(self, who: str) -> tuple[Page, Watch]:
        """The person's tab and what it is watched by, with nothing said yet."""
        if who not in self.open:
            self.open[who] = self._opened(who)
        page, watch = self.open[who]
        watch.forget()
        return page, watch

    def leave(self, who: str, *, is_spoilt: bool) -> None:
        """Nothing of this page shall meet the next: what it kept for its tab goes, and what it was still doing."""
        page, _watch = self.open[who]
        if is_spoilt:
            page.context.close()
            del self.open[who]
        else:
            page.evaluate("sessionStorage.clear()")
            page.goto("about:blank")
            ready(page)

    def _opened(self, who: str) -> tuple[Page, Watch]:
        context = self.browser.new_context(locale="fa-IR", reduced_motion="reduce")
        context.set_default_timeout(8_000)
        cookies = self.world.seats[who].cookies
        context.add_cookies([{"name": name, "value": cookies[name], "url": self.address(who)} for name in cookies])
        page, watch = context.new_page(), Watch()
        ready(page)
        watch.follow(page)
        return page, watch

    def address(self, who: str) -> str:
        """Where the person is at home."""
        return f"http://{self.world.seats[who].host}:{self.ports['phones' if who == 'phones' else 'club']}"


def ready(page: Page) -> None:
    """As it is looked at first: changed while there is nothing to be drawn anew."""
    page.set_viewport_size({"width": FIRST[0], "height": FIRST[1]})
    page.emulate_media(color_scheme="light")


@pytest.fixture(scope="module")
def tabs(browser: Browser, peopled: World, ports: dict[str, int]) -> Iterator[Tabs]:
    tabs = Tabs(browser, peopled, ports)
    yield tabs
    for page, _watch in tabs.open.values():
        page.context.close()


@pytest.mark.parametrize("row", every_row(), ids=lambda row: row.name)
def test_a_page_is_fit(row: Row, tabs: Tabs, real_commits: None) -> None:
    page, watch = tabs.of(row.who)
    found = ["it was not looked at to the end"]
    try:
        found = look_at(page, watch, row, tabs)
        if found:
            picture(page, f"fault-{row.name}")
    finally:
        tabs.leave(row.who, is_spoilt=bool(found))
    assert not found, "\n".join(found)


def look_at(page: Page, watch: Watch, row: Row, tabs: Tabs) -> list[str]:
    """Open the page as its row says; whatever is wrong with it."""
    page.goto(tabs.address(row.who) + path_of(row, tabs.world.known), wait_until="load")
    if row.act:
        row.act(page)

    address = page.url
    found = [] if row.technical else foreign_words(page)
    looks = LOOKS if FIRST_ROWS[row.route] == row.name else ANOTHER_STATE
    found += too_narrow(page) if row.name in ALIKE else faults_of(page, row.name, looks)
    if watch.answers[-1] != row.status:
        found.append(f"status: {watch.answers[-1]}")
    if is_read_in_english(row):
        found += faults_in_english(page, address, row.name)
    return [*found, *watch.said]


def is_read_in_english(row: Row) -> bool:
    if row.act or row.technical or row.route in DEVELOPERS or row.name in ALIKE:
        return False
    return LONG or IN_ENGLISH[row.route] == row.name
