"""Bringing lists of customers in, behind the page: woken at once, and by the sweep of the scheduler."""

from datetime import datetime

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from club.awards.import_runs import GONE_AFTER, Status, work
from club.awards.models import ImportRun
from core.tenancy.scope import cross_club


@shared_task(ignore_result=True)
def bring_in(*, club_id: int) -> None:
    """Do what waits in this club."""
    work(now=timezone.now())


def sweep(*, now: datetime) -> str:
    """Do what waits in this club or was left by a worker that is gone."""
    return work(now=now)


def clubs_with_imports() -> set[int]:
    """The clubs in which a list waits, or was left."""
    gone = Q(status=Status.RUNNING, heartbeat_at__lt=timezone.now() - GONE_AFTER)
    with cross_club("which clubs have lists to bring in"):
        waiting = ImportRun.objects.filter(Q(status=Status.WAITING) | gone)
        return set(waiting.values_list("club_id", flat=True))
