"""A request that moves value happens once: its key is claimed first, in the transaction of the work."""

from dataclasses import dataclass
from uuid import uuid4

from django.db import OperationalError, connection

from core.errors import IdempotencyConflict, IdempotencyKeyMissing, InProgress
from core.models import IdempotencyKey
from core.tenancy.scope import current_club_id

LOCK_NOT_AVAILABLE = "55P03"


@dataclass
class Claim:
    """A claimed key. `answer` is the stored answer of the first request, None when this is the first."""

    row_id: int
    answer: str | None

    def keep(self, answer: str) -> None:
        """Store the answer, byte for byte, beside the work."""
        with connection.cursor() as cursor:  # spelled out: every purchase pays for it
            cursor.execute(
                "UPDATE core_idempotencykey SET answer = %s WHERE club_id = %s AND id = %s",
                [answer, current_club_id(), self.row_id],
            )


def new_key() -> str:
    """A key for a form, so that what is posted from it happens once."""
    return uuid4().hex


def check_key(key: str) -> str:
    """1 to 64 visible ASCII characters, else IdempotencyKeyMissing."""
    if not (0 < len(key) <= 64 and all("!" <= character <= "~" for character in key)):
        raise IdempotencyKeyMissing
    return key


def once(key: str, *, fingerprint: str) -> Claim:
    """Claim the key inside the running transaction.

    Waits for a twin that holds it; past the lock time-out raises InProgress. The same key with another
    fingerprint raises IdempotencyConflict. When the work fails, the key is free again with the rollback.
    """
    check_key(key)
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "INSERT INTO core_idempotencykey (club_id, key, fingerprint) VALUES (%s, %s, %s) "
                "ON CONFLICT (club_id, key) DO NOTHING RETURNING id",
                [current_club_id(), key, fingerprint],
            )
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE:
                raise InProgress from error
            raise
        row = cursor.fetchone()
    if row:
        return Claim(row[0], None)
    first = IdempotencyKey.objects.get(key=key)
    if first.fingerprint != fingerprint:
        raise IdempotencyConflict
    return Claim(first.pk, first.answer)
