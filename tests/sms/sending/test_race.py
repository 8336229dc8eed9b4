"""Two dispatchers at once: no message is handed over twice. The twin without the claim shows that it would be."""

import json
import threading
from collections import Counter

import pytest
from django.db import connections
from django.utils import timezone

from core.tenancy.scope import club_scope
from sms import services
from sms.gateways.kavenegar import Kavenegar
from sms.models import WAITING, OutboxMessage, SmsSettings
from tests.sms.sending.conftest import LINE, calls, queue

MESSAGES = 60


def handed_over(provider):
    """How often each localid was in a call to send."""
    asked = [json.loads(call["params"]["localmessageids"]) for call in calls(provider, "sms/sendarray")]
    return Counter(localid for localids in asked for localid in localids)


def dispatch_in_two_threads(club, monkeypatch):
    """Both have taken their messages before either sends, or one of them had nothing more to take."""
    both = threading.Barrier(2, timeout=60)
    really_send = Kavenegar.send
    troubles = []

    def send(self, messages):
        try:
            both.wait()
        except threading.BrokenBarrierError:
            pass
        return really_send(self, messages)

    def work():
        try:
            with club_scope(club):
                services.dispatch_due(now=timezone.now())
        except Exception as error:
            troubles.append(error)
        finally:
            both.abort()
            connections.close_all()

    monkeypatch.setattr(Kavenegar, "send", send)
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []


@pytest.fixture
def waiting(committed_club, provider):
    """Messages of a club whose rows are really committed."""
    SmsSettings.objects.create(gateway="kavenegar", api_key=provider.key, sender_line=LINE)
    for number in range(MESSAGES):
        queue(phone=f"0912000{number:02}00")
    return committed_club


def test_two_dispatchers_send_each_message_once(waiting, provider, monkeypatch):
    monkeypatch.setattr("sms.claims.CLAIM", 7)

    dispatch_in_two_threads(waiting, monkeypatch)

    times = handed_over(provider)
    assert (len(times), set(times.values())) == (MESSAGES, {1})
    assert OutboxMessage.objects.filter(status__in=["sent", "delivered"], attempts=1).count() == MESSAGES


def test_the_twin_without_the_claim_sends_twice(waiting, provider, monkeypatch):
    def unguarded(*, now):
        due = OutboxMessage.objects.filter(status__in=WAITING, next_attempt_at__lte=now)
        return list(due.order_by("id")[:MESSAGES])

    monkeypatch.setattr(services, "claim", unguarded)
    monkeypatch.setattr(services, "MOST_BATCHES", 1)

    dispatch_in_two_threads(waiting, monkeypatch)

    assert set(handed_over(provider).values()) == {2}
