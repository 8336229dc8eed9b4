"""Several at once, each with a connection and the scope of its own."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from core.models import Club
from core.tenancy.scope import club_scope

AT_ONCE = 16
SECONDS = 60
"""How long somebody waits for another before the test is given up: a busy machine needs its time."""


def in_threads(club: Club | int, acts: Sequence[Callable[[], Any]], *, keep_errors: bool = False) -> list[Any]:
    """What the acts answer, in their order, up to sixteen of them at once. An error is raised, or kept as the answer."""

    def run(act: Callable[[], Any]) -> Any:
        try:
            with club_scope(club):
                with connection.cursor() as cursor:  # what is tried is the order, not the patience of a till
                    cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{SECONDS}s"])
                return act()
        except Exception as error:
            if not keep_errors:
                raise
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(min(len(acts), AT_ONCE)) as pool:
        return list(pool.map(run, acts))


def until_somebody_waits_for_a_lock() -> None:
    """Returns once another connection to this database cannot go on before a lock is given back."""
    last = time.monotonic() + SECONDS
    while time.monotonic() < last:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # in a transaction the first look would stay
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.01)
    raise TimeoutError("nobody waits for a lock")
