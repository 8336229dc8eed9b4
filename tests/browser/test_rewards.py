"""A reward in a real browser: taken on a phone, shown, handed over at the till by its code, and told by SMS."""

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Role, User
from club.ledger.selectors import balances
from club.members.models import Member
from club.rewards.models import Redemption
from core.models import Club
from sms.emulator.server import Emulator, running_emulator
from sms.models import SmsSettings
from sms.services import dispatch_due
from tests.accounts.cast import person, signed_in
from tests.browser.stage import PHONE, Stage, overflow, picture, until
from tests.desk.conftest import joined
from tests.rewarding import reward

Make = Callable[..., Stage]


@pytest.fixture
def club(committed_club: Club) -> Club:
    """The club whose rows the server sees."""
    return committed_club


@pytest.fixture
def emulator(club: Club, settings: Settings) -> Iterator[Emulator]:
    """The provider of the club's SMS."""
    with running_emulator() as emulator:
        settings.SMS_GATEWAY, settings.KAVENEGAR_BASE_URL = "kavenegar", emulator.base_url
        SmsSettings.objects.create(gateway="kavenegar", api_key=emulator.key, sender_line="10004346")
        yield emulator


@pytest.fixture
def sara(club: Club) -> Member:
    """A member with just the points of a free drink, which the counter hands over."""
    reward(points=100, valid_days=30, about="قهوه یا چای")
    return joined("09123450321", opening_points=100)


def taken_on_a_phone(stage: Make, club: Club, sara: Member, **options: object) -> str:
    """The code that the phone shows after one tap and one confirmation."""
    page = stage(signed_in(User.objects.of_phone(sara.phone), club, "otp"), size=PHONE, **options).open("/rewards/")
    assert "۱۰۰ امتیاز برای خرج داری" in page.inner_text("main")
    page.click(".reward a")
    page.click("main form button")
    page.wait_for_url("**/rewards/vouchers/*/")
    assert overflow(page) == 0
    picture(page, "reward-voucher")
    return page.inner_text(".voucher-code")


def test_a_free_drink_is_taken_on_a_phone_and_handed_over_at_the_till(
    club: Club, sara: Member, stage: Make, emulator: Emulator
) -> None:
    code = taken_on_a_phone(stage, club, sara)
    dispatch_due(now=timezone.now())
    [told] = emulator.messages_to("09123450321")
    assert "نوشیدنی رایگان" in told["message"] and code in told["message"]

    till = stage(signed_in(person(Role.CASHIER), club)).open("/desk/till/")
    till.wait_for_load_state("networkidle")
    till.keyboard.press("F7")
    till.keyboard.type(code.lower() + "\n")  # as a scanner types it
    until(till, "document.activeElement.matches('[data-hand-out]')")
    assert "نوشیدنی رایگان: تحویل دهید" in till.inner_text("#offers")
    picture(till, "reward-till")
    till.keyboard.press("Enter")
    until(till, "document.getElementById('toast').classList.contains('on')")

    assert "تحویل داده شد" in till.inner_text("#toast")
    assert Redemption.objects.get().status == "used"
    assert balances(sara.pk, timezone.now()).points == 0


def test_without_javascript_it_is_taken_and_given_back(club: Club, sara: Member, stage: Make) -> None:
    taken_on_a_phone(stage, club, sara, javascript=False)
    browser = stage(signed_in(User.objects.of_phone(sara.phone), club, "otp"), size=PHONE, javascript=False)
    page = browser.open(f"/rewards/vouchers/{Redemption.objects.get().pk}/")

    page.click("text=پشیمان شدی؟")
    page.click("text=لغو و برگشت امتیاز")
    page.wait_for_url("**/rewards/")

    assert balances(sara.pk, timezone.now()).points == 100
