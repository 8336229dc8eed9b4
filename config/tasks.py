"""What beat and the worker do for the table of jobs: a poke looks what is due, one message for each club runs it."""

from datetime import datetime, timedelta

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from config.schedule import JOBS, SCHEDULE
from core.jobs import Job, run_in_club
from core.models import Club
from core.timetable import Every

# A due time is handed out again this often: it makes up for a lost message and a crashed run.
AGAIN = timedelta(minutes=15)


@shared_task
def poke() -> int:
    """Hand out every due time that has not been handed out lately; how many runs that was."""
    now = timezone.now()
    zones = sorted(set(Club.objects.filter(is_active=True).values_list("time_zone", flat=True)))
    return sum(
        _hand_out(job, zone, now) for job in SCHEDULE for zone in ([None] if isinstance(job.when, Every) else zones)
    )


@shared_task
def run_job(*, name: str, for_club: int, due_at: str) -> None:
    """Run one job in one club, unless that due time was run."""
    run_in_club(JOBS[name], for_club, due_at=datetime.fromisoformat(due_at), now=timezone.now())


def _hand_out(job: Job, zone: str | None, now: datetime) -> int:
    """Hand out what came due last in the clubs of the zone (None: in all), while it is worth doing; to how many."""
    when = job.when.in_zone(zone) if zone else job.when
    due_at, worth = when.last_due(now), when.worth(now)
    if not worth or not _is_news(f"job:{job.name}:{zone or ''}:{due_at.isoformat()}"):
        return 0
    clubs = job.clubs(zone)
    for club_id in clubs:
        message = {"name": job.name, "for_club": club_id, "due_at": due_at.isoformat()}
        run_job.apply_async(kwargs=message, expires=worth)
    return len(clubs)


def _is_news(mark: str) -> bool:
    """Whether nobody handed this due time out lately. Without the cache everything is news, as runs are unique."""
    try:
        return bool(cache.add(mark, 1, timeout=AGAIN.total_seconds()))
    except (RedisError, OSError):
        return True
