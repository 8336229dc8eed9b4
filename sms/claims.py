"""Which messages one dispatcher takes, so that no other takes them too."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from sms.kinds import ADVERTISING, OTP, SERVICE
from sms.models import WAITING, OutboxMessage, Status
from sms.states import CODE_VALID, LEASE

IN_THIS_ORDER = (OTP, SERVICE, ADVERTISING)
CLAIM = 200


def claim(*, now: datetime) -> list[OutboxMessage]:
    """Take the next due messages of the first class that has any: codes, then service, then advertising.

    They are `sending` in the database from here on, and in doubt: who dies before recording leaves rows that are due
    again after the lease, and of which the provider is asked before anything is sent. The objects keep the `in_doubt`
    they had before.
    """
    for message_class in IN_THIS_ORDER:
        if batch := _claim(message_class, now):
            return batch
    return []


@transaction.atomic(durable=True)
def _claim(message_class: str, now: datetime) -> list[OutboxMessage]:
    due = OutboxMessage.objects.filter(status__in=WAITING, message_class=message_class, next_attempt_at__lte=now)
    batch = list(due.order_by("next_attempt_at", "id").select_for_update(skip_locked=True)[:CLAIM])
    if batch:
        OutboxMessage.objects.filter(pk__in=[message.pk for message in batch]).update(
            status=Status.SENDING, in_doubt=True, attempts=F("attempts") + 1, next_attempt_at=now + LEASE
        )
    for message in batch:
        message.attempts += 1
    return batch


def forget_codes(*, now: datetime) -> None:
    """Codes that nobody can use any more are neither sent nor kept."""
    old = OutboxMessage.objects.filter(status__in=WAITING, message_class=OTP, created_at__lt=now - CODE_VALID)
    unsent = Q(status=Status.QUEUED, in_doubt=False)
    old.filter(unsent).update(status=Status.SKIPPED, error_code="expired", final_at=now, context={})
    old.exclude(unsent).exclude(context={}).update(context={})
