"""When a message does not go out: it is tried again, asked about or given up, and never sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sms import services
from sms.models import OutboxMessage, SmsTemplate
from sms.provider_codes import explain
from tests.sms.emulator.test_trouble import wait_for
from tests.sms.sending.conftest import age, calls, queue


def test_a_lost_provider_costs_one_call_and_the_messages_wait(account, provider, settings):
    settings.KAVENEGAR_BASE_URL = "http://127.0.0.1:1"
    for number in range(300):
        queue(phone=f"0912{number:07}")

    services.dispatch_due(now=timezone.now())

    assert set(OutboxMessage.objects.values_list("status", "error_code", "in_doubt").distinct()) == {
        ("queued", "network", False),
        ("queued", "", False),
    }
    settings.KAVENEGAR_BASE_URL = provider.base_url
    services.dispatch_due(now=timezone.now() + timedelta(minutes=5))
    assert not OutboxMessage.objects.filter(status="queued").exists()
    assert len(provider.act("messages", verb="GET", limit=1000)["messages"]) == 300


@pytest.mark.parametrize("code", [409, 429, 451])
def test_a_busy_provider_is_tried_again_later(send, provider, code):
    provider.act("failures", mode="code", code=code)
    before = timezone.now()

    message = send()

    assert (message.status, message.error_code, message.attempts) == ("queued", str(code), 1)
    assert message.next_attempt_at >= before + timedelta(seconds=30)
    services.dispatch_due(now=message.next_attempt_at)
    assert len(provider.messages_to(message.phone)) == 1
    assert not calls(provider, "sms/statuslocal"), "it was surely not taken: nobody needs to be asked"


def test_the_pauses_grow_and_are_counted_in_the_database(send, provider):
    provider.act("failures", mode="code", code=409, times=-1)
    message = send()
    pauses = []
    for _ in range(8):
        now = message.next_attempt_at
        services.dispatch_due(now=now)
        message.refresh_from_db()
        pauses.append((message.next_attempt_at - now).total_seconds())

    assert pauses == [60, 120, 300, 900, 1800, 3600, 3600, 3600]
    assert message.attempts == 9


def test_after_three_days_it_is_given_up(send, provider):
    provider.act("failures", mode="code", code=409)
    message = send()
    age(message, hours=73)

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code) == ("skipped", "gave_up")


@pytest.mark.parametrize("mode", ["timeout", "close", "html", "broken_json", "no_return"])
@pytest.mark.parametrize("taken", [True, False])
def test_in_doubt_the_provider_is_asked_and_nothing_is_sent_twice(send, provider, failing, mode, taken):
    with failing(mode, accept=taken):
        message = send()
    assert (message.status, message.in_doubt) == ("queued", True)
    wait_for(lambda: not taken or provider.messages_to(message.phone))

    services.dispatch_due(now=message.next_attempt_at)

    message.refresh_from_db()
    assert message.status in {"sent", "delivered"}
    assert len(provider.messages_to(message.phone)) == 1
    assert len(calls(provider, "sms/statuslocal")) == 1
    assert len(calls(provider, "sms/send")) == (1 if taken else 2)


def test_a_batch_that_was_sent_but_not_recorded_is_asked_about(account, provider, monkeypatch):
    message = queue()
    now = timezone.now()

    def died(self, done):
        if provider.calls:
            raise KeyboardInterrupt
        return

    with monkeypatch.context() as patched:
        patched.setattr(services.Dispatch, "_write", died)
        with pytest.raises(KeyboardInterrupt):
            services.dispatch_due(now=now)
    assert len(provider.messages_to(message.phone)) == 1

    assert services.dispatch_due(now=now + timedelta(minutes=9)) == 0, "the lease still runs"
    services.dispatch_due(now=now + timedelta(minutes=11))

    message.refresh_from_db()
    assert message.status in {"sent", "delivered"}
    assert message.provider_id == provider.messages_to(message.phone)[0]["messageid"]
    assert len(calls(provider, "sms/send")) == 1


def test_one_bad_number_does_not_hold_up_the_others(account, provider):
    for number in range(8):
        queue(phone=f"0912000{number:02}00")
    bad = queue(phone="0912")

    services.dispatch_due(now=timezone.now())

    bad.refresh_from_db()
    assert (bad.status, bad.error_code, bad.error_text) == ("failed", "411", explain("411"))
    assert OutboxMessage.objects.filter(status__in=["sent", "delivered"]).count() == 8


def test_a_text_that_is_refused_fails_alone(account, provider):
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="{name}")
    long = queue(name="س" * 1_000)
    good = queue(phone="09120000100", name="سارا")

    services.dispatch_due(now=timezone.now())

    long.refresh_from_db()
    good.refresh_from_db()
    assert (long.status, long.error_code) == ("failed", "413")
    assert good.status in {"sent", "delivered"}


def test_where_links_are_refused_the_messages_go_without(account, provider):
    provider.act("accounts", key=provider.key, links_refused=True)
    for number in range(5):
        queue(phone=f"0912000{number:02}00")

    services.dispatch_due(now=timezone.now())

    assert OutboxMessage.objects.filter(status__in=["sent", "delivered"]).count() == 5
    assert not OutboxMessage.objects.filter(text__contains="http").exists()
    assert len(calls(provider)) == 2


def test_a_link_of_the_managers_own_is_refused_for_good(account, provider):
    provider.act("accounts", key=provider.key, links_refused=True)
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="https://x.ir {club}")
    message = queue()

    services.dispatch_due(now=timezone.now())

    message.refresh_from_db()
    assert (message.status, message.error_code) == ("failed", "420")
