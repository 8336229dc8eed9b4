"""New and changed segments counted behind the page: woken at once, and by the sweep of the scheduler."""

from celery import shared_task
from django.utils import timezone

from club.members.models import Segment
from core.tenancy.scope import cross_club
from crm.segments.recounting import count_new


@shared_task(ignore_result=True)
def count_up(*, club_id: int) -> None:
    """Count what waits in this club."""
    count_new(now=timezone.now())


def clubs_with_new() -> set[int]:
    """The clubs in which a segment waits to be counted."""
    with cross_club("which clubs have segments to count"):
        return set(Segment.objects.filter(archived_at=None, counted_at=None).values_list("club_id", flat=True))
