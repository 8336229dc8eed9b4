"""A run that was stopped, or whose workers died, goes on with the counts of all."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from club.awards import import_batches, import_runs, importing
from club.awards.import_runs import (
    faults,
    get_run,
    go_on,
    start,
    stop,
    upload,
    work,
)
from club.awards.models import ImportRun
from club.awards.tasks import sweep
from club.members.models import Member
from core.runs import GONE_AFTER, MOST_DEATHS
from sms.models import OutboxMessage
from tests.club.importing.runs import Status, status_of
from tests.club.lists import customers
from tests.shop import Shop

pytestmark = pytest.mark.usefixtures("tiers")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 10)


def long_silent() -> None:
    """As long after its last sign as it takes for a worker to be gone."""
    ImportRun.objects.update(heartbeat_at=F("heartbeat_at") - GONE_AFTER)


class Killed(BaseException):
    """The worker is gone."""


def dying(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a worker dies once it has this many lines done."""
    keep = import_runs._Keeper.keep

    def kept(self: Any, tally: Any, bad: Any) -> None:
        if tally.done > after:
            raise Killed
        keep(self, tally, bad)

    monkeypatch.setattr(import_runs._Keeper, "keep", kept)


def listed(tmp_path: Path, count: int) -> ImportRun:
    path = customers(tmp_path / "c.xlsx", count, bad_every=20)
    run = upload("c.xlsx", BytesIO(path.read_bytes()), actor="user:1", now=timezone.now())
    work(now=timezone.now())
    return start(run.pk, welcome=True, actor="user:1")


@pytest.mark.usefixtures("small_batches")
def test_a_worker_that_died_is_followed_by_another_with_the_counts_of_both(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = listed(tmp_path, 60)
    with monkeypatch.context() as patch:
        dying(30, patch)
        with pytest.raises(Killed):
            work(now=timezone.now())
    half = get_run(run.pk)
    assert (half.status, half.done, Member.objects.count()) == (Status.RUNNING, 30, half.joined)
    assert sweep(now=timezone.now()) == "nothing to bring in"  # it may yet be alive

    long_silent()
    sweep(now=timezone.now())

    run = get_run(run.pk)
    assert (run.status, run.done, run.joined, run.known, run.refused) == (Status.DONE, 60, 57, 0, 3)
    assert Member.objects.count() == OutboxMessage.objects.count() == 57
    assert len(list(faults(run.pk))) == 3
    assert shop.proven()


@pytest.mark.usefixtures("small_batches")
def test_a_worker_that_lost_the_run_writes_no_more(tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = listed(tmp_path, 60)
    enrol = importing.enrol_members

    def overtaken(people: Any, **options: Any) -> None:
        enrol(people, **options)
        if get_run(run.pk).done == 20:
            ImportRun.objects.filter(pk=run.pk).update(attempt=99)

    monkeypatch.setattr(importing, "enrol_members", overtaken)

    assert "another's" in work(now=timezone.now())
    assert Member.objects.count() == get_run(run.pk).joined < 30


@pytest.mark.usefixtures("small_batches")
def test_a_run_is_stopped_after_its_batch_and_gone_on_with(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = listed(tmp_path, 60)
    keep = import_runs._Keeper.keep

    def stopping(self: Any, tally: Any, bad: Any) -> None:
        if tally.done == 40:
            stop(run.pk, actor="user:2")
        keep(self, tally, bad)

    with monkeypatch.context() as patch:
        patch.setattr(import_runs._Keeper, "keep", stopping)
        # Within the batch's transaction here, so the stop is undone with it; a real one is another's.
        work(now=timezone.now())
    stop(run.pk, actor="user:2")
    half = Member.objects.count()
    assert work(now=timezone.now()) == "nothing to bring in"
    go_on(run.pk, actor="u")
    work(now=timezone.now())

    assert half < 57 == Member.objects.count()
    assert (status_of(run), get_run(run.pk).joined) == (Status.DONE, 57)


@pytest.mark.usefixtures("small_batches")
def test_a_run_that_kills_every_worker_is_given_up(tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = listed(tmp_path, 30)
    dying(0, monkeypatch)
    for _death in range(MOST_DEATHS + 1):
        with pytest.raises(Killed):
            work(now=timezone.now())
        long_silent()

    work(now=timezone.now())

    assert status_of(run) == Status.FAILED
    assert not Member.objects.exists()
