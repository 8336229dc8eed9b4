"""What arrives on the phone on a birthday: one SMS with the wish and the gift, and what the club switches off does not."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from club.members.models import Member
from core.models import Club
from crm.occasions.daily import birthdays
from sms.emulator.server import Emulator, running_emulator
from sms.kinds import kind_of
from sms.models import MessageClass, SmsSettings, SmsTemplate, Suppression
from sms.services import dispatch_due
from tests.crm.occasions.acts import FIFTY
from tests.crm.occasions.test_daily import BORN, around
from tests.offering import LONG_AGO, publish
from tests.shop import NOON, Shop

WISH, LEAVE = "سارا، تولدت مبارک.", "لغو۱۱"
GIFT = "هدیهٔ تو، کادوی تولد:\n۵۰ امتیاز"
Arrived = Callable[..., list[str]]


@pytest.fixture
def emulator(club: Club, settings: Settings) -> Iterator[Emulator]:
    """The provider of the club's SMS."""
    with running_emulator() as emulator:
        settings.SMS_GATEWAY, settings.KAVENEGAR_BASE_URL = "kavenegar", emulator.base_url
        SmsSettings.objects.create(gateway="kavenegar", api_key=emulator.key, sender_line="10004346")
        yield emulator


@pytest.fixture
def sara(shop: Shop) -> Member:
    return shop.member(birth_date=BORN, first_name="سارا", enrolled_at=LONG_AGO, quiet=True)


@pytest.fixture
def arrived(shop: Shop, sara: Member, emulator: Emulator) -> Arrived:
    """What arrives at Sara's phone when the job has run, without the club's name and the line to leave by."""

    def look(*moments: datetime) -> list[str]:
        for now in moments or [NOON]:
            birthdays(now=now)
        dispatch_due(now=timezone.now())
        texts = [message["message"] for message in emulator.messages_to(sara.phone or "")]
        return [text.replace(shop.club.name, "").replace(LEAVE, "").strip() for text in texts]

    return look


def template(kind: str, text: str = "", *, enabled: bool = True) -> None:
    words = text or str(kind_of(kind).text)
    SmsTemplate.objects.create(kind=kind, message_class=MessageClass.SERVICE, text=words, enabled=enabled)


def gift(**more: object) -> None:
    publish("کادوی تولد", FIFTY, trigger="birthday", **more)


def test_the_wish_and_the_gift_are_one_sms(arrived: Arrived) -> None:
    gift()

    assert arrived(NOON, NOON + timedelta(hours=1)) == [f"{WISH}\n{GIFT}"]


def test_without_a_gift_the_wish_comes_alone(arrived: Arrived) -> None:
    assert arrived() == [WISH]


@pytest.mark.parametrize("offset", [-1, 1])
def test_a_gift_of_another_day_comes_by_itself(arrived: Arrived, offset: int) -> None:
    gift(when=around(offset, offset))
    days = [NOON + timedelta(days=day) for day in (-1, 0, 1)]

    assert sorted(arrived(*days)) == sorted([WISH, f"سارا، {GIFT}"])


def test_a_gift_published_after_the_wish_was_sent_comes_by_itself(arrived: Arrived) -> None:
    assert arrived() == [WISH]
    gift()

    assert sorted(arrived(NOON + timedelta(hours=1))) == sorted([WISH, f"سارا، {GIFT}"])


@pytest.mark.parametrize(
    ("off", "comes"),
    [
        (["birthday"], [f"سارا، {GIFT}"]),
        (["gift_given"], [WISH]),
        (["birthday", "gift_given"], []),
    ],
)
def test_the_club_still_switches_each_of_the_two(arrived: Arrived, off: list[str], comes: list[str]) -> None:
    gift()
    for kind in off:
        template(kind, enabled=False)

    assert arrived() == comes


def test_a_wish_in_own_words_that_names_no_gift_leaves_it_to_a_message_of_its_own(arrived: Arrived) -> None:
    gift()
    template("birthday", "{name} جان، شاد باشی!\n{club}")

    assert sorted(arrived()) == sorted(["سارا جان، شاد باشی!", f"سارا، {GIFT}"])


def test_own_words_that_name_the_gift_are_one_message(arrived: Arrived) -> None:
    gift()
    template("birthday", "شاد باشی![[ {offers}: {points} امتیاز]]\n{club}")

    assert arrived() == ["شاد باشی! کادوی تولد: ۵۰ امتیاز"]


def test_who_is_held_out_of_the_offer_is_wished_well_and_no_more(
    arrived: Arrived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offers.engine.is_held_out", lambda *_who: True)
    gift(control_percent=10)

    assert arrived() == [WISH]


def test_who_wants_no_sms_gets_the_gift_and_no_word_of_it(arrived: Arrived, sara: Member, shop: Shop) -> None:
    gift()
    Suppression.objects.create(phone=sara.phone, reason=Suppression.Reason.MANUAL)

    assert arrived() == []
    assert shop.proven()
