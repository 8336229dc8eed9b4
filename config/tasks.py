"""What beat and the worker do for the table of jobs: a poke looks what is due, one message for each club runs it."""

from datetime import datetime, timedelta

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from config.schedule import JOBS, SCHEDULE
from core.jobs import Job, run_in_club
from core.timetable import Every

# A due time is handed out again this often: it makes up for a lost message and a crashed run.
AGAIN = timedelta(minutes=15)
A_DAY = 86_400


@shared_task
def poke() -> int:
    """Hand out every due time that has not been handed out lately; how many runs that was."""
    now, sent = timezone.now(), 0
    for job in SCHEDULE:
        due_at = job.when.last_due(now)
        if not _is_news(job, due_at):
            continue
        for club_id in job.clubs():
            message = {"name": job.name, "for_club": club_id, "due_at": due_at.isoformat()}
            run_job.apply_async(kwargs=message, expires=_seconds_worth(job))
            sent += 1
    return sent


@shared_task
def run_job(*, name: str, for_club: int, due_at: str) -> None:
    """Run one job in one club, unless that due time was run."""
    run_in_club(JOBS[name], for_club, due_at=datetime.fromisoformat(due_at), now=timezone.now())


def _is_news(job: Job, due_at: datetime) -> bool:
    """Whether nobody handed this due time out lately. Without the cache everything is news, as runs are unique."""
    try:
        return bool(cache.add(f"job:{job.name}:{due_at.isoformat()}", 1, timeout=AGAIN.total_seconds()))
    except (RedisError, OSError):
        return True


def _seconds_worth(job: Job) -> int:
    """How long a message is worth something: of what is due all the time, until the next one is due."""
    return job.when.seconds if isinstance(job.when, Every) else A_DAY
