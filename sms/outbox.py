"""The door for everybody who wants an SMS sent: one row in the transaction of what it tells about."""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from core.rows import insert_rows
from core.tenancy.scope import current_club_id
from sms.kinds import KINDS, OTP, kind_of
from sms.models import WAITING, OutboxMessage, Silence, Status, random_localid

log = logging.getLogger(__name__)
# After a broker that did not answer, nobody waits for it again for so long; the sweep sends what waits.
BROKER_REST_SECONDS = 15.0
POKE_SECONDS = 5
_rest_until = 0.0


@dataclass(frozen=True)
class Letter:
    """To whom, with what to say, about which document."""

    phone: str
    context: Mapping[str, Any]
    member_id: int | None = None
    document: str = ""


def enqueue(
    kind: str, *, phone: str, context: Mapping[str, Any], member_id: int | None = None, document: str = ""
) -> None:
    """Put one SMS in the outbox of the club in scope, in the running transaction: one insert, and a poke after commit.

    The words are made when it is sent, by the club's template of that kind. Raises UnknownKind.
    """
    OutboxMessage.objects.create(
        kind=kind,
        message_class=kind_of(kind).message_class,
        phone=phone,
        context=dict(context),
        member_id=member_id,
        document=document,
    )
    poke_after_commit()


def enqueue_many(kind: str, letters: Iterable[Letter], *, not_before: datetime | None = None) -> list[int]:
    """The same for many of one kind, in one insert; their ids, in order.

    `not_before`: what is found at night waits for the morning.
    """
    message_class = kind_of(kind).message_class
    rows: list[tuple[Any, ...]] = [
        (kind, message_class, one.phone, one.context, one.member_id, one.document, random_localid()) for one in letters
    ]
    if not rows:
        return []
    names: tuple[str, ...] = (*("kind", "message_class", "phone", "context", "member_id", "document", "localid"),)
    if not_before is not None:
        names, rows = (*names, "next_attempt_at"), [(*row, not_before) for row in rows]
    ids = insert_rows(OutboxMessage, names, rows)
    poke_after_commit()
    return ids


def hand_over(from_member_id: int, to_member_id: int) -> None:
    """The messages of the one member belong to the other's history from now on, in the running transaction."""
    OutboxMessage.objects.filter(member_id=from_member_id).update(member_id=to_member_id)


def keep_from(member_id: int) -> None:
    """What calls or advertises to the member does not leave any more, also what waits, in the running transaction."""
    Silence.objects.get_or_create(member_id=member_id)


def let_through(member_id: int) -> None:
    """It leaves again; what was held back meanwhile does not come back."""
    Silence.objects.filter(member_id=member_id).delete()


def follow_number(member_id: int, *, old: str, new: str | None) -> None:
    """What waits for the member's old number goes to the new one, in the running transaction; without one nowhere.

    Codes stay where they were asked for, and what guards the old number or answers it goes there. What the dispatcher
    has in hand is recorded with the number it went to; what it puts back follows.
    """
    stays = [kind.code for kind in KINDS.values() if kind.always]
    rows = OutboxMessage.objects.filter(member_id=member_id, phone=old, status__in=WAITING)
    rows = rows.exclude(message_class=OTP).exclude(kind__in=stays)
    if new:
        rows.update(phone=new)
    else:
        unsent = rows.filter(status=Status.QUEUED, in_doubt=False)
        unsent.update(status=Status.SKIPPED, error_code="no_number", final_at=timezone.now())


def poke_after_commit() -> None:
    """Ask for the outbox to be sent once this transaction is committed; more often than once a transaction is one."""
    poke = Poke(current_club_id())
    if not any(known == poke for _, known, *_ in connection.run_on_commit):
        transaction.on_commit(poke, robust=True)


class Poke:
    """Wakes the dispatcher of one club. A lost broker neither fails nor slows who calls."""

    def __init__(self, club_id: int) -> None:
        self.club_id = club_id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poke) and other.club_id == self.club_id

    def __hash__(self) -> int:
        return hash(self.club_id)

    def __call__(self) -> None:
        # A dispatcher that is awake takes our row too: it forgets the mark before it looks.
        wake(self.club_id)


def wake(club_id: int, *, helping: bool = False) -> None:
    """Ask for a dispatcher of the club, or for one more beside one that has much to do. Never raises."""
    global _rest_until
    if time.monotonic() < _rest_until:
        return
    try:
        if helping or cache.add(poke_mark(club_id), 1, POKE_SECONDS):
            from sms.tasks import dispatch_outbox

            more = {"helping": True} if helping else {}
            dispatch_outbox.apply_async(kwargs={"club_id": club_id, **more}, retry=False)
    except Exception as error:  # whatever the broker does, the purchase is committed
        _rest_until = time.monotonic() + BROKER_REST_SECONDS
        log.warning("the broker does not take the poke for the SMS of club %s: %s", club_id, type(error))


def poke_mark(club_id: int) -> str:
    """The cache key that says a dispatcher of this club has been woken and has not looked yet."""
    return f"{club_id}:sms:poked"
