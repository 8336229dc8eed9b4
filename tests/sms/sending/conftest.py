"""A club with an account at the emulated provider, which is spoken to over HTTP by the real client."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from sms import outbox, services
from sms.emulator.server import running_emulator
from sms.gateways import kavenegar
from sms.models import OutboxMessage, SmsSettings
from tests.sms.emulator.test_trouble import wait_for

LINE, ADVERTISING_LINE = "10004346", "30005006"


@pytest.fixture
def provider(settings):
    """The emulator on a free port."""
    with running_emulator() as emulator:
        settings.SMS_GATEWAY = "kavenegar"
        settings.KAVENEGAR_BASE_URL = emulator.base_url
        settings.KAVENEGAR_API_KEY = settings.KAVENEGAR_SENDER = ""
        yield emulator


@pytest.fixture
def failing(provider, monkeypatch):
    """The provider fails once within the block; for one that keeps silent the gateway waits a moment only."""

    @contextmanager
    def block(mode, **fault):
        provider.act("failures", mode=mode, **fault)
        with monkeypatch.context() as patched:
            if mode == "timeout":
                patched.setattr(kavenegar, "TIMEOUTS", (10, 0.3))
            yield
        wait_for(lambda: not provider.faults.waiting)  # a call that nobody waits for any more may only now meet it

    return block


@pytest.fixture
def account(club, provider):
    """The club's settings: a key and two lines of the provider."""
    return SmsSettings.objects.create(
        gateway="kavenegar", api_key=provider.key, sender_line=LINE, advertising_line=ADVERTISING_LINE
    )


@pytest.fixture
def send(account):
    """Put a message in the outbox and dispatch; gives it as it is then."""

    def act(kind="welcome", phone="09121234500", *, now=None, **context):
        message = queue(kind, phone, **context)
        services.dispatch_due(now=now or timezone.now())
        message.refresh_from_db()
        return message

    return act


def queue(kind="welcome", phone="09121234500", **context):
    """Put a message in the outbox."""
    outbox.enqueue(kind, phone=phone, context=context)
    return OutboxMessage.objects.latest("pk")


def calls(provider, method="sms/send"):
    """What the provider was asked, by the beginning of the method."""
    return [call for call in provider.calls if call["method"].startswith(method)]


def age(message, **by):
    """Make a message as old as that, and due."""
    OutboxMessage.objects.filter(pk=message.pk).update(
        created_at=F("created_at") - timedelta(**by), next_attempt_at=timezone.now()
    )
