"""Commands in a process of their own beside the test database, as a user runs them, and what they cost."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

PROJECT = Path(__file__).resolve().parents[2]
MEASURED = (
    "import resource, subprocess, sys; code = subprocess.call({command!r}, stdout=sys.stderr); "
    "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
    "print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime); sys.exit(code)"
)


@dataclass(frozen=True)
class Apart:
    """How it ended: its exit code, what it said, the most memory it had, and its own seconds of processor."""

    code: int
    said: str
    mebibytes: float
    processor_seconds: float


def run_apart(*command: str) -> Apart:
    """Run the command of manage.py."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    measured = MEASURED.format(command=[sys.executable, "manage.py", *command])
    done = subprocess.run(
        [sys.executable, "-c", measured],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": urlunsplit(url)},
        capture_output=True,
        text=True,
        check=False,
    )
    memory, seconds = (float(figure) for figure in (done.stdout.split() or ("0", "0")))
    return Apart(done.returncode, done.stderr, memory, seconds)
