"""Runs one scheduled job by hand, as if it were a given moment."""

import sys
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.schedule import JOBS
from core.jalali import TEHRAN
from core.jobs import Outcome, run_in_club
from core.models import Club

FAILED, USAGE = 1, 2


class Command(BaseCommand):
    help = "Runs one job now, or as if it were --at. The same job, club and moment run once. Exit code 1: it failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="as `jobs` lists it")
        parser.add_argument("--club", metavar="SLUG", help="only in this club; otherwise in all of them")
        parser.add_argument("--at", metavar="ISO-DATETIME", help="without a zone it is Tehran's")

    def handle(self, *args: Any, name: str, club: str | None, at: str | None, **options: Any) -> None:
        job = JOBS.get(name)
        if job is None:
            raise CommandError(f"there is no job {name}; there are {', '.join(JOBS)}", returncode=USAGE)
        moment = _moment(at) if at else timezone.now()
        clubs = Club.objects.filter(is_active=True).order_by("slug")
        if club is not None:
            clubs = Club.objects.filter(slug=club)
            if not clubs:
                raise CommandError(f"there is no club {club}", returncode=USAGE)
        outcomes = []
        for each in clubs:
            outcome = run_in_club(job, each.pk, due_at=moment, now=moment)
            outcomes.append(outcome)
            self.stdout.write(f"{each.slug}: {_words(outcome, moment)}")
        if any(outcome.failed for outcome in outcomes):
            sys.exit(FAILED)


def _words(outcome: Outcome, moment: datetime) -> str:
    if not outcome.ran:
        return f"was run for {moment.astimezone(ZoneInfo(TEHRAN)).isoformat()} before; nothing was done"
    if outcome.failed:
        return f"FAILED: {outcome.text}"
    return outcome.text or "done"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(TEHRAN))
        moment.astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError) as error:
        raise CommandError(f"--at {text!r} is not a moment like 2026-11-22T00:10:00+03:30", returncode=USAGE) from error
    return moment
