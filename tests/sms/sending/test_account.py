"""The account it is sent from: the club's own or the installation's, without credit, closed, without a key."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sms import services
from sms.account import account_of
from sms.models import SmsSettings
from sms.provider_codes import explain
from tests.sms.sending.conftest import LINE, queue


def test_an_empty_account_waits_for_credit(account, provider):
    provider.act("accounts", key=provider.key, credit=0)
    message = queue()
    now = timezone.now()

    services.dispatch_due(now=now)

    message.refresh_from_db()
    assert (message.status, message.error_code, message.attempts) == ("queued", "418", 0)
    assert message.next_attempt_at == now + timedelta(minutes=15)
    provider.act("accounts", key=provider.key, credit=1_000_000)
    services.dispatch_due(now=message.next_attempt_at)
    assert provider.messages_to(message.phone)


@pytest.mark.parametrize("code", [401, 403, 407, 412, 427])
def test_a_wrong_account_rests_until_its_settings_are_saved(account, send, provider, code):
    provider.act("failures", mode="code", code=code)

    message = send()

    assert (message.status, message.error_code) == ("queued", str(code))
    account.refresh_from_db()
    assert (account.stopped_code, account.stopped_text) == (str(code), explain(str(code)))
    asked = len(provider.calls)
    services.dispatch_due(now=timezone.now() + timedelta(hours=1))
    assert len(provider.calls) == asked, "nobody knocks at a closed door"

    account.save()
    services.dispatch_due(now=timezone.now())
    assert provider.messages_to(message.phone)


def test_a_key_that_nobody_can_read_any_more_is_asked_for(account, send, provider, settings):
    settings.FIELD_KEYS = ["another key, with which nothing was sealed"]

    message = send()

    assert (message.status, message.error_code) == ("queued", "secret_unreadable")
    assert not provider.calls
    account.refresh_from_db()
    assert (account.stopped_code, account.stopped_text) == ("secret_unreadable", explain("secret_unreadable"))

    account.api_key = provider.key
    account.save()
    services.dispatch_due(now=timezone.now())
    assert provider.messages_to(message.phone)
    assert account.callback_secret.is_readable, "a new one, as the old one cannot be read either"


def test_the_account_tells_its_key_to_nobody(account, provider):
    provider.act("accounts", key="top-secret-key-1234", lines=[LINE])
    SmsSettings.objects.update(api_key="top-secret-key-1234")
    chosen = account_of(SmsSettings.objects.get())

    assert "top-secret" not in f"{chosen}{chosen!r}{vars(chosen)}{SmsSettings.objects.get().__dict__}"
    assert chosen.gateway().states([1])


def test_without_a_key_messages_wait(club, provider):
    message = queue()

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code) == ("queued", "no_key")


def test_a_club_without_an_account_uses_the_installations(club, provider, settings):
    settings.KAVENEGAR_API_KEY, settings.KAVENEGAR_SENDER = provider.key, LINE
    message = queue()

    services.dispatch_due(now=timezone.now())

    assert provider.messages_to(message.phone)[0]["sender"] == LINE
    assert SmsSettings.objects.get().callback_secret.text


def test_without_a_line_the_accounts_default_is_used(account, send, provider):
    SmsSettings.objects.update(sender_line="", advertising_line="")

    assert send().status in {"sent", "delivered"}


def test_the_console_writes_to_the_log(club, settings, caplog):
    settings.SMS_GATEWAY = "console"
    caplog.set_level("INFO")
    message = queue(name="سارا")

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.cost_rial) == ("delivered", 0)
    assert "سارا، به باشگاه" in caplog.text
