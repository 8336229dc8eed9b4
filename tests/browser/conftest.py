"""A browser and a live server on a really committed club; all of it is skipped, and said so, where there is no chromium."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserType, sync_playwright

from core.models import Club
from tests.browser.stage import ARGS, SHELL, Stage, chromium
from tests.live import served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here drives a browser."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def driver() -> Iterator[BrowserType]:
    """What starts browsers."""
    if chromium() is None:
        pytest.skip("no chromium on this machine: the browser tests did not run")
    # Playwright's loop runs in this thread; Django would take its presence for asynchronous code and refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium
        # While that loop ran, Django kept connections of their own for it; nobody would find them after it.
        connections.close_all()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser(driver: BrowserType) -> Iterator[Browser]:
    """The machine's own chromium; where there is one, without a window to keep: each page costs it a sixth less."""
    browser = driver.launch(executable_path=chromium(SHELL), args=ARGS)
    yield browser
    browser.close()


@pytest.fixture
def address(committed_club: Club) -> Iterator[str]:
    """Where the club of the test is served."""
    with served() as port:
        yield f"http://{committed_club.slug}.localhost:{port}"


@pytest.fixture
def stage(browser: Browser, address: str) -> Iterator[Callable[..., Stage]]:
    """Make stages: `stage(client, size=PHONE, theme="dark")` is the browser of who is logged in as that client."""
    made: list[Stage] = []

    def make(client: Client | None = None, **options: object) -> Stage:
        cookies = []
        if client:
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            cookies = [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": address}]
        made.append(Stage(browser, address, cookies=cookies, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for context in list(browser.contexts):
        context.close()
    faults = [fault for one in made for fault in one.faults]
    assert faults == []
