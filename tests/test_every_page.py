"""Every address is a page somebody looks at (tests/browser/) or says why it is none; every link of a page opens."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import resolve

from accounts.admin_site import site
from tests.browser.pages.no_pages import NO_PAGES
from tests.browser.pages.rows import addresses, is_open, path_of, route_of
from tests.browser.pages.table import every_row
from tests.browser.pages.world import URLS, World

KINDS = ("changelist", "add", "change", "delete")
LINK = re.compile(r"""<a\b[^>]*\shref="([^"#]+)""")
LET_IN_NOWHERE = {"phones", "lost", "stranger", "waiting", "asked"}
OF_EVERY_RECORD = re.compile(r"admin:\w+_(history|export)")


def reason_of(name: str, route: str) -> str | None:
    """Why the address is no page, as the table says."""
    begun = (reason for start, reason in NO_PAGES.items() if route.startswith(start) or name == start)
    return next(begun, None)


def closed() -> set[str]:
    """The pages of the admin's records that nobody is let into."""
    return {route_of(model, kind) for model in site._registry for kind in KINDS if not is_open(model, kind)}


def test_every_address_has_a_row_or_a_reason() -> None:
    looked_at = {row.route for row in every_row()} | closed()

    forgotten = [
        f"{name} ({route})"
        for name, route in addresses()
        if name not in looked_at and reason_of(name, route) is None and not OF_EVERY_RECORD.fullmatch(name)
    ]

    what_to_do = "write a Row in tests/browser/pages/table.py for each, or a reason into no_pages.py beside it:"
    assert not forgotten, "\n".join([what_to_do, *forgotten])


def test_every_reason_is_needed_and_every_row_has_a_name_of_its_own() -> None:
    known = list(addresses())
    names = [row.name for row in every_row()]

    for start in NO_PAGES:
        assert any(name == start or route.startswith(start) for name, route in known), start
    assert sorted(set(names)) == sorted(names)


@pytest.mark.django_db
@pytest.mark.urls(URLS)
def test_every_link_of_every_page_opens(peopled: World) -> None:
    """Whoever sees a link may follow it: each role's pages lead nowhere else. Of links to the same page one is tried."""
    dead: list[str] = []
    for who in sorted(peopled.seats.keys() - LET_IN_NOWHERE):
        browser, tried = browser_of(peopled, who), set[Any]()
        pages = {path_of(row, peopled.known) for row in every_row() if row.who == who and row.status == 200}
        for page in sorted(pages | {"/desk/"}):
            for link in links_of(browser.get(page, follow=True), page):
                leads_to = name_of(link.path), *sorted(QueryDict(link.query))
                if leads_to in tried:
                    continue
                tried.add(leads_to)
                status = browser.get(link.geturl()).status_code
                if status >= 400:
                    dead.append(f"{who}: {page} leads to {link.geturl()}, which answers {status}")

    assert dead == []


@cache
def name_of(path: str) -> str:
    """The address that stands behind a path: the menu's are on every page."""
    return resolve(path).view_name


def browser_of(peopled: World, who: str) -> Client:
    seat = peopled.seats[who]
    browser = Client(headers={"host": seat.host})
    browser.cookies.load(seat.cookies)
    return browser


def links_of(answer: Any, page: str) -> Iterator[SplitResult]:
    """Where a page leads within the application."""
    for link in LINK.findall("" if answer.streaming else answer.content.decode()):
        parts = urlsplit(urljoin(page, link.replace("&amp;", "&")))
        if not parts.netloc and parts.scheme not in ("tel", "mailto", "sms"):
            yield parts
