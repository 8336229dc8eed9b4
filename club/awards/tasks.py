"""Bringing lists of customers in, behind the page: woken at once, and by the sweep of the scheduler."""

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from club.awards import grant_runs
from club.awards.import_runs import work
from club.awards.models import ImportRun
from club.rewards.models import Grant
from core import runs
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
    with cross_club("which clubs have lists to bring in"):
        return set(ImportRun.objects.filter(runs.waiting()).values_list("club_id", flat=True))


@shared_task(ignore_result=True)
def give_out(*, club_id: int) -> None:
    """Give what waits in this club to its lists."""
    grant_runs.work(now=timezone.now())


def sweep_grants(*, now: datetime) -> str:
    """Give what waits in this club or was left by a worker that is gone."""
    return grant_runs.work(now=now)


def clubs_with_grants() -> set[int]:
    """The clubs in which a gift to a list waits, or was left."""
    with cross_club("which clubs have gifts to give to lists"):
        return set(Grant.objects.filter(runs.waiting()).values_list("club_id", flat=True))
