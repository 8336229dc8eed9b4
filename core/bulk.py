"""Bringing many lines in: what is tried again, and when it is given up so that it can be gone on with later."""

from django.db import OperationalError, connection

TRIES = 3
_WAITED_IN_VAIN = {"55P03", "40P01", "40001"}  # lock time-out, deadlock, serialization: worth another try


class BrokenOff(Exception):
    """The database is not there or does not let us write; what was committed stays, run the import again to go on."""


def waited_in_vain(error: OperationalError) -> bool:
    """Whether another act was in the way, so that the same may go through now."""
    return getattr(error.__cause__, "pgcode", None) in _WAITED_IN_VAIN


def first_line(error: Exception) -> str:
    """What the database said, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def forget_plans() -> None:
    """Have the database plan anew how it checks foreign keys and runs what is prepared, in a bulk import's transaction.

    It does so once for a connection, and for a table that is nearly empty it may choose an index by the club alone,
    which a new club's import then walks from end to end for each row: 5 s instead of 0.03 s for a batch of 1,000
    members, 25 ms instead of 2 for a purchase.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")
