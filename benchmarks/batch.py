"""What the daily jobs cost in a large club: each beside the plain SQL of it and beside a loop row by row.

A club of 100,000 members (`--members`) with ten purchases each is made by SQL in a database of its own. By job
`found`: whom it was for; `seconds`; `sql_ratio`: to the same rows written by one plain statement, rolled back;
`loop_ratio`: what a loop over the members by the ORM takes for all (measured on `--part` of them), to that.
`memory_mb`: the most the process had. `--json` for a machine, `--only tiers,expiry` for some jobs by how their names
begin. See docs/benchmarks.md.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.batch_rfm import rfm_work
from benchmarks.batch_segments import make_segments, segment_work
from benchmarks.batch_sql import FILL, INDEXES, REFERENCES, giving
from benchmarks.batch_tiers import make_ladder, tier_work
from benchmarks.stage import database

CLUB = "benchmark"
EACH = 10
"""Purchases of a member."""
POINTS = {"kind": "points_amount", "points": 50}
AWAY = {"fact": "days_since_last_purchase", "op": "gte"}
OFFERS: dict[str, dict[str, Any]] = {
    "birthday": {"trigger": "birthday"},
    "anniversary": {"trigger": "anniversary"},
    "thirty": {"trigger": "lapsed", "when": {**AWAY, "value": 30}},
    "gap": {"trigger": "lapsed", "when": {**AWAY, "value": {"own": "usual_gap", "percent": 200}}},
}


@dataclass(frozen=True)
class Job:
    """What is measured: the job, the offer that is live meanwhile, its plain SQL, and the loop."""

    run: Callable[[], object]
    reference: Callable[[], object]
    loop: Callable[[int], object]
    offer: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--part", type=int, default=1_000)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    with database() as environment:
        os.environ.update(environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        from config.celery import leave_alone_what_stays

        call_command("migrate", verbosity=0)
        leave_alone_what_stays()  # as a worker does when it starts
        found = measured(options.members, options.part, tuple(options.only.split(",")))
    if options.json:
        print(json.dumps(found))
        return
    for name, figures in found.items():
        print(f"{name:28} {figures}")


def measured(members: int, part: int, only: tuple[str, ...] = ("",)) -> dict[str, Any]:
    from django.utils import timezone

    from club.members.models import Segment
    from core.models import Club
    from core.services import create_club
    from core.tenancy.scope import club_scope
    from offers.models import Offer

    club, now = Club.objects.filter(slug=CLUB).first(), timezone.now()
    found: dict[str, Any] = {}
    is_new = club is None
    club = club or create_club(slug=CLUB, name="سنجش")
    with club_scope(club):
        offers = drafts() if is_new else dict(Offer.objects.filter(name__in=OFFERS).values_list("name", "pk"))
        if is_new:
            fill(club.pk, members, now, offers)
            make_ladder(club.pk)
        if not Segment.objects.exists():
            make_segments(club.pk, now)
        for name, job in jobs(club.pk, now, offers).items():
            if not name.startswith(only):
                continue
            found[name] = figures_of(job, offers, members, part, now)
            print(name, found[name], file=sys.stderr)
    found["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def figures_of(job: Job, offers: dict[str, int], members: int, part: int, now: datetime) -> dict[str, Any]:
    """The reference and the loop leave nothing behind; the job comes last."""
    from offers.services import move_offer

    if job.offer:
        move_offer(offers[job.offer], "publish", actor="user:1", now=now - timedelta(days=900))
    sql = min(timed(lambda: undone(job.reference)) for _each in range(2))
    loop = timed(lambda: undone(lambda: job.loop(part))) * members / part
    said: list[object] = []
    seconds = timed(lambda: said.append(job.run()))
    if job.offer:
        move_offer(offers[job.offer], "pause", actor="user:1", now=now)
    return {
        "found": str(said[0]),
        "seconds": round(seconds, 2),
        "sql_ratio": round(seconds / sql, 1),
        "loop_ratio": round(loop / seconds, 1),
    }


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def undone(work: Callable[[], object]) -> None:
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        work()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what a commit would check
        transaction.set_rollback(True)


def drafts() -> dict[str, int]:
    """The offers, which each go live only while they are measured."""
    from club.awards.naming import known_codes
    from club.programme.services import change_programme
    from offers.services import create_offer

    change_programme({}, effective_from=datetime.fromisoformat("2020-01-01T00:00:00+00:00"), actor="user:1")
    return {
        name: create_offer({"name": name, "benefit": POINTS, **said}, known=known_codes(), actor="user:1").pk
        for name, said in OFFERS.items()
    }


def fill(club: int, members: int, now: datetime, offers: dict[str, int]) -> None:
    from django.db import connection, transaction

    from core.jalali import from_jalali, to_jalali

    year = [from_jalali(1370, 1, 1) + timedelta(days=number) for number in range(365)]
    days = [to_jalali(day)[1:] for day in year]
    sent = {"club": club, "members": members, "now": now, "each": EACH, **offers}
    sent |= {"born": year, "months": [month for month, _day in days], "days": [day for _month, day in days]}
    with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()  # of ten million purchases they are made sooner afterwards
        for name, _made_by in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for statement in FILL:
            cursor.execute(statement, sent)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _name, made_by in indexes:
            cursor.execute(made_by)
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET statement_timeout")


def jobs(club: int, now: datetime, offers: dict[str, int]) -> dict[str, Job]:
    from club.ledger.services import expire_due_lots
    from club.purchases.mission_figures import reach_of
    from core.jalali import local_date, to_jalali
    from crm.occasions.daily import anniversaries, birthdays, lapsed

    _year, month, day = to_jalali(local_date(now))
    sent = {"club": club, "now": now, "month": month, "day": day, **offers}

    def plain(name: str) -> Callable[[], object]:
        sql = giving(name) if name in OFFERS else REFERENCES[name]
        return lambda: executed(sql, sent)

    mission = stamp_card(now)
    return {
        "birthdays": Job(lambda: birthdays(now=now), plain("birthday"), lambda part: greet(part, now), "birthday"),
        "anniversaries": Job(
            lambda: anniversaries(now=now), plain("anniversary"), lambda part: remember(part, now), "anniversary"
        ),
        "lapsed, 30 days": Job(lambda: lapsed(now=now), plain("thirty"), lambda part: miss(part, now), "thirty"),
        "lapsed, own gap": Job(lambda: lapsed(now=now), plain("gap"), lambda part: miss(part, now), "gap"),
        "expiry of lots": Job(lambda: expire_due_lots(at=now), plain("expiry"), lambda part: end(part, now)),
        "tiers, nightly review": Job(*tier_work(club, now, executed)),
        "rfm": Job(*rfm_work(club, now, executed)),
        "segments, by night": Job(*segment_work(club, now, executed)),
        "missions, how far": Job(lambda: reach_of(mission, at=now), plain("mission"), lambda part: stand(part, now)),
    }


def executed(sql: str, sent: dict[str, Any]) -> object:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, sent)
        return cursor.fetchall()


def stamp_card(now: datetime) -> Any:
    from club.missions.models import Mission

    return Mission.objects.create(
        name="کارت مهر", counts="visits", target=4, status="live", starts_at=now - timedelta(days=30), actor="user:1"
    )


# --- the loops: one member after the other, as one would write it first ----------------------------------------------


def one_by_one(trigger: str, part: int, now: datetime, key: Callable[[Any], str]) -> None:
    """Ask of each member whether it is their day; who has it is answered alone."""
    from club.members.models import Member
    from crm.occasions.answering import Happening, answer
    from crm.occasions.daily import _morning

    call = _morning(trigger, now, now).call
    for member in Member.objects.order_by("pk")[:part]:
        if said := key(member):
            answer(call, [Happening(member.pk, said)])


def greet(part: int, now: datetime) -> None:
    from core.jalali import local_date
    from offers.situation import days_from_birthday

    today = local_date(now)
    one_by_one(
        "birthday",
        part,
        now,
        lambda one: "birthday:1" if one.birth_date and days_from_birthday(one.birth_date, today) == 0 else "",
    )


def remember(part: int, now: datetime) -> None:
    from core.jalali import local_date
    from crm.occasions.days import years_to_the_day

    today = local_date(now)
    one_by_one(
        "anniversary",
        part,
        now,
        lambda one: "anniversary:1" if years_to_the_day(local_date(one.enrolled_at), today) > 0 else "",
    )


def miss(part: int, now: datetime) -> None:
    """Of each member the last purchase and whether the offers had their turn in it."""
    from club.purchases.models import Purchase
    from crm.occasions.models import Turn

    def key(member: Any) -> str:
        last = Purchase.objects.filter(member=member, fully_refunded=False).order_by("-occurred_at", "-id").first()
        if last is None or Turn.objects.filter(member=member, key__startswith="lapsed:").exists():
            return ""
        return f"lapsed:{last.occurred_at:%s}"

    one_by_one("lapsed", part, now, key)


def end(part: int, now: datetime) -> None:
    """Each wallet's open lots, one by one."""
    from club.ledger.models import Entry, Lot, Wallet

    for wallet in Wallet.objects.filter(unit="points").order_by("pk")[:part]:
        for lot in Lot.objects.filter(wallet=wallet, remaining__gt=0, expires_at__lte=now).select_for_update():
            held = Wallet.objects.select_for_update().get(pk=wallet.pk)
            held.balance -= lot.remaining
            held.version += 1
            held.save(update_fields=["balance", "version"])
            Lot.objects.filter(pk=lot.pk).update(remaining=0)
            Entry.objects.create(
                wallet=held,
                seq=held.version,
                delta=-lot.remaining,
                balance_after=held.balance,
                kind="expire",
                document=f"lot:{lot.pk}",
                cause=f"end:{held.version}",
                actor="system",
                occurred_at=now,
            )


def stand(part: int, now: datetime) -> None:
    from club.members.models import Member
    from club.purchases.mission_standings import standings_of

    for member in Member.objects.order_by("pk")[:part]:
        standings_of(member, at=now)


if __name__ == "__main__":
    main()
