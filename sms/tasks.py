"""What Celery runs for one club; the sweeps of the scheduler call the same services."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from sms.outbox import poke_mark


@shared_task(ignore_result=True)
def dispatch_outbox(*, club_id: int) -> None:
    """Send what waits in the outbox of the club."""
    from sms.services import dispatch_due

    cache.delete(poke_mark(club_id))
    dispatch_due(now=timezone.now())


@shared_task(ignore_result=True)
def poll_statuses(*, club_id: int) -> None:
    """Ask the provider what became of the messages of the club."""
    from sms.polling import poll_due

    poll_due(now=timezone.now())
