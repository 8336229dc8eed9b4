"""Lists the scheduled jobs: when they are due, how they last went."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandParser
from django.utils import timezone

from config.schedule import SCHEDULE
from core.commands import ClubCommand, club_named
from core.jalali import TEHRAN
from core.jobs import Job
from core.models import Club, JobRun
from core.tenancy.scope import cross_club


class Command(ClubCommand):
    help = "Lists the scheduled jobs with their last run and next due time, by the clock of the club (or of Tehran)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--club", metavar="SLUG", help="only the runs of this club")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        zone = club_named(options["club"]).time_zone if options["club"] else TEHRAN
        for job in SCHEDULE:
            last = _last_run(job, options["club"], zone)
            due = _local(job.when.in_zone(zone).next_due(now), zone)
            self.stdout.write(f"{job.name:<16} {job.when!s:<14} next {due}  last {last}")
            self.stdout.write(f"{'':<16} {job.about}")


def _last_run(job: Job, slug: str | None, zone: str) -> str:
    with cross_club("the last run of each job"):
        runs = JobRun.objects.filter(job=job.name).order_by("-started_at", "-pk")
        if slug:
            runs = runs.filter(club__slug=slug)
        run = runs.first()
    if run is None:
        return "never" if job.only is None else "never, nothing was due"
    club = Club.objects.values_list("slug", flat=True).get(pk=run.club_id)
    state = "FAILED" if run.failed else "ok" if run.finished_at else "running"
    return f"{_local(run.started_at, zone)} {state} in {club} {run.outcome}".rstrip()


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"
