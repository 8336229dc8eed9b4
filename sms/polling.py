"""Asking the provider what became of messages, at growing distances, and for replies that did not reach us."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from sms import recording
from sms.account import Account, account
from sms.gateways.base import ASK_BATCH, GatewayError
from sms.inbound import receive_reply
from sms.models import OutboxMessage, Status
from sms.states import FORGOTTEN_AFTER, POLLS, next_poll

log = logging.getLogger(__name__)
MOST_REPLIES_CALLS = 20


def poll_due(*, now: datetime) -> int:
    """Ask about the messages that are due for it; how many moved on. A question that fails is asked next time."""
    moved = 0
    while batch := _claim(now):
        old = [message for message in batch if now - _sent_at(message) >= FORGOTTEN_AFTER]
        recording.give_up_asking(now=now, messages=old)
        ids = [message.provider_id for message in batch if message not in old and message.provider_id]
        if not ids:
            continue
        try:
            found = account().gateway().states(ids)
        except GatewayError as error:
            log.warning("the states of %s SMS are not known yet: %s", len(ids), error)
            break
        moved += recording.states(found, now=now)
    return moved


def ask_now(message_id: int, *, now: datetime) -> OutboxMessage:
    """The message with what the provider says of it at this moment; for the person who watches a test arrive."""
    message: OutboxMessage = OutboxMessage.objects.get(pk=message_id)
    if message.status == Status.SENT and message.provider_id:
        try:
            recording.states(account().gateway().states([message.provider_id]), now=now)
        except GatewayError as error:
            log.warning("the state of one SMS is not known yet: %s", error)
        message.refresh_from_db()
    return message


def replies_due(*, now: datetime) -> int:
    """Read what came to the club's own lines and did not reach our callback; how many messages there were."""
    chosen = account()
    if not chosen.is_own or chosen.stopped_code:
        return 0
    read = 0
    try:
        # An answer to advertising goes to the line that it came from.
        for line in dict.fromkeys(filter(None, (chosen.line, chosen.advertising_line))):
            read += _read(chosen, line, now)
    except GatewayError as error:
        log.warning("replies could not be read: %s", error)
    return read


def _read(chosen: Account, line: str, now: datetime) -> int:
    read = 0
    for _ in range(MOST_REPLIES_CALLS):
        replies = chosen.gateway().replies(line)
        for reply in replies:
            receive_reply(reply, now=now)
        read += len(replies)
        if not replies:
            break
    return read


@transaction.atomic(durable=True)
def _claim(now: datetime) -> list[OutboxMessage]:
    """Take messages to ask about and set the next question; who dies now has lost one question, not the message."""
    due = OutboxMessage.objects.filter(status=Status.SENT, next_poll_at__lte=now)
    batch = list(due.order_by("next_poll_at", "id").select_for_update(skip_locked=True)[:ASK_BATCH])
    for message in batch:
        message.polls += 1
        while message.polls < len(POLLS) and next_poll(_sent_at(message), message.polls) <= now:
            message.polls += 1
        message.next_poll_at = max(next_poll(_sent_at(message), message.polls), now + timedelta(minutes=1))
    recording.write(batch, held=(Status.SENT,))
    return batch


def _sent_at(message: OutboxMessage) -> datetime:
    return message.sent_at or message.created_at
