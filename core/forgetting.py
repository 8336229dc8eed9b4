"""Taking a person out of what is append-only: who did what stays, whom it named does not."""

from collections.abc import Sequence

from django.db import connection

from core.models import IdempotencyKey

# What an audit row of a person may keep: standing, value, ids and counts, but nothing that says who it was.
KEPT_IN_AUDIT = (
    *("status", "tier", "tier_floor", "sms_consent", "unit", "delta", "entry", "referred_by", "agent_code"),
    *("source", "into", "moved", "purchases", "enrolled_at"),
)


def forget_person(*, targets: Sequence[str], member_ids: Sequence[int], phones: Sequence[str]) -> None:
    """Take out of audit, events and stored answers of the club in scope what names the person behind these ids.

    In the running transaction, by the one function that may do so. Values of the audit become "…".
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5min'")
        cursor.execute(
            "SELECT forget_person(%s::text[], %s::bigint[], %s::text[], %s::text[])",
            [list(targets), list(member_ids), list(phones), list(KEPT_IN_AUDIT)],
        )
    for phone in phones:
        IdempotencyKey.objects.filter(answer__contains=phone).update(answer="{}")
