"""A manager brings a list in with a browser: checked, started, followed to its end; also without scripts."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from club.awards.import_runs import work
from club.members.models import Member
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.browser.stage import DESKTOP, PHONE, SMALLEST, Stage, overflow, picture, violations

LIST = "شماره موبایل,نام و نام خانوادگی,مانده اعتبار,چیز دیگر\n" + "".join(
    f"0912000{number:04},سارا کاظمی,۱۰٬۰۰۰,x\n" for number in range(3)
)


def send(page: Page, text: str = LIST + "0912,بد,-5,\n") -> None:
    page.set_input_files("#file", {"name": "customers.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.click("main form button[type=submit]")
    page.wait_for_url("**/imports/*/")


def test_a_list_is_followed_from_file_to_members(committed_club: Club, stage: Callable[..., Stage]) -> None:
    page = stage(signed_in(person("manager"), committed_club)).open("/desk/imports/")
    send(page)
    page.wait_for_selector("#import-progress")

    work(now=timezone.now())  # the page sees it by itself
    page.click("section:has(#start) button[type=submit]")
    page.wait_for_selector("#import-progress")
    work(now=timezone.now())
    page.wait_for_selector("text=ورود انجام شد")

    assert Member.objects.count() == 3
    with page.expect_download() as download:
        page.click("section:has(#faults) a.btn")
    assert download.value.suggested_filename.endswith(".csv")


def test_it_goes_without_scripts_too(committed_club: Club, stage: Callable[..., Stage]) -> None:
    page = stage(signed_in(person("manager"), committed_club), javascript=False).open("/desk/imports/")
    send(page)
    assert page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count() == 1

    work(now=timezone.now())
    page.reload()
    page.click("section:has(#start) button[type=submit]")
    work(now=timezone.now())
    page.reload()

    assert "ورود انجام شد" in page.inner_text("main")
    assert Member.objects.count() == 3


@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_axe_finds_nothing_at_any_step(
    committed_club: Club, stage: Callable[..., Stage], size: tuple[int, int], theme: str
) -> None:
    page = stage(signed_in(person("manager"), committed_club), size=size, theme=theme).open("/desk/imports/")
    assert violations(page) == []
    page.set_input_files("#file", {"name": "x.xlsx", "mimeType": "x", "buffer": b"%PDF-1.4"})
    page.click("main form button[type=submit]")
    page.wait_for_selector("#file-error")
    assert violations(page) == []
    send(page)
    assert violations(page) == []
    work(now=timezone.now())
    page.reload()
    assert violations(page) == []
    picture(page, f"import-{size[0]}-{theme}")
    page.set_viewport_size({"width": SMALLEST[0], "height": SMALLEST[1]})
    assert overflow(page) == 0
