"""The pages of the SMS: a manager at them, a member to be written to, the provider."""

import re

import pytest

from sms.emulator.server import running_emulator
from tests.accounts.cast import person, signed_in

URL = "/desk/settings/messages/"


@pytest.fixture
def provider(settings):
    """The provider, as it answers over HTTP."""
    with running_emulator() as emulator:
        settings.SMS_GATEWAY = "kavenegar"
        settings.KAVENEGAR_BASE_URL = emulator.base_url
        settings.KAVENEGAR_API_KEY = settings.KAVENEGAR_SENDER = ""
        yield emulator


@pytest.fixture
def browser(club):
    return signed_in(person("manager"), club)


@pytest.fixture
def sara(shop):
    """She bought for 245,000 toman."""
    shop.programme(rial_per_point=100_000)
    member = shop.member(phone="09123454567", first_name="سارا", last_name="محمدی")
    shop.buys(member, 2_450_000)
    return member


def text_of(answer):
    return answer.content.decode()


def held_in(page):
    """The word by which the form asks for the key it was sent before."""
    [word] = re.findall('name="held" value="([^"]+)"', page)
    return word
