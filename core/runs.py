"""Work that goes on behind the page from a row that outlives its worker.

Such a row has `status` (waiting, running …), `attempt` (who works on it: a worker that lost it finds the number
changed and writes no more), `deaths`, `heartbeat_at` and `finished_at`. What a batch writes and how far the work is
are one transaction: of two workers only one writes, and one that dies is followed by another behind the last batch.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from celery import Task
from django.db import OperationalError, transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.bulk import TRIES, waited_in_vain
from core.tenancy.scope import current_club_id

log = logging.getLogger(__name__)
WAITING, RUNNING, FAILED = "waiting", "running", "failed"
# A worker tells of itself with each batch; one that has not for so long is gone.
GONE_AFTER = timedelta(minutes=2)
MOST_DEATHS = 10
Run = TypeVar("Run", bound=Model)


class TakenOver(Exception):
    """Another worker has the run, or somebody stopped it: what this one was about to write is not written."""


def left() -> Q:
    """Which runs were left by a worker that is gone."""
    return Q(status=RUNNING, heartbeat_at__lt=timezone.now() - GONE_AFTER)


def waiting() -> Q:
    """Which runs wait, or were left."""
    return Q(status=WAITING) | left()


def claim(rows: "QuerySet[Run, Run]", **also: Any) -> Run | None:
    """The first of the rows that is ours from now on; one with too many deaths fails. `also` is written, too."""
    for row in rows.order_by("pk"):
        found: Any = row
        claimed = _as_read(found).update(
            status=RUNNING,
            attempt=found.attempt + 1,
            deaths=found.deaths + (found.status == RUNNING),
            heartbeat_at=timezone.now(),
            **also,
        )
        if claimed:
            row.refresh_from_db()
            if found.deaths <= MOST_DEATHS:
                return row
            end(row, FAILED, error=_("چند بار نیمه‌کاره ماند؛ به پشتیبانی بگویید."))
    return None


def mine(run: Run) -> "QuerySet[Run, Run]":
    """The row of a run that was claimed, as long as it is this worker's."""
    claimed: Any = run
    rows: QuerySet[Run, Run] = type(claimed).objects.filter(pk=claimed.pk, status=RUNNING, attempt=claimed.attempt)
    return rows


def end(run: Model, status: str, **changes: object) -> None:
    """The run is over, if it is still this worker's."""
    mine(run).update(status=status, finished_at=timezone.now(), **changes)


def each_batch(batch: Callable[[], bool]) -> None:
    """Do batches, each a transaction, until one finds nothing left; one that waited in vain is tried again."""
    tries = 0
    while True:
        try:
            if not batch():
                return
            tries = 0
        except OperationalError as error:
            tries += 1
            if not waited_in_vain(error) or tries >= TRIES:
                raise


def wake_later(task: "Callable[[], Task[Any, Any]]") -> None:
    """Let a worker begin as soon as this transaction is done; where the broker is lost, the sweep does it."""
    transaction.on_commit(partial(wake, task, current_club_id()), robust=True)


def wake(task: "Callable[[], Task[Any, Any]]", club_id: int) -> None:
    """Let a worker begin now."""
    try:
        task().apply_async(kwargs={"club_id": club_id}, retry=False)
    except Exception as error:  # whatever the broker does, the run waits in the database
        log.warning("the broker does not take %s of club %s: %s", task().name, club_id, type(error))


def _as_read(run: Any) -> Any:
    return type(run).objects.filter(pk=run.pk, status=run.status, attempt=run.attempt)
