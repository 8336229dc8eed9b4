"""The inbox among 50,000 tickets: its lists, searches, a page far behind and a long thread, over HTTP and as plain SQL.

One manager with a session asks the pages' own addresses; between two requests the same tickets are asked for by one
plain statement in a connection of the application's role, behind the same row-level security, so that whatever else the
machine does hits both. See docs/benchmarks.md.
"""

import argparse
import json
import os
import secrets
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
from benchmarks.stage import Browser, beside_sql, database, web  # noqa: E402

INBOX = "/desk/tickets/"
MANAGER = ("09120000009", "bench-till-1405")
FOUND = """
SELECT t.id, t.number, t.subject, t.status, t.kind, t.priority, t.due_at, t.updated_at, m.first_name, u.name
FROM tickets_ticket t JOIN members_member m ON m.club_id = t.club_id AND m.id = t.member_id
LEFT JOIN accounts_user u ON u.id = t.assignee_id
WHERE t.club_id = %(club)s AND t.merged_into_id IS NULL AND {where} ORDER BY {order} LIMIT 30
"""
OPEN, ENDED = "t.status IN ('new', 'waiting_for_us', 'waiting_for_member')", "t.status IN ('solved', 'closed')"
DUE_FIRST, LAST_TOUCHED = "t.due_at, t.id", "t.updated_at DESC, t.id DESC"
SAYING = """
t.id IN (SELECT ticket_id FROM tickets_ticketword
         WHERE club_id = %(club)s AND word >= %(word)s AND word < %(word)s || U&'\\+10FFFF')
"""


@dataclass
class Way:
    """A page and the plain statement beside it, with the seconds that each took."""

    query: dict[str, str]
    where: str = "TRUE"
    order: str = LAST_TOUCHED
    http: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """The page beside the plain statement."""
        return beside_sql(self.http, self.sql)


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="only one line of JSON")
    parser.add_argument("--tickets", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=60, help="requests of each page")
    parser.add_argument("--workers", type=int, default=2, help="granian's processes")
    options = parser.parse_args()
    say = (lambda text: None) if options.json else print
    with database() as environment:
        os.environ.update(environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        club, ways, long_one = prepare(options.tickets, say)
        with web(options.workers) as (port, _server), plain(club) as ask:
            browser = Browser(port, club, *MANAGER)
            say(f"{options.times} requests of each page ...")
            thread = measure(browser, ask, ways, long_one, options.times)
    figures = {name: way.figures() for name, way in ways.items()}
    if options.json:
        print(json.dumps({"tickets": options.tickets, "ways": figures, "long_thread_p50_ms": thread}))
        return
    for name, found in figures.items():
        print(f"{name:<24}", "  ".join(f"{key} {value:>7}" for key, value in found.items()))
    print(f"a thread of 200 messages, p50 {thread} ms")


def prepare(count: int, say: Callable[[str], None]) -> tuple[Any, dict[str, Way], int]:
    """A club with so many tickets, the pages to ask for, and the ticket with the long thread."""
    import django

    django.setup()
    from django.core.management import call_command

    say("migrating ...")
    call_command("migrate", verbosity=0)
    from django.utils import timezone

    from accounts.services import give_role, set_password
    from core.keyset import cursor_of, keys_of
    from core.services import create_club
    from core.tenancy.scope import club_scope
    from tests.tickets.crowd import COMMON, RARE, crowd
    from tickets.models import Ticket
    from tickets.selectors import DUE_FIRST as BY_DUE

    club = create_club(slug=f"bench-{secrets.token_hex(4)}", name="سنجش")
    say(f"writing {count} tickets ...")
    with club_scope(club):
        held = give_role(phone=MANAGER[0], role="manager", name="مدیر", actor="system")
        set_password(held.user, MANAGER[1], actor="system")
        staff = [
            give_role(phone=f"0912000001{n}", role="support", name=f"پشتیبان {n}", actor="system").user
            for n in range(5)
        ]
        made = crowd(count, staff, now=timezone.now())
        opened = Ticket.objects.filter(status__in=("new", "waiting_for_us"), merged_into=None).order_by(*BY_DUE)
        deep = opened[opened.count() * 9 // 10]
        cursor = cursor_of(keys_of(Ticket, BY_DUE), deep)
    behind = f"{OPEN} AND (t.due_at, t.id) > ('{deep.due_at.isoformat()}', {deep.pk})"
    urgent = "t.kind = 'complaint' AND t.priority = 'urgent' AND t.assignee_id IS NULL"
    ways = {
        "open ones": Way({}, OPEN, DUE_FIRST),
        "open ones, far behind": Way({"before": cursor}, behind, DUE_FIRST),
        "all states": Way({"status": ""}),
        "ended": Way({"status": "ended"}, ENDED),
        "urgent, nobody's": Way(
            {"kind": "complaint", "priority": "urgent", "owner": "none"}, f"{OPEN} AND {urgent}", DUE_FIRST
        ),
        "search, one hit": Way({"status": "", "q": RARE}, SAYING),
        "search, in every ticket": Way({"status": "", "q": COMMON}, SAYING),
        "search, no hit": Way({"status": "", "q": "ناپیدا"}, SAYING),
    }
    return club, ways, made.long_one


def measure(browser: Browser, ask: Callable[[Way], int], ways: dict[str, Way], long_one: int, times: int) -> float:
    """Each page so many times, a request and a statement in turn; the first ones warm both up and do not count.

    Answers the p50 of the long thread in milliseconds.
    """
    threads = []
    for number in range(-5, times):
        for name, way in ways.items():
            began = time.perf_counter()
            page = browser.ask("GET", INBOX + "?" + urlencode(way.query))
            answered = time.perf_counter()
            rows = ask(way)
            done = time.perf_counter()
            if page.count("data-ticket") != rows:
                raise SystemExit(f"{name}: the page shows {page.count('data-ticket')} tickets, the statement {rows}")
            if number >= 0:
                way.http.append(answered - began)
                way.sql.append(done - answered)
        began = time.perf_counter()
        browser.ask("GET", f"{INBOX}{long_one}/?messages=200")
        threads.append(time.perf_counter() - began)
    return round(statistics.median(threads) * 1000, 1)


@contextmanager
def plain(club: Any) -> Iterator[Callable[[Way], int]]:
    """One plain statement in a connection of the application's own role; how many rows it found."""
    import psycopg2

    session = psycopg2.connect(os.environ["DATABASE_URL"])
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute("SELECT set_config('app.club_id', %s, false)", [str(club.pk)])

        def ask(way: Way) -> int:
            words = {"club": club.pk, "word": way.query.get("q", "")}
            cursor.execute(FOUND.format(where=way.where, order=way.order), words)
            return len(cursor.fetchall())

        yield ask
    session.close()


if __name__ == "__main__":
    main()
