"""A till in a real browser, its member, and the keyboard counted."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from accounts.models import Role
from club.members.models import Member
from club.purchases.models import Purchase
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.browser.stage import Stage, until
from tests.desk.conftest import joined

Make = Callable[..., Stage]


@pytest.fixture
def club(committed_club: Club) -> Club:
    """The club whose rows the server sees."""
    return committed_club


@pytest.fixture
def till(club: Club, stage: Make) -> Callable[..., Page]:
    """Open the till as a cashier of the club."""

    def open_till(**options: object) -> Page:
        page = stage(signed_in(person(Role.CASHIER, name="نگار رضایی"), club), **options).open("/desk/till/")
        if options.get("javascript", True):
            until(page, "document.activeElement.matches('input')")  # what is typed before is lost
        return page

    return open_till


@pytest.fixture
def sara(club: Club) -> Iterator[Member]:
    """A member with credit."""
    return joined("09123454567", opening_credit=620_000, opening_points=500)


class Keys:
    """The keyboard, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def type(self, text: str) -> "Keys":
        self.page.keyboard.type(text)
        self.count += len(text)
        return self

    def press(self, *names: str) -> "Keys":
        for name in names:
            self.page.keyboard.press(name)
        self.count += len(names)
        return self


def wait_saved(page: Page) -> Purchase:
    """The purchase that the page says it saved."""
    until(page, "document.body.dataset.saved")
    return Purchase.objects.get(pk=int(page.evaluate("document.body.dataset.saved")))
