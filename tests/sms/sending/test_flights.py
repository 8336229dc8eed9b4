"""Many messages: some calls under way at once, one more worker, and nothing lost when one of the calls fails."""

import threading
import time
from typing import Any

import pytest
from django.utils import timezone

from sms import services, tasks
from sms.gateways.base import Retryable
from sms.gateways.kavenegar import Kavenegar
from sms.models import OutboxMessage
from tests.sms.sending.conftest import calls, queue


@pytest.fixture
def many(account, provider, monkeypatch):
    """Eighty messages that go ten in a call."""
    monkeypatch.setattr("sms.claims.CLAIM", 10)
    monkeypatch.setattr("sms.services.CLAIM", 10)
    for number in range(80):
        queue(phone=f"0912000{number:02}00")


@pytest.fixture
def flying(monkeypatch):
    """How many calls were under way when each began; `failing` is the number of the one that fails."""
    really_send, lock, seen = Kavenegar.send, threading.Lock(), []
    flying: dict[str, Any] = {"now": 0, "seen": seen, "failing": None}

    def send(self, messages):
        with lock:
            flying["now"] += 1
            seen.append(flying["now"])
            number = len(seen)
        time.sleep(0.2)
        try:
            if number == flying["failing"]:
                raise Retryable("409")
            return really_send(self, messages)
        finally:
            with lock:
                flying["now"] -= 1

    monkeypatch.setattr(Kavenegar, "send", send)
    return flying


@pytest.mark.usefixtures("many")
def test_after_the_first_call_went_well_some_are_under_way_at_once(provider, flying):
    assert services.dispatch_due(now=timezone.now()) == 80

    assert flying["seen"][:2] == [1, 1]
    assert 1 < max(flying["seen"]) <= services.MOST_FLIGHTS
    assert OutboxMessage.objects.filter(status__in=["sent", "delivered"], attempts=1).count() == 80
    assert len(calls(provider)) == 8


@pytest.mark.usefixtures("many")
def test_of_a_call_that_fails_beside_others_each_message_is_sent_once(provider, flying):
    flying["failing"] = 5

    services.dispatch_due(now=timezone.now())

    waiting = OutboxMessage.objects.filter(status="queued", in_doubt=False)
    assert waiting.filter(attempts=1).count() == 10, "the call that failed counts as a try"
    assert OutboxMessage.objects.filter(status="sending").count() == 0
    assert OutboxMessage.objects.filter(status__in=["sent", "delivered"]).count() + waiting.count() == 80

    OutboxMessage.objects.update(next_attempt_at=timezone.now())
    services.dispatch_due(now=timezone.now())
    sent = provider.act("messages", verb="GET", limit=1000)["messages"]
    assert (len(sent), len({one["receptor"] for one in sent})) == (80, 80)


@pytest.mark.usefixtures("many")
def test_one_worker_more_is_woken_and_a_long_run_lets_other_clubs_in(club, monkeypatch):
    woken = []
    monkeypatch.setattr(tasks, "wake", lambda club_id, **more: woken.append((club_id, more)))
    monkeypatch.setattr(services, "MOST_BATCHES", 3)
    monkeypatch.setattr(services, "AT_MOST", 30)

    tasks.dispatch_outbox(club_id=club.pk)
    assert woken == [(club.pk, {"helping": True}), (club.pk, {})]

    tasks.dispatch_outbox(club_id=club.pk, helping=True)
    assert len(woken) == 2, "who helps wakes nobody"

    woken.clear()
    tasks.dispatch_outbox(club_id=club.pk)
    assert woken == [(club.pk, {"helping": True})], "less than a whole run was left"
