"""Domain events: one append-only row per thing that happened, read in order by named consumers, at least once.

Ids commit out of order, so a cursor on them loses events. `seq` is therefore given after commit, under a lock
of the club, to the rows that have none; consumers read by `seq`.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from core.models import DomainEvent, EventCursor
from core.rows import write_rows
from core.tenancy.scope import current_club_id

Handler = Callable[[DomainEvent], None]
BATCH = 500
# The first half of the two-number advisory lock: events; the second is the club.
EVENT_LOCK = 7_001


@dataclass(frozen=True)
class Consumer:
    """A named reader of some kinds of events; its effects must be unique by document."""

    name: str
    kinds: frozenset[str]
    handle: Handler


@dataclass(frozen=True)
class Happened:
    """What an event tells: of which document, when, whose, and what a consumer needs to know."""

    document: str
    occurred_at: datetime
    member_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


_consumers: dict[str, Consumer] = {}


def emit(
    kind: str,
    *,
    document: str,
    occurred_at: datetime,
    member_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Add the event to the running transaction: one insert, spelled out because every purchase pays for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_domainevent (club_id, kind, member_id, document, data, occurred_at) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [current_club_id(), kind, member_id, document, json.dumps(data or {}, ensure_ascii=False), occurred_at],
        )


def emit_many(kind: str, happened: Sequence[Happened]) -> None:
    """Add many events of one kind, in their order, in one insert."""
    names = ("kind", "member_id", "document", "data", "occurred_at")
    rows = [(kind, one.member_id, one.document, one.data, one.occurred_at) for one in happened]
    write_rows(DomainEvent, names, rows)


def consumer(name: str, *, kinds: Iterable[str]) -> Callable[[Handler], Handler]:
    """Register the function as the consumer `name` of these kinds of events."""

    def register(handle: Handler) -> Handler:
        if name in _consumers and _consumers[name].handle is not handle:
            raise ValueError(f"two consumers are called {name}")
        _consumers[name] = Consumer(name, frozenset(kinds), handle)
        return handle

    return register


def consumers() -> list[Consumer]:
    """All that are registered, by name."""
    return [_consumers[name] for name in sorted(_consumers)]


@transaction.atomic
def number_events() -> int:
    """Give the next numbers to the committed events of this club that have none; how many there were."""
    club_id = current_club_id()
    with connection.cursor() as cursor:
        # A statement of its own: the update's snapshot must be taken when the lock is already held.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [EVENT_LOCK, club_id])
        cursor.execute(
            """
            UPDATE core_domainevent e SET seq = numbered.seq FROM (
                SELECT id, row_number() OVER (ORDER BY id)
                    + coalesce((SELECT max(seq) FROM core_domainevent WHERE club_id = %(club)s), 0) AS seq
                FROM core_domainevent WHERE club_id = %(club)s AND seq IS NULL
            ) numbered WHERE e.club_id = %(club)s AND e.id = numbered.id
            """,
            {"club": club_id},
        )
        return int(cursor.rowcount)


def consume(reader: Consumer, *, limit: int = BATCH) -> int:
    """Handle the next events of its kinds, each with its cursor in one transaction; how many it were."""
    number_events()
    read = 0
    EventCursor.objects.get_or_create(consumer=reader.name)
    while read < limit and _consume_one(reader):
        read += 1
    return read


def consume_all() -> int:
    """Every consumer reads what there is for it in this club; how many events were handled in all."""
    total = 0
    for reader in consumers():
        while count := consume(reader):
            total += count
    return total


@transaction.atomic
def _consume_one(reader: Consumer) -> bool:
    cursor = EventCursor.objects.select_for_update().get(consumer=reader.name)
    # The last number first: what is numbered after this statement is left for the next one.
    last = DomainEvent.objects.filter(seq__gt=cursor.seq).aggregate(last=Max("seq"))["last"]
    if last is None:
        return False
    ahead = DomainEvent.objects.filter(seq__gt=cursor.seq, seq__lte=last, kind__in=reader.kinds)
    event = ahead.order_by("seq").first()
    if event is not None:
        reader.handle(event)
    # What is of no concern to the reader is passed over at once, however much it is.
    cursor.seq = last if event is None else event.seq or 0
    cursor.save(update_fields=["seq"])
    return event is not None
