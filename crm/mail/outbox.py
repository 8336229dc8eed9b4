"""The door for everybody who wants a mail sent: one row in the transaction of what it tells about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from core.tenancy.scope import current_club_id
from crm.mail.models import Mail


@dataclass(frozen=True)
class Letter:
    """To which member, with what to say, about which document; `link` is a path of the portal or a whole address."""

    member_id: int
    subject: str
    text: str
    document: str = ""
    link: str = ""


def enqueue_many(
    letters: Iterable[Letter], *, is_advertising: bool = True, not_before: datetime | None = None
) -> dict[int, int]:
    """Put mails in the outbox of the club in scope, in the running transaction; the ids of the new ones, by member.

    About one document a member gets one mail, whoever asks again. Whether the member may get it is asked when it
    leaves, too: whoever has no address or has not agreed is skipped then.
    """
    rows = list(letters)
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            ENQUEUE,
            {
                "club": current_club_id(),
                "members": [row.member_id for row in rows],
                "subjects": [one_line(row.subject)[:150] for row in rows],
                "texts": [row.text[:5_000] for row in rows],
                "links": [row.link for row in rows],
                "documents": [row.document for row in rows],
                "advertising": is_advertising,
                "due": not_before,
            },
        )
        return dict(cursor.fetchall())


def cancel(document: str) -> int:
    """What of the document has not left and nobody has in hand does not leave; how many mails."""
    rows = Mail.objects.filter(document=document, status=Mail.Status.QUEUED)
    return rows.update(status=Mail.Status.SKIPPED, error_code="stopped", final_at=timezone.now())


def send_again(document: str, *, now: datetime) -> int:
    """What `cancel` kept back of the document leaves after all; how many mails. Their time of giving up begins anew."""
    rows = Mail.objects.filter(document=document, status=Mail.Status.SKIPPED, error_code="stopped")
    return rows.update(
        status=Mail.Status.QUEUED, error_code="", attempts=0, final_at=None, created_at=now, next_attempt_at=now
    )


def one_line(text: str) -> str:
    """A subject without line ends, which would begin another header."""
    return " ".join(text.split())


ENQUEUE = """
INSERT INTO club_mail_mail
       (club_id, member_id, subject, text, link, document, is_advertising, next_attempt_at,
        address, status, attempts, error_code, error_text)
SELECT %(club)s, m.member_id, m.subject, m.text, m.link, m.document, %(advertising)s,
       coalesce(%(due)s::timestamptz, now()), '', 'queued', 0, '', ''
FROM unnest(%(members)s::bigint[], %(subjects)s::text[], %(texts)s::text[], %(links)s::text[], %(documents)s::text[])
     WITH ORDINALITY AS m (member_id, subject, text, link, document, place)
ORDER BY place
ON CONFLICT DO NOTHING
RETURNING member_id, id
"""
