"""A provider that answers with everything but sense, in the middle of a campaign: nothing is lost, nothing sent twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.models import Club
from sms import services
from sms.emulator.server import Emulator
from sms.gateways import kavenegar
from sms.health import trouble
from sms.models import OutboxMessage, SmsSettings, Status
from sms.provider_codes import explain
from tests.sms.faults import assert_each_was_sent_once, prepare

MESSAGES = 4_000
FAULTS: list[dict[str, Any]] = [
    {"mode": "code", "code": 409},
    {"mode": "code", "code": 429},
    {"mode": "code", "code": 451},
    {"mode": "html"},
    {"mode": "broken_json"},
    {"mode": "no_return"},
    {"mode": "close"},
    {"mode": "timeout", "seconds": 0.4},
]


@pytest.fixture
def sending(club: Club, emulator: Emulator, settings: Any) -> Emulator:
    """The provider, and messages that wait."""
    settings.SMS_GATEWAY, settings.KAVENEGAR_BASE_URL = "kavenegar", emulator.base_url
    prepare(emulator, MESSAGES)
    return emulator


@pytest.mark.slow
@pytest.mark.parametrize("accept", [False, True], ids=["refused", "taken, and the answer lost"])
def test_of_every_trouble_in_a_campaign_no_message_is_lost_and_none_sent_twice(
    sending: Emulator, accept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, rounds = timezone.now(), 0
    troubles = [{**fault, "accept": accept} for fault in FAULTS] + [{"mode": "twice"}]
    for fault in troubles:
        sending.act("failures", path="sms/send", **fault)
        with monkeypatch.context() as patched:
            if fault["mode"] == "timeout":  # a silent provider is waited for a moment only
                patched.setattr(kavenegar, "TIMEOUTS", (10, 0.3))
            services.dispatch_due(now=now)
        now += timedelta(minutes=1)
    while OutboxMessage.objects.filter(status__in=[Status.QUEUED, Status.SENDING]).exists():
        services.dispatch_due(now=now)
        now, rounds = now + timedelta(minutes=20), rounds + 1
        assert rounds < 20

    assert not sending.faults.waiting, "each trouble was met"
    assert_each_was_sent_once(sending, MESSAGES)


def test_without_credit_everything_stops_and_is_told_until_there_is_some_again(sending: Emulator) -> None:
    now = timezone.now()
    sending.act("accounts", key=sending.key, credit=500 * 1_270)
    assert trouble(now=now) is None

    services.dispatch_due(now=now)

    sent = OutboxMessage.objects.filter(status__in=[Status.SENT, Status.DELIVERED]).count()
    assert 200 <= sent <= 500
    left = OutboxMessage.objects.filter(status=Status.QUEUED, error_code="418", next_attempt_at__gt=now)
    assert left.count() == MESSAGES - sent, "those that were not tried wait as well"
    told = trouble(now=now)
    assert told is not None
    assert told.stopped == explain("418")
    asked = len(sending.calls)
    services.dispatch_due(now=now + timedelta(minutes=14))
    assert len(sending.calls) == asked, "nobody is asked in vain"

    sending.act("accounts", key=sending.key, credit=10**12)
    services.dispatch_due(now=now + timedelta(minutes=16))

    assert trouble(now=now) is None
    assert_each_was_sent_once(sending, MESSAGES)


def test_whoever_has_charged_the_account_need_not_wait(sending: Emulator) -> None:
    from sms.editing import change_account

    now = timezone.now()
    sending.act("accounts", key=sending.key, credit=0)
    services.dispatch_due(now=now)
    sending.act("accounts", key=sending.key, credit=10**12)

    change_account({}, api_key=None, actor="user:1")
    services.dispatch_due(now=timezone.now())

    assert SmsSettings.objects.get().stopped_code == ""
    assert_each_was_sent_once(sending, MESSAGES)
