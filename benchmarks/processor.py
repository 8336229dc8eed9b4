"""Seconds of processor, of programs and of the database, as Linux counts them."""

import contextlib
import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and all below it, alive or gone."""
    return sum(ticks(one) for one in family(pid)) / TICK


def cpu_of_postgres() -> float:
    """CPU seconds of the PostgreSQL server that we use, with what its gone children took."""
    return cpu_of(postmaster())


def children_cpu() -> float:
    times = os.times()
    return times.children_user + times.children_system


def postmaster() -> int:
    if "postmaster" not in _known:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            backend = cursor.fetchone()[0]
            _known["postmaster"] = parent_of(backend)
        connection.close()
    return _known["postmaster"]


_known: dict[str, int] = {}


def family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                waiting += [int(child) for child in (thread / "children").read_text().split()]
    return found


def stat_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def parent_of(pid: int) -> int:
    return int(stat_of(pid)[1])


def ticks(pid: int) -> int:
    """utime, stime, and those of children that are gone (proc(5), fields 14 to 17)."""
    try:
        return sum(map(int, stat_of(pid)[11:15]))
    except OSError:
        return 0
