"""Where things stand: nothing that is needed lies out of sight, nothing lies over what is read."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.models import Role
from club.members.models import CustomField, Member
from core.looks import change_club
from core.models import Club
from core.tenancy.middleware import forget_hosts
from tests.accounts.cast import fresh_phone, person, signed_in
from tests.browser.stage import PHONE, SMALLEST, Stage, overflow
from tests.desk.conftest import joined

Make = Callable[..., Stage]


@pytest.fixture
def club(committed_club: Club) -> Club:
    """The club whose rows the server sees."""
    return committed_club


@pytest.fixture
def sara(club: Club) -> Member:
    """A member with points and credit."""
    return joined(fresh_phone(), opening_credit=620_000, opening_points=500)


def hidden_in(page: Page, selector: str) -> int:
    """How many pixels of the element can only be scrolled to sideways."""
    found: int = page.locator(selector).evaluate("one => one.scrollWidth - one.clientWidth")
    return found


def lines_of(page: Page, selector: str) -> int:
    """In how many lines the elements stand that can be seen."""
    inside = "one => one.offsetTop < one.parentElement.offsetTop + one.parentElement.clientHeight"
    tops = "ones => new Set(ones.filter({inside}).map(one => Math.round(one.getBoundingClientRect().top))).size"
    found: int = page.locator(selector).evaluate_all(tops.replace("{inside}", inside))
    return found


@pytest.mark.parametrize("width", [390, 320])
def test_a_phone_shows_points_credit_and_tier_of_members_without_scrolling_sideways(
    club: Club, sara: Member, stage: Make, width: int
) -> None:
    page = stage(signed_in(person(Role.MANAGER), club), size=(width, 844)).open("/desk/members/")

    assert hidden_in(page, ".people") <= 0 and hidden_in(page, ".table-wrap") <= 0
    row = page.inner_text(".people tbody tr")
    assert all(text in row for text in ("سارا محمدی", "۵۰۰", "۶۲٬۰۰۰"))


def test_the_longest_name_and_address_of_a_member_push_nothing_off_a_small_phone(club: Club, stage: Make) -> None:
    CustomField.objects.create(code="pet", label="نام گربه")
    long = joined(
        fresh_phone(), "ط" * 60, "W" * 60, email="m" * 50 + "@example.com", tags=["ب" * 40], custom={"pet": "ن" * 200}
    )
    other = joined(fresh_phone())
    page = stage(signed_in(person(Role.MANAGER), club), size=SMALLEST)

    card = f"/desk/members/{long.pk}/"
    ways = ("", "edit/", "value/", "card/", "phone/", "erase/", "activity/", f"merge/?with={other.pk}")
    searches = ("/desk/members/", "/desk/returns/", f"/desk/members/{other.pk}/merge/")
    asked = [f"{search}?q={long.phone}" for search in searches]
    for address in [*(card + way for way in ways), *asked, f"/desk/till/?member={long.pk}", "/desk/audit/"]:
        assert overflow(page.open(address)) == 0, address


@pytest.mark.parametrize("height", [800, 640])
def test_the_way_out_stays_in_sight_beside_every_staff_page(club: Club, stage: Make, height: int) -> None:
    page = stage(signed_in(person(Role.OWNER), club), size=(1280, height)).open("/desk/members/")

    box = page.locator(".side-foot button[type=submit]").last.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= height


@pytest.mark.parametrize("language", ["fa", "en"])
def test_the_keys_of_the_till_are_told_in_one_line(club: Club, stage: Make, language: str) -> None:
    seat = stage(signed_in(person(Role.CASHIER, name="Leila Rostami"), club))
    seat.cookies.append({"name": "language", "value": language, "url": seat.address})
    page = seat.open("/desk/till/")

    assert lines_of(page, ".till-hot > span") == 1
    assert page.evaluate("document.querySelector('.till-bar').offsetHeight") <= 64
    assert overflow(page) == 0


@pytest.mark.parametrize("size", [PHONE, (1000, 700), (1280, 800)])
def test_the_way_to_ask_lies_over_nothing_that_is_read(
    club: Club, sara: Member, stage: Make, size: tuple[int, int]
) -> None:
    change_club({"whatsapp": "989121234567"}, actor="user:1")
    forget_hosts()
    page = stage(signed_in(person(phone=sara.phone), club, method="otp"), size=size).open("/ledger/")

    seen = page.locator("a[href*='wa.me']:visible")
    assert seen.count() >= 1
    cards = page.locator("main").bounding_box()
    for box in [one.bounding_box() for one in page.locator(".whatsapp:visible").all()]:
        assert cards and box and box["x"] + box["width"] <= cards["x"], "it floats in the margin"
