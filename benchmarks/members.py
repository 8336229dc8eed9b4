"""A list of 50,000 customers brought in by `import_members`, against a plain COPY of the rows that it wrote.

The command runs as a club runs it, in a process of its own, from an XLSX with one bad line of fifty. Afterwards
each table's rows of the club are copied, by the owner, into a table with the same columns, checks and indexes, and the
list of members and its file are read. See docs/benchmarks.md.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
from benchmarks.processor import cpu_of_postgres  # noqa: E402
from benchmarks.stage import database  # noqa: E402

BAD_EVERY = 50
CLUB = "bench"
MADE = re.compile(r"Made (\d+) members.* (\d+) lines refused", re.DOTALL)


@dataclass(frozen=True)
class Spent:
    """What something took: seconds of the clock, of the program's processor and of the database's; MiB at the most."""

    seconds: float
    own_cpu: float
    database_cpu: float
    mebibytes: float

    def figures(self, rows: int) -> dict[str, float]:
        return {
            "rows_per_second": round(rows / self.seconds),
            "seconds": round(self.seconds, 1),
            "cpu_seconds": round(self.own_cpu, 1),
            "database_cpu_seconds": round(self.database_cpu, 1),
            "peak_mib": round(self.mebibytes),
        }


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="only one line of JSON")
    parser.add_argument("--lines", type=int, default=50_000)
    options = parser.parse_args()
    say = (lambda text: None) if options.json else print
    with database() as environment, tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        club, path = prepare(Path(folder), options.lines, say)
        say("importing ...")
        imported, joined, refused = bring_in(path)
        say("copying ...")
        copied, rows = copy_rows(club)
        say("taking the list home ...")
        home = {form: taken_home(club, form) for form in ("csv", "xlsx")}
    figures = {
        "lines": options.lines,
        "joined": joined,
        "refused": refused,
        "import": imported.figures(options.lines),
        "rows_written": rows,
        "copy": copied.figures(rows),
        "seconds_ratio": round(imported.seconds / copied.seconds, 1),
        "database_cpu_ratio": round(imported.database_cpu / max(copied.database_cpu, 0.01), 1),
        "export": home,
    }
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=2))


def prepare(folder: Path, lines: int, say: object) -> tuple[int, Path]:
    """A club with tiers and a field of its own, and the list."""
    import django

    django.setup()
    from django.core.management import call_command

    say("migrating ...")
    call_command("migrate", verbosity=0)
    from club.members.models import CustomField
    from club.tiers.models import Tier
    from core.services import create_club
    from core.tenancy.scope import club_scope
    from tests.club.lists import customers

    club = create_club(slug=CLUB, name="سنجش")
    with club_scope(club):
        Tier.objects.create(code="bronze", name="برنزی", rank=0, threshold=0)
        Tier.objects.create(code="silver", name="نقره‌ای", rank=1, threshold=10_000_000)
        CustomField.objects.create(code="coffee", label="قهوه")
    say(f"writing {lines} lines ...")
    return club.pk, customers(folder / "customers.xlsx", lines, bad_every=BAD_EVERY)


def bring_in(path: Path) -> tuple[Spent, int, int]:
    """(what it took, who joined, lines refused)"""
    command = [sys.executable, "manage.py", "import_members", str(path), "--club", CLUB]
    before, began = cpu_of_postgres(), time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=PROJECT, stdout=said, stderr=subprocess.STDOUT)
        _pid, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        said.seek(0)
        text = said.read()
    made = MADE.search(text)
    if os.waitstatus_to_exitcode(status) != 1 or made is None:
        raise SystemExit(f"the import failed:\n{text[-2000:]}")
    own = used.ru_utime + used.ru_stime
    spent = Spent(seconds, own, cpu_of_postgres() - before, used.ru_maxrss / 1024)
    return spent, int(made[1]), int(made[2])


def copy_rows(club: int) -> tuple[Spent, int]:
    """(what a COPY of every row of the club took, how many rows they are)"""
    from django.apps import apps
    from django.db import connection, transaction

    from core.tenancy.models import ClubModel

    tables = [model._meta.db_table for model in apps.get_models() if issubclass(model, ClubModel)]
    rows, took, used = 0, 0.0, 0.0
    with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            with tempfile.TemporaryFile() as file:
                cursor.copy_expert(f"COPY (SELECT * FROM {table} WHERE club_id = {club} ORDER BY id) TO STDOUT", file)
                if not file.tell():
                    continue
                cursor.execute(f"CREATE TABLE copied_{table} (LIKE {table} INCLUDING CONSTRAINTS INCLUDING INDEXES)")
                file.seek(0)
                before, began = cpu_of_postgres(), time.perf_counter()
                cursor.copy_expert(f"COPY copied_{table} FROM STDIN", file)
                took += time.perf_counter() - began
                used += cpu_of_postgres() - before
                rows += cursor.rowcount
        transaction.set_rollback(True)
    return Spent(took, 0, used, 0), rows


def taken_home(club: int, form: str) -> dict[str, float]:
    """How long all members take as a file, and how much more memory the program has at the most meanwhile."""
    from django.test import Client
    from django.utils import timezone

    from accounts.models import StaffRole, User
    from accounts.sessions import BACKEND, CLUB_KEY, METHOD_KEY, note_session
    from core.tenancy.scope import club_scope

    with club_scope(club):
        user, _made = User.objects.get_or_create(phone="09120000000")
        StaffRole.objects.get_or_create(user=user, role="owner")
        client = Client(headers={"host": f"{CLUB}.localhost"})
        client.force_login(user, backend=BACKEND)
        session = client.session
        session[CLUB_KEY], session[METHOD_KEY] = club, "password"
        note_session(session, user, device="", address="127.0.0.1", now=timezone.now())
        session.save()
    memory = resident()
    most, done = [memory], threading.Event()
    watch = threading.Thread(target=lambda: _watch(most, done))
    watch.start()
    began, size = time.perf_counter(), 0
    answer = client.get(f"/desk/members/export.{form}")
    if answer.status_code != 200:
        raise SystemExit(f"the file of members was refused: {answer.status_code}")
    for piece in answer.streaming_content:
        size += len(piece)
    seconds = time.perf_counter() - began
    done.set()
    watch.join()
    return {"seconds": round(seconds, 1), "mib": round(size / 2**20, 1), "more_memory_mib": round(most[0] - memory)}


def _watch(most: list[float], done: threading.Event) -> None:
    while not done.wait(0.05):
        most[0] = max(most[0], resident())


def resident() -> float:
    """MiB of memory that the program has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
