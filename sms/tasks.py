"""What Celery runs for one club; the sweeps of the scheduler call the same services."""

from functools import partial

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from core import events
from sms.inbound import WISHES
from sms.outbox import poke_mark, wake


@shared_task(ignore_result=True)
def dispatch_outbox(*, club_id: int, helping: bool = False) -> None:
    """Send what waits in the outbox of the club.

    Where there is much, one more worker helps; after so many messages other clubs have their turn before it goes on.
    """
    from sms.services import AT_MOST, dispatch_due

    cache.delete(poke_mark(club_id))
    taken = dispatch_due(now=timezone.now(), when_many=None if helping else partial(wake, club_id, helping=True))
    if taken >= AT_MOST and not helping:
        wake(club_id)


@shared_task(ignore_result=True)
def poll_statuses(*, club_id: int) -> None:
    """Ask the provider what became of the messages of the club."""
    from sms.polling import poll_due

    poll_due(now=timezone.now())


@shared_task(ignore_result=True)
def tell_wishes(*, club_id: int) -> None:
    """Let whoever keeps what members want hear at once of who left and who came back."""
    for reader in events.consumers():
        if reader.kinds & WISHES:
            while events.consume(reader):
                pass
