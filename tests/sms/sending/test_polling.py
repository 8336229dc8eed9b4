"""What became of messages: asked at growing distances, and given up when the provider has forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import DomainEvent
from sms import polling
from sms.models import InboundMessage, OutboxMessage, SmsSettings, Suppression
from sms.states import POLLS
from tests.sms.sending.conftest import LINE, calls

QUIET = {"queue_seconds": 0, "final_seconds": 3600}


@pytest.fixture
def on_its_way(provider, send):
    """A message that the operator has, and that ends when the emulator's clock says so."""
    provider.act("pace", **QUIET)
    message = send()
    assert message.status == "sent"
    return message


def test_the_first_question_comes_after_five_minutes(on_its_way, provider):
    assert on_its_way.next_poll_at == on_its_way.sent_at + timedelta(minutes=5)

    assert polling.poll_due(now=on_its_way.sent_at + timedelta(minutes=4)) == 0
    assert not calls(provider, "sms/status")


@pytest.mark.parametrize(
    ("ending", "status"), [("01", "delivered"), ("02", "undelivered"), ("03", "blocked"), ("04", "failed")]
)
def test_each_end_is_told_as_it_is(provider, send, ending, status):
    provider.act("pace", **QUIET)
    message = send(phone=f"091212345{ending}")
    provider.act("pace", final_seconds=0)

    assert polling.poll_due(now=message.sent_at + timedelta(minutes=5)) == 1

    message.refresh_from_db()
    assert (message.status, message.next_poll_at) == (status, None)
    assert message.final_at
    assert bool(message.error_text) == (status != "delivered")


def test_it_is_asked_again_at_growing_distances_and_then_given_up(on_its_way, provider):
    sent_at, asked = on_its_way.sent_at, []
    for _ in range(10):
        on_its_way.refresh_from_db()
        if on_its_way.status != "sent":
            break
        asked.append(on_its_way.next_poll_at - sent_at)
        polling.poll_due(now=on_its_way.next_poll_at)

    assert asked == [*POLLS, timedelta(hours=48)]
    assert (on_its_way.status, on_its_way.error_code) == ("unknown", "state_100")
    assert len(calls(provider, "sms/status")) == len(POLLS)


def test_after_days_without_a_worker_one_question_is_enough(on_its_way, provider):
    polling.poll_due(now=on_its_way.sent_at + timedelta(hours=30))

    on_its_way.refresh_from_db()
    assert on_its_way.next_poll_at == on_its_way.sent_at + timedelta(hours=47)
    assert len(calls(provider, "sms/status")) == 1


def test_a_provider_that_does_not_answer_loses_a_question_not_the_message(on_its_way, provider):
    provider.act("failures", mode="html")

    polling.poll_due(now=on_its_way.sent_at + timedelta(minutes=5))

    on_its_way.refresh_from_db()
    assert (on_its_way.status, on_its_way.next_poll_at) == ("sent", on_its_way.sent_at + timedelta(minutes=15))


def test_a_message_the_provider_disowns_is_unknown(on_its_way):
    OutboxMessage.objects.update(provider_id=1)

    polling.poll_due(now=on_its_way.sent_at + timedelta(minutes=5))

    on_its_way.refresh_from_db()
    assert on_its_way.status == "unknown"


def test_a_test_message_is_asked_about_at_once(on_its_way, provider):
    provider.act("pace", final_seconds=0)

    assert polling.ask_now(on_its_way.pk, now=timezone.now()).status == "delivered"


def test_replies_that_did_not_reach_us_are_fetched(account, provider):
    provider.act("inbound", **{"from": "09121234567", "to": LINE, "message": "لغو ۱۱"})
    provider.act("inbound", **{"from": "09121234568", "to": LINE, "message": "سلام"})

    assert polling.replies_due(now=timezone.now()) == 2

    assert Suppression.objects.get().phone == "09121234567"
    assert InboundMessage.objects.count() == 2
    assert DomainEvent.objects.get(kind="sms.opted_out").data == {"phone": "09121234567", "words": "لغو ۱۱"}
    assert polling.replies_due(now=timezone.now()) == 0


def test_replies_of_a_shared_account_are_not_read(account, provider):
    SmsSettings.objects.update(api_key="")

    assert polling.replies_due(now=timezone.now()) == 0
    assert not provider.calls
