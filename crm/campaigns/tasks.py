"""Sending campaigns behind the page: woken at once, and by the sweep of the scheduler."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from core.tenancy.scope import cross_club
from crm.campaigns import running, withdrawing
from crm.campaigns.models import Campaign


@shared_task(ignore_result=True)
def send_out(*, club_id: int) -> None:
    """Do what waits in this club."""
    now = timezone.now()
    running.work(now=now)
    withdrawing.finish(now=now)


def sweep(*, now: datetime) -> str:
    """Do what waits in this club, is due by now, or was left by a worker that is gone."""
    withdrawing.finish(now=now)
    return running.work(now=now)


def clubs_with_campaigns() -> set[int]:
    """The clubs in which a campaign waits, is due, was left, or was stopped or withdrawn lately."""
    now = timezone.now()
    with cross_club("which clubs have campaigns to send"):
        rows = Campaign.objects.filter(running.waiting(now) | running.to_look_after(now) | withdrawing.lately(now))
        return set(rows.values_list("club_id", flat=True))
