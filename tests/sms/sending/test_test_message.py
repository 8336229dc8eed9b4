"""The button «پیامک آزمایشی»."""

import pytest
from django.utils import timezone

from core.phones import InvalidPhone
from sms.models import OutboxMessage, SmsSettings
from sms.polling import ask_now
from sms.testing import send_test


def test_it_goes_at_once_and_its_delivery_can_be_seen(account, provider, club):
    result = send_test("۰۹۱۲ ۱۲۳ ۴۵۰۰", now=timezone.now())

    assert (result.ok, result.code) == (True, "")
    [received] = provider.messages_to("09121234500")
    assert received["message"].startswith(f"{club.name}\nاین پیامک آزمایشی است")
    assert ask_now(result.message_id, now=timezone.now()).status == "delivered"


def test_a_wrong_key_is_said_in_persian(account, provider):
    SmsSettings.objects.update(api_key="wrong")

    result = send_test("09121234500", now=timezone.now())

    assert (result.ok, result.code) == (False, "403")
    assert result.text.startswith("کلید API کاوه‌نگار درست نیست")
    assert OutboxMessage.objects.get().status == "failed"


@pytest.mark.parametrize(("line", "code"), [("20001111", "412"), ("10004346", "")])
def test_a_wrong_line_is_said(account, provider, line, code):
    SmsSettings.objects.update(sender_line=line)

    assert send_test("09121234500", now=timezone.now()).code == code


def test_a_provider_that_is_not_there_is_said(account, settings):
    settings.KAVENEGAR_BASE_URL = "http://127.0.0.1:1"

    result = send_test("09121234500", now=timezone.now())

    assert (result.ok, result.code) == (False, "network")
    assert "در دسترس نیست" in result.text


def test_success_opens_an_account_that_was_stopped(account, provider):
    SmsSettings.objects.update(stopped_code="403", stopped_text="x", stopped_at=timezone.now())

    send_test("09121234500", now=timezone.now())

    account.refresh_from_db()
    assert (account.stopped_code, account.stopped_text, account.stopped_at) == ("", "", None)


def test_a_wrong_phone_writes_nothing(account):
    with pytest.raises(InvalidPhone):
        send_test("12", now=timezone.now())

    assert not OutboxMessage.objects.exists()
