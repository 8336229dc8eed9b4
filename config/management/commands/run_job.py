"""Runs one scheduled job by hand, as if it were a given moment."""

import sys
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from config.schedule import JOBS
from core.commands import USAGE, ClubCommand, club_named
from core.jalali import TEHRAN
from core.jobs import Outcome, run_in_club
from core.models import Club

FAILED = 1
FURTHEST = timedelta(days=3650)


class Command(ClubCommand):
    help = "Runs one job now, or as if it were --at. The same job, club and moment run once. Exit code 1: it failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="as `jobs` lists it")
        parser.add_argument("--club", metavar="SLUG", help="only in this club; otherwise in all of them")
        parser.add_argument("--at", metavar="ISO-DATETIME", help="without a zone it is Tehran's")
        parser.add_argument("--yes", action="store_true", help="do not ask before running as of a time to come")

    def handle(self, *args: Any, name: str, club: str | None, at: str | None, yes: bool, **options: Any) -> None:
        job = JOBS.get(name)
        if job is None:
            raise CommandError(f"there is no job {name}; there are {', '.join(JOBS)}", returncode=USAGE)
        moment = _moment(at) if at else timezone.now()
        _ask_if_ahead(moment, yes=yes)
        clubs = Club.objects.filter(is_active=True).order_by("slug") if club is None else [club_named(club)]
        outcomes = []
        for each in clubs:
            outcome = run_in_club(job, each.pk, due_at=moment, now=moment)
            outcomes.append(outcome)
            self.stdout.write(f"{each.slug}: {_words(outcome, moment)}")
        if any(outcome.failed for outcome in outcomes):
            sys.exit(FAILED)


def _ask_if_ahead(moment: datetime, *, yes: bool) -> None:
    """What ends by a clock that runs ahead is not undone when the day comes; so a person is asked."""
    ahead = moment - timezone.now()
    if ahead > FURTHEST:
        raise CommandError(f"--at is more than {FURTHEST.days // 365} years ahead", returncode=USAGE)
    if ahead > timedelta(0) and not yes and sys.stdin.isatty():
        answer = input("This runs as if that time had come, for good: value that ends until then ends now. Type yes: ")
        if answer.strip().lower() != "yes":
            raise CommandError("nothing was done", returncode=USAGE)


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
