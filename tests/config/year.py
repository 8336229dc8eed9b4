"""A demo club lived through hour by hour by its scheduled jobs, as if the time were now."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Case, When

from club.ledger.models import Entry
from club.members.models import Member, TierChange
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.services import record_purchase
from club.tiers.services import update_tier
from config.demo.building import open_demo
from config.demo.cast import CAFE, DemoClub, Staff
from config.demo.plan import DAYS, Sale, people_of, sales_of
from config.schedule import SCHEDULE
from core import events
from core.jalali import TEHRAN, from_jalali
from core.jobs import Job, run_in_club
from core.models import Club
from core.tenancy.checks import belongs_to_club, own_models
from core.tenancy.scope import club_scope
from core.timetable import Every
from sms.editing import set_words
from sms.kinds import kind_of
from sms.models import OutboxMessage
from sms.wording import default_text
from tests.threads import in_threads

HOUR = timedelta(hours=1)
NEVER = datetime(1, 1, 2, tzinfo=UTC)
LEAP_YEAR = 1408
ALSO_TOLD = ("named_day-nowruz", "anniversary", "miss_you")
EVERY_HOUR = "LONG" in os.environ
PLAN = replace(
    CAFE,
    slug="demo-year",
    members=14,
    visits_a_day=0.6,
    first_phone=7000,
    tiers=(
        ("bronze", "برنزی", 0, 10_000, 0),
        ("silver", "نقره‌ای", 300_000, 12_500, 100),
        ("gold", "طلایی", 900_000, 15_000, 200),
    ),
    staff=tuple(
        Staff(person.role, f"091200090{number:02}", person.name, person.branch)
        for number, person in enumerate(CAFE.staff)
    ),
)
# What a run leaves of itself, whether or not there was anything to do; keys bear the database's clock, not this one.
OF_THE_JOBS_THEMSELVES = {"core_jobrun", "core_eventcursor", "core_idempotencykey"}


@dataclass(frozen=True)
class Seen:
    """A row that came to be, and in which hour."""

    at: datetime
    row: OutboxMessage | Entry | TierChange


@dataclass
class Life:
    """The club with what happens in it; `sales` are still to come, the soonest first."""

    club: Club
    sales: list[Sale]
    members: dict[str, int]
    seen: list[Seen] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    last: dict[type, int] = field(default_factory=dict)
    busy_until: datetime = NEVER

    def live(self, days: list[date], *, again_on: set[date]) -> None:
        """Each hour of the days: its purchases, then the jobs that are due.

        On some days each job is run three times at once, and then once more: nothing changes by it.
        """
        self._look(None)
        for day in days:
            start = datetime.combine(day, datetime.min.time(), tzinfo=ZoneInfo(TEHRAN))
            for hour in range(24):
                self._hour(start + hour * HOUR, at_once=3 if day in again_on else 1)

    def of(self, kind: type) -> list[Seen]:
        return [one for one in self.seen if isinstance(one.row, kind)]

    def _hour(self, start: datetime, *, at_once: int) -> None:
        jobs = sorted(due_in(start), key=lambda one: one[0])
        while self.sales and self.sales[0].at < start + HOUR:
            sale = self.sales.pop(0)
            if sale.at >= start and (sale.phone is None or sale.phone in self.members):
                self._sell(sale)
                self.busy_until = start + 2 * HOUR
        if any(not isinstance(job.when, Every) for _due, job in jobs):
            self.busy_until = start + 2 * HOUR
        for due, job in jobs:
            # Of hours in which nothing came to be, what is due all the time is left out: there is nothing for it.
            if start < self.busy_until or EVERY_HOUR:
                self._run(job, due, at_once)
        self._look(start)

    def _run(self, job: Job, due: datetime, at_once: int) -> None:
        def run(number: int) -> None:
            outcome = run_in_club(job, self.club.pk, due_at=due + number * timedelta(microseconds=1), now=due)
            if outcome.failed:
                self.failed.append(f"{job.name} at {due}: {outcome.text}")

        if at_once == 1:
            run(0)
        else:
            in_threads(self.club, [partial(run, number) for number in range(at_once)])
        if at_once > 1 and not isinstance(job.when, Every):
            before = fingerprint(self.club)
            run(at_once)
            changed = {table for table, rows in fingerprint(self.club).items() if rows != before[table]}
            assert not changed, f"{changed} by {job.name}, due at {due}, once more"

    def _sell(self, sale: Sale) -> None:
        member_id = self.members[sale.phone] if sale.phone else None
        order = PurchaseOrder(
            member_id=member_id,
            lines=tuple(OrderLine(product=code, quantity=quantity) for code, quantity in sale.lines),
            pay_with=PayWith(credit="max" if sale.by_credit and member_id else None),
            occurred_at=sale.at,
        )
        record_purchase(order, actor="user:1", key=f"year:{sale.at.isoformat()}", now=sale.at)

    def _look(self, at: datetime | None) -> None:
        """What came to be since the last look; None: what is there before anything is lived through."""
        for model in (OutboxMessage, Entry, TierChange):
            rows = list(model.objects.filter(pk__gt=self.last.get(model, 0)).order_by("pk"))
            if rows:
                self.last[model] = rows[-1].pk
            if at is not None:
                self.seen += [Seen(at, row) for row in rows]


def due_in(start: datetime) -> Iterator[tuple[datetime, Job]]:
    """The jobs that are due in this hour, those that are due all the time once, at its end."""
    end = start + HOUR - timedelta(seconds=1)
    for job in SCHEDULE:
        due = end if isinstance(job.when, Every) else job.when.in_zone(TEHRAN).last_due(end)
        if due >= start:
            yield due, job


def settle_in() -> Life:
    """The demo café with its history, and sales of the story's kind all through the year to come."""
    demo = open_demo(PLAN, lambda _line: None)
    assert demo is not None
    demo.fill()
    with club_scope(demo.club):
        for code in ("silver", "gold"):
            falling = {"window_days": 60, "downgrade": "to_fitting", "grace_days": 1}
            update_tier(code, falling, actor="user:1")
        for kind in map(kind_of, ALSO_TOLD):
            set_words(kind, text=default_text(kind), enabled=True, actor="user:1")
        events.consume_all()  # of what the story brought, nothing is told in the year
        first = Member.objects.earliest("pk").pk
        Member.objects.update(sms_consent=Case(When(pk=first, then=False), default=True))
    return Life(demo.club, list(_sales(PLAN)), {})


def _sales(plan: DemoClub) -> Iterator[Sale]:
    start, number = from_jalali(LEAP_YEAR, 1, 1), 0
    for part in range(1, 5):
        last_day = start + timedelta(days=part * DAYS)
        for sale in sales_of(plan, people_of(plan, last_day), last_day):
            number += 1
            yield replace(sale, number=number)


def fingerprint(club: Club) -> dict[str, str]:
    """All rows of the club, a digest for each table."""
    tables = sorted(
        model._meta.db_table
        for model in own_models()
        if belongs_to_club(model) and model._meta.db_table not in OF_THE_JOBS_THEMSELVES
    )
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t.id), '')) FROM {table} t WHERE club_id = %s",
                [club.pk],
            )
            found[table] = cursor.fetchone()[0]
    return found
