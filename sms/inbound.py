"""What members write to our line: 11, «لغو» and their spellings take the phone off, 12 puts it back.

The event carries the words: who knows the member behind the phone keeps them as a consent (`club.members.consumers`).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from celery import Task
from django.db import transaction

from core import events, runs
from core.phones import InvalidPhone, normalise_phone
from core.rows import insert_rows
from core.text import latin_digits, search_key
from sms.gateways.base import Reply
from sms.models import InboundMessage, Suppression

LEAVE = frozenset({"11", "لغو", "لغو11"})
JOIN = "12"
OPTED_OUT, OPTED_IN = "sms.opted_out", "sms.opted_in"
WISHES = frozenset({OPTED_OUT, OPTED_IN})


@transaction.atomic
def receive_reply(reply: Reply, *, now: datetime) -> bool:
    """Keep the reply and do what it asks for; False for one that was kept before."""
    known = InboundMessage(
        provider_id=reply.provider_id,
        phone=_printable(reply.phone, 20),
        line=_printable(reply.line, 20),
        text=_printable(reply.text, 2_000),
        received_at=reply.at or now,
    )
    if InboundMessage.objects.filter(provider_id=reply.provider_id).exists():
        return False
    InboundMessage.objects.bulk_create([known], ignore_conflicts=True)
    try:
        phone = normalise_phone(reply.phone)
    except InvalidPhone:
        return True
    wish = re.sub(r"[\s\u200c.]+", "", latin_digits(search_key(reply.text)))
    if wish in LEAVE:
        opt_out(phone, now=now, words=known.text)
    elif wish == JOIN:
        opt_in(phone, now=now, words=known.text)
    else:
        return True
    runs.wake_later(_hearing)
    return True


def _hearing() -> "Task[Any, Any]":
    from sms.tasks import tell_wishes

    return tell_wishes


def opt_out(phone: str, *, now: datetime, reason: str = Suppression.Reason.OPT_OUT, words: str = "") -> None:
    """From now on only login codes reach this phone; `words` are what its owner wrote."""
    row, is_new = Suppression.objects.get_or_create(phone=phone, defaults={"since": now, "reason": reason})
    if not is_new and row.reason == Suppression.Reason.OPERATOR:
        row.since, row.reason, row.closed_at_operator = now, reason, True
        row.save(update_fields=["since", "reason", "closed_at_operator"])
    events.emit(OPTED_OUT, document=f"suppression:{row.pk}", occurred_at=now, data=_said(phone, words))


def off_our_list(phones: Iterable[str]) -> set[str]:
    """Which of the phones want no messages."""
    asked = list(phones)
    return set(Suppression.objects.filter(phone__in=asked).values_list("phone", flat=True)) if asked else set()


def opt_out_many(phones: Sequence[str], *, now: datetime) -> None:
    """The same for the phones of a list, whose owners told the club; who is off already stays so."""
    fresh = sorted({*phones} - off_our_list(phones))
    rows = [(phone, now, Suppression.Reason.MANUAL.value) for phone in fresh]
    ids = insert_rows(Suppression, ("phone", "since", "reason"), rows)
    happened = [
        events.Happened(f"suppression:{row_id}", now, data=_said(phone, ""))
        for row_id, phone in zip(ids, fresh, strict=True)
    ]
    if happened:
        events.emit_many(OPTED_OUT, happened)


def opt_in(phone: str, *, now: datetime, words: str = "") -> None:
    """The owner of the phone wants our messages again; what he closed at the operator only he can open.

    Who was never on our list may be somebody who was never asked: what he wrote is told, too.
    """
    row = Suppression.objects.filter(phone=phone).first()
    if row is None and not words:
        return
    if row and row.reason == Suppression.Reason.OPERATOR:
        return
    document = f"suppression:{row.pk}" if row else "suppression:none"
    if row and row.closed_at_operator:
        row.since, row.reason = now, Suppression.Reason.OPERATOR
        row.save(update_fields=["since", "reason"])
    elif row:
        row.delete()
    events.emit(OPTED_IN, document=document, occurred_at=now, data=_said(phone, words))


def _said(phone: str, words: str) -> dict[str, str]:
    return {"phone": phone, "words": words} if words else {"phone": phone}


def _printable(text: str, longest: int) -> str:
    return text.replace("\x00", "")[:longest]
