"""Login codes: sent once, never late, and nowhere to be read afterwards."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sms import services
from sms.models import OutboxMessage, SmsSettings, Suppression
from tests.sms.sending.conftest import age, queue


def due_again(message):
    OutboxMessage.objects.filter(pk=message.pk).update(next_attempt_at=timezone.now())


def test_a_code_has_no_opt_out_line_and_ends_with_the_domain(send, provider):
    message = send("otp", code="123456", domain="naron.example.com")

    [received] = provider.messages_to(message.phone)
    assert received["message"].splitlines()[-1] == "@naron.example.com #123456"


def test_a_code_is_nowhere_in_the_outbox_once_it_is_sent(send):
    message = send("otp", code="123456", domain="n.ir")

    assert message.status in {"sent", "delivered"}
    assert "123456" not in message.text + str(message.context)
    assert "••••••" in message.text


def test_an_old_code_is_not_sent_and_not_kept(account, provider):
    message = queue("otp", code="123456")
    age(message, seconds=121)

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code, message.context) == ("skipped", "expired", {})
    assert not provider.calls


def test_a_code_of_119_seconds_is_sent(account, provider):
    message = queue("otp", code="123456")

    services.dispatch_due(now=message.created_at + timedelta(seconds=119))

    assert provider.messages_to(message.phone)


def test_a_code_that_surely_was_not_taken_is_tried_again_while_it_is_good(send, provider):
    provider.act("failures", mode="code", code=409)
    message = send("otp", code="123456")
    assert (message.status, message.context, message.text) == ("queued", {"code": "123456"}, "")

    due_again(message)
    services.dispatch_due(now=timezone.now())

    assert len(provider.messages_to(message.phone)) == 1


def test_a_code_in_doubt_is_never_sent_again(send, provider):
    provider.act("failures", mode="close")
    message = send("otp", code="123456")
    assert message.in_doubt

    due_again(message)
    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code, message.context) == ("failed", "no_answer", {})
    assert not provider.messages_to(message.phone)


def test_a_code_in_doubt_that_did_arrive_is_known_to_have(send, provider):
    provider.act("failures", mode="close", accept=True)
    message = send("otp", code="123456")

    age(message, seconds=300)
    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert message.status in {"sent", "delivered"}
    assert (len(provider.messages_to(message.phone)), message.context) == (1, {})


def test_a_code_goes_by_the_template_of_the_provider_where_one_is_named(account, send, provider):
    SmsSettings.objects.update(otp_template="login-code")

    message = send("otp", code="123456")

    [received] = provider.messages_to(message.phone)
    assert received["kind"] == "lookup"
    assert message.status in {"sent", "delivered"}


def test_a_code_that_is_read_out_is_no_login_code_and_goes_in_its_own_words(account, send, provider):
    SmsSettings.objects.update(otp_template="login-code")

    message = send("phone_proof", code="123456")

    [received] = provider.messages_to(message.phone)
    assert received["kind"] == "sms"
    assert "به صندوق بگو" in received["message"] and "123456" in received["message"]
    assert "123456" not in message.text + str(message.context)


def test_a_template_that_the_provider_does_not_know_gives_way_to_plain_text(account, send, provider):
    SmsSettings.objects.update(otp_template="missing")

    message = send("otp", code="123456")

    [received] = provider.messages_to(message.phone)
    assert received["kind"] == "sms"
    assert "123456" in received["message"]


@pytest.mark.parametrize("reason", ["opt_out", "operator", "manual"])
def test_a_code_reaches_also_those_who_want_nothing_else(send, provider, reason):
    Suppression.objects.create(phone="09121234500", reason=reason)

    assert send("otp", code="123456").status in {"sent", "delivered"}


def test_codes_are_forgotten_also_while_the_account_rests(account, provider):
    message = queue("otp", code="123456")
    SmsSettings.objects.update(stopped_code="403")
    age(message, seconds=200)

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.context) == ("skipped", {})
