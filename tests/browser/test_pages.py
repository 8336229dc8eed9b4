"""Every page is fit: no fault of axe, nothing wider than its window, no complaint of the browser, no foreign word;
and in English it stands left to right, no wider than its window.

The pages stand in `pages/table.py`; a page is opened once and looked at in every size and theme.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.plugin import DjangoDbBlocker

from tests.browser.pages import world as worlds
from tests.browser.pages.looks import Watch, faults_in_english, faults_of, foreign_words
from tests.browser.pages.table import URLS, Row, every_row, path_of
from tests.browser.pages.world import World
from tests.browser.stage import picture

DEVELOPERS = {"components"}
WORKERS = 2  # the rows are dealt out to so many, each with a world of its own


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), override_settings(ROOT_URLCONF=URLS):
        yield worlds.build()


@pytest.fixture(scope="module")
def ports(world: World) -> Iterator[dict[str, int]]:
    """Where the application and the phones of the emulator answer."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None, server.error
    with worlds.phones() as emulator:
        yield {"club": server.port, "phones": int(emulator.base_url.rsplit(":", 1)[1])}
    server.terminate()


@pytest.fixture(scope="module")
def contexts(browser: Browser, world: World, ports: dict[str, int]) -> Iterator[dict[str, BrowserContext]]:
    """One login each, kept for all pages of the person."""
    made: dict[str, BrowserContext] = {}
    for who, seat in world.seats.items():
        made[who] = context = browser.new_context(locale="fa-IR", reduced_motion="reduce")
        context.set_default_timeout(8_000)
        address = f"http://{seat.host}:{ports['club']}"
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in seat.cookies.items()])
    yield made
    for context in made.values():
        context.close()


def dealt() -> list[Any]:
    rows = every_row()
    return [
        pytest.param(row, id=row.name, marks=pytest.mark.xdist_group(f"pages-{place % WORKERS}"))
        for place, row in enumerate(rows)
    ]


@pytest.mark.parametrize("row", dealt())
def test_a_page_is_fit(
    row: Row, world: World, ports: dict[str, int], contexts: dict[str, BrowserContext], real_commits: None
) -> None:
    with closing(contexts[row.who].new_page()) as page:
        found = look_at(page, row, world, ports)
        if found:
            picture(page, f"fault-{row.name}")
    assert not found, "\n".join(found)


def look_at(page: Page, row: Row, world: World, ports: dict[str, int]) -> list[str]:
    """Open the page as its row says; whatever is wrong with it."""
    watch = Watch()
    watch.follow(page)

    port = ports["phones" if row.who == "phones" else "club"]
    page.goto(f"http://{world.seats[row.who].host}:{port}{path_of(row, world.known)}", wait_until="load")
    if row.act:
        row.act(page)

    address = page.url
    words = [] if row.technical else foreign_words(page)
    found = [*words, *faults_of(page, row.name)]
    if watch.answers[-1] != row.status:
        found.append(f"status: {watch.answers[-1]}")
    if row.act is None and not row.technical and row.route not in DEVELOPERS:
        found += faults_in_english(page, address, row.name)
    return [*found, *watch.said]
