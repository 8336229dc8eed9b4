"""The till's lookup among 10,000 members: by last digits, by name, by phone, over HTTP and as plain SQL.

One cashier with a session asks the page's own address, as the browser does while somebody types; between two requests
the same members are asked for by one plain statement in a connection of the application's role, behind the same
row-level security, so that whatever else the machine does hits both. See docs/benchmarks.md.
"""

import argparse
import json
import os
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
from benchmarks.stage import Browser, beside_sql, database, web  # noqa: E402

SHOWN = 8
BATCH = 1_000
CASHIER = ("09120000009", "bench-till-1405")
COLUMNS = "id, first_name, last_name, phone, card, tier_code, last_purchase_at, status"
FOUND = f"""
SELECT {COLUMNS} FROM members_member WHERE club_id = %(club)s AND status <> 'erased' AND {{where}}
ORDER BY last_purchase_at DESC NULLS LAST, id DESC LIMIT {SHOWN}
"""
# What is typed, and the plain statement's condition for it; `upper` ends the range.
WAYS: dict[str, tuple[Callable[[Any], str], str]] = {
    "last four digits": (
        lambda member: member.phone[-4:],
        "phone_reversed >= reverse(%(text)s) AND phone_reversed < reverse(%(text)s) || 'a'",
    ),
    "name": (
        lambda member: member.last_name.split()[0],
        """id IN (SELECT member_id FROM members_nametoken
                  WHERE club_id = %(club)s AND token >= %(key)s AND token < %(key)s || U&'\\+10FFFF')""",
    ),
    "phone": (lambda member: member.phone, "phone = %(text)s"),
}


@dataclass
class Way:
    """The seconds that each answer took, over HTTP and as plain SQL."""

    http: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """The page beside the plain statement."""
        return beside_sql(self.http, self.sql)


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="only one line of JSON")
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--beside", type=int, default=0, help="members of another club in the same tables")
    parser.add_argument("--lookups", type=int, default=300, help="of each way")
    parser.add_argument("--workers", type=int, default=2, help="granian's processes")
    options = parser.parse_args()
    say = (lambda text: None) if options.json else print
    with database() as environment:
        os.environ.update(environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        club, members = prepare(options.members, options.beside, say)
        with web(options.workers) as (port, _server), plain(club) as ask:
            till = Till(port, club)
            say(f"{options.lookups} lookups of each way ...")
            ways = measure(till, ask, members, options.lookups)
    figures = {name: way.figures() for name, way in ways.items()}
    if options.json:
        print(json.dumps({"members": options.members, "beside": options.beside, "ways": figures}))
        return
    for name, found in figures.items():
        print(f"{name:<17}", "  ".join(f"{key} {value:>7}" for key, value in found.items()))


def prepare(count: int, beside: int, say: Callable[[str], None]) -> tuple[Any, list[Any]]:
    """A club of so many members who bought, with a cashier, and another club beside it."""
    import django

    django.setup()
    from django.core.management import call_command

    say("migrating ...")
    call_command("migrate", verbosity=0)
    from django.db import connection

    from accounts.services import give_role, set_password
    from core.services import create_club
    from core.tenancy.scope import club_scope

    for members in filter(None, (beside, count)):
        club = create_club(slug=f"bench-{secrets.token_hex(4)}", name="سنجش")
        say(f"enrolling {members} members ...")
        with club_scope(club):
            found = enrol(members)
    with club_scope(club):
        held = give_role(phone=CASHIER[0], role="cashier", name="صندوق‌دار", actor="system")
        set_password(held.user, CASHIER[1], actor="system")
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return club, found


def enrol(count: int) -> list[Any]:
    """Members with names as people have them; three in four have bought in the last year."""
    from django.utils import timezone

    from club.awards.enrolment import enrol_members
    from club.members.models import Member
    from club.members.services import NewMember, prepare_member
    from config.demo.cast import FAMILIES, MEN, WOMEN

    chance, now = random.Random(1405), timezone.now()  # the same people each time
    people = [
        NewMember(
            phone=f"09{number * 7_919 % 10**9:09}",
            first_name=chance.choice(MEN + WOMEN),
            last_name=" ".join(chance.sample(FAMILIES, chance.choice((1, 1, 2)))),
        )
        for number in range(count)
    ]
    members = []
    for start in range(0, count, BATCH):
        batch = [prepare_member(person, enrolled_at=now) for person in people[start : start + BATCH]]
        enrol_members([(member, ()) for member in batch], actor="system", now=now)
        members += batch
    for member in members:
        member.last_purchase_at = now - timedelta(minutes=chance.randrange(525_600)) if chance.random() < 0.75 else None
    Member.objects.bulk_update(members, ["last_purchase_at"], batch_size=BATCH)
    return members


def measure(till: "Till", ask: Callable[..., int], members: list[Any], times: int) -> dict[str, Way]:
    """Each way so many times, one request and one statement in turn; the first ones warm both up and do not count."""
    from core.text import search_key

    chance = random.Random(7)
    ways = {name: Way() for name in WAYS}
    for number in range(-10, times):
        for name, (typed_for, where) in WAYS.items():
            text = typed_for(chance.choice(members))
            began = time.perf_counter()
            options = till.look_up(text)
            answered = time.perf_counter()
            rows = ask(where, text=text, key=search_key(text))
            done = time.perf_counter()
            if not 0 < options == rows:
                raise SystemExit(f"{name}: the page shows {options} members for {text}, the statement finds {rows}")
            if number >= 0:
                ways[name].http.append(answered - began)
                ways[name].sql.append(done - answered)
    return ways


@contextmanager
def plain(club: Any) -> Iterator[Callable[..., int]]:
    """One plain statement in a connection of the application's own role; how many rows it found."""
    import psycopg2

    session = psycopg2.connect(os.environ["DATABASE_URL"])
    session.autocommit = True
    with session.cursor() as cursor:
        cursor.execute("SELECT set_config('app.club_id', %s, false)", [str(club.pk)])

        def ask(where: str, **values: str) -> int:
            cursor.execute(FOUND.format(where=where), {"club": club.pk, **values})
            return len(cursor.fetchall())

        yield ask
    session.close()


class Till(Browser):
    """A cashier's browser."""

    def __init__(self, port: int, club: Any) -> None:
        super().__init__(port, club, *CASHIER)
        if "desk" not in self.ask("GET", "/desk/till/"):
            raise SystemExit("the cashier could not log in")

    def look_up(self, text: str) -> int:
        """How many members the page offers."""
        page = self.ask("GET", "/desk/till/members/?" + urlencode({"q": text}))
        return page.count('role="option"')


if __name__ == "__main__":
    main()
