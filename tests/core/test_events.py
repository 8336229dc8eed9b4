"""Events are numbered and read in order, by each consumer once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import events
from core.events import Consumer, consume
from core.models import Club, EventCursor


def emit(number: int, kind: str = "sample") -> None:
    events.emit(kind, document=f"sample:{number}", occurred_at=timezone.now())


def test_each_consumer_reads_its_kinds_in_order_and_once(club: Club) -> None:
    seen: list[str] = []
    reader = Consumer("r", frozenset({"sample"}), lambda event: seen.append(event.document))
    for number in range(3):
        emit(number)
        emit(number, "other")

    assert (consume(reader), consume(reader)) == (3, 0)
    emit(3)
    consume(reader)

    assert seen == ["sample:0", "sample:1", "sample:2", "sample:3"]


def test_what_is_of_no_concern_is_passed_over_at_once(club: Club) -> None:
    reader = Consumer("r", frozenset({"sample"}), lambda event: None)
    for number in range(30):
        emit(number, "other")

    with CaptureQueriesContext(connection) as caught:
        assert consume(reader) == 0

    assert len(caught) < 20
    assert EventCursor.objects.get(consumer="r").seq == 30


def test_a_handler_that_fails_keeps_its_event_for_the_next_run(club: Club) -> None:
    seen: list[str] = []

    def handle(event: object) -> None:
        if not seen:
            seen.append("failed")
            raise ZeroDivisionError
        seen.append("read")

    reader = Consumer("r", frozenset({"sample"}), handle)
    emit(1)

    with pytest.raises(ZeroDivisionError):
        consume(reader)
    assert EventCursor.objects.get(consumer="r").seq == 0
    assert consume(reader) == 1


def test_two_consumers_may_not_share_a_name() -> None:
    events.consumer("test.twice", kinds=["x"])(lambda event: None)
    try:
        with pytest.raises(ValueError, match=r"test\.twice"):
            events.consumer("test.twice", kinds=["x"])(lambda event: None)
    finally:
        del events._consumers["test.twice"]
