"""Running scheduled jobs: each club apart, each due time once, whoever starts it.

The row of the run is inserted first, so two schedulers, a late message and a hand at the keyboard cannot run the same
due time twice. A run that crashed is left unfinished and taken up again after its `longest`; a run that found a fault
is finished, and failed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from core.languages import clubs_language
from core.models import Club, JobRun
from core.tenancy.scope import club_scope, current_club_id
from core.timetable import Every, Timetable

logger = logging.getLogger(__name__)
OUTCOME_LENGTH = JobRun._meta.get_field("outcome").max_length or 500


class JobFailed(Exception):
    """The job did its work and found something wrong; the message says what, and is kept as the outcome."""


@dataclass(frozen=True)
class Job:
    """A scheduled job. `what` names a function called in each club's scope with `now`; it answers what it did.

    `only` names a function that answers the ids of the clubs with something to do, for jobs that are due all the time.
    `resumes`: it is also told `last`, for when it was last done in the club, and makes up for what it missed since.
    """

    name: str
    when: Timetable
    what: str
    about: str
    only: str | None = None
    longest: timedelta = timedelta(minutes=15)
    resumes: bool = False

    def function(self) -> Callable[..., Any]:
        """The function to call."""
        found: Callable[..., Any] = import_string(self.what)
        return found

    def clubs(self, zone: str | None = None) -> list[int]:
        """The ids of the clubs it is for now, of those in this time zone where one is named."""
        active = Club.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True)
        if zone is not None:
            active = active.filter(time_zone=zone)
        if self.only is None:
            return list(active)
        return list(active.filter(pk__in=import_string(self.only)()))


@dataclass(frozen=True)
class Outcome:
    """How a run ended; `ran` is False when that due time had been run before."""

    ran: bool
    text: str = ""
    failed: bool = False


def run_in_club(job: Job, club_id: int, *, due_at: datetime, now: datetime) -> Outcome:
    """Run the job in this club for the due time, unless that was done; a crash is logged and kept, not raised."""
    with club_scope(club_id), clubs_language():
        run_id = _claim(job, due_at)
        if run_id is None:
            return Outcome(ran=False)
        try:
            known = {"last": last_done(job.name, before=due_at)} if job.resumes else {}
            outcome = Outcome(ran=True, text=_text(job.function()(now=now, **known)))
        except JobFailed as fault:
            logger.error("job %s in club %s found: %s", job.name, club_id, fault)
            outcome = Outcome(ran=True, text=str(fault), failed=True)
        except Exception as error:
            logger.exception("job %s crashed in club %s", job.name, club_id)
            outcome = Outcome(ran=True, text=f"{type(error).__name__}: {error}", failed=True)
            _keep(run_id, outcome, finished=False)
            return outcome
        _keep(run_id, outcome, finished=True)
        if isinstance(job.when, Every):
            JobRun.objects.filter(job=job.name, due_at__lt=due_at, failed=False, finished_at__isnull=False).delete()
        return outcome


def last_done(name: str, *, before: datetime) -> datetime | None:
    """The latest due time before this one that the job was done for in the club in scope; None where none is known."""
    done = JobRun.objects.filter(job=name, due_at__lt=before, finished_at__isnull=False, failed=False)
    found: datetime | None = done.order_by("-due_at").values_list("due_at", flat=True).first()
    return found


def _claim(job: Job, due_at: datetime) -> int | None:
    """The row of the run, ours to do; None when it was done, or is being done."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_jobrun (club_id, job, due_at, outcome, failed) VALUES (%s, %s, %s, '', false)
            ON CONFLICT (club_id, job, due_at) DO UPDATE SET started_at = now(), outcome = '', failed = false
                WHERE core_jobrun.finished_at IS NULL AND core_jobrun.started_at <= now() - make_interval(secs => %s)
            RETURNING id
            """,
            [current_club_id(), job.name, due_at, job.longest.total_seconds()],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _keep(run_id: int, outcome: Outcome, *, finished: bool) -> None:
    JobRun.objects.filter(pk=run_id).update(
        finished_at=timezone.now() if finished else None, outcome=outcome.text[:OUTCOME_LENGTH], failed=outcome.failed
    )


def _text(result: Any) -> str:
    return "" if result is None else str(result)
