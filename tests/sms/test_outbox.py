"""Something wants an SMS sent: one row in its transaction, one poke after it, and nothing else."""

import kombu.utils.functional
import pytest
import redis.retry
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction

from core.tenancy.scope import club_scope
from sms import outbox
from sms.kinds import UnknownKind
from sms.models import OutboxMessage


def enqueue(**changes):
    outbox.enqueue(**{"kind": "welcome", "phone": "09121234567", "context": {"name": "سارا"}} | changes)


def test_one_insert_in_the_callers_transaction(club, django_assert_num_queries):
    with django_assert_num_queries(1):
        enqueue(member_id=7, document="member:7")

    message = OutboxMessage.objects.get()
    assert (message.kind, message.message_class, message.phone) == ("welcome", "service", "09121234567")
    assert (message.context, message.member_id, message.document) == ({"name": "سارا"}, 7, "member:7")
    assert (message.status, message.text, message.attempts) == ("queued", "", 0)
    assert 0 < message.localid < 2**63


def test_a_rolled_back_caller_leaves_no_message(club):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue()
        raise ZeroDivisionError

    assert not OutboxMessage.objects.exists()


def test_an_unknown_kind_is_a_fault_of_the_program(club):
    with pytest.raises(UnknownKind):
        enqueue(kind="nonsense")


def test_localids_differ_and_are_unique_in_the_club(club):
    enqueue()
    enqueue()
    first, second = OutboxMessage.objects.order_by("pk")
    assert first.localid != second.localid

    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.filter(pk=second.pk).update(localid=first.localid)


def test_one_poke_for_a_transaction_of_many_messages(club, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        enqueue()
        with transaction.atomic():
            enqueue()
        enqueue()

    assert len(callbacks) == 1


def test_a_poke_of_a_rolled_back_savepoint_does_not_swallow_the_next(club, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            enqueue()
            raise ZeroDivisionError
        enqueue()

    assert len(callbacks) == 1


def test_each_club_is_poked_for_itself(club, other_club, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        enqueue()
        with club_scope(other_club):
            enqueue()

    assert {poke.club_id for poke in callbacks} == {club.pk, other_club.pk}


@pytest.fixture
def tasks(monkeypatch):
    """What reaches the broker; nobody rests at the start."""
    from sms import tasks

    sent = []
    monkeypatch.setattr(outbox, "_rest_until", 0.0)
    monkeypatch.setattr(tasks.dispatch_outbox, "apply_async", lambda **call: sent.append(call))
    return sent


def test_the_task_names_the_club_and_does_not_retry(club, tasks):
    outbox.Poke(club.pk)()

    assert tasks == [{"kwargs": {"club_id": club.pk}, "retry": False}]


def test_a_second_poke_before_the_first_was_heard_is_spared(club, tasks):
    outbox.Poke(club.pk)()
    outbox.Poke(club.pk)()
    assert len(tasks) == 1

    cache.delete(outbox.poke_mark(club.pk))  # the dispatcher wakes, and only then looks
    outbox.Poke(club.pk)()
    assert len(tasks) == 2


def test_a_lost_broker_neither_fails_nor_slows_the_caller(club, tasks, settings, monkeypatch):
    calls = []

    def lost(*args, **kwargs):
        calls.append(args)
        raise ConnectionError

    monkeypatch.setattr(cache, "add", lost)
    for _ in range(50):
        outbox.Poke(club.pk)()

    assert len(calls) == 1, "after one failure the others do not even try"
    assert tasks == []


def test_a_broker_that_refuses_the_connection_is_no_error(club, monkeypatch):
    from celery import Celery

    from config.celery import app
    from sms import tasks

    monkeypatch.setattr(outbox, "_rest_until", 0.0)
    cache.delete(outbox.poke_mark(club.pk))
    dead = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    dead.conf.broker_transport_options = app.conf.broker_transport_options
    monkeypatch.setattr(tasks.dispatch_outbox, "_get_app", lambda: dead, raising=False)
    monkeypatch.setattr(type(tasks.dispatch_outbox), "app", dead, raising=False)
    pauses = []
    for waiting in (kombu.utils.functional, redis.retry):  # where another try is waited for
        monkeypatch.setattr(waiting, "sleep", pauses.append)

    outbox.Poke(club.pk)()

    assert outbox._rest_until > 0, "it was tried"
    assert sum(pauses) == 0


def test_the_row_is_written_before_the_poke(club):
    enqueue()

    assert connection.in_atomic_block
    assert OutboxMessage.objects.count() == 1
