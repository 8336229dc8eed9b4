"""What the sweep wakes, and what is forgotten when."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from club.awards import import_runs
from club.awards.import_runs import (
    drop,
    forget_old,
    get_run,
    start,
    work,
)
from club.awards.models import ImportFault, ImportFile, ImportRun
from club.awards.tasks import clubs_with_imports, sweep
from club.members.models import Member
from core.models import Club
from tests.club.importing.runs import checked, sent
from tests.shop import Shop

pytestmark = pytest.mark.usefixtures("tiers")


def test_the_sweep_knows_which_clubs_have_something_to_do(shop: Shop, other_club: Club) -> None:
    assert shop.club.pk not in clubs_with_imports()
    sent()

    assert shop.club.pk in clubs_with_imports() and other_club.pk not in clubs_with_imports()
    assert "2 joined" in sweep(now=timezone.now())
    assert shop.club.pk not in clubs_with_imports()


def test_a_worker_is_woken_when_the_file_is_committed(
    shop: Shop, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from club.awards.tasks import bring_in

    woken: list[int] = []
    monkeypatch.setattr(bring_in, "apply_async", lambda kwargs, retry: woken.append(kwargs["club_id"]))

    with django_capture_on_commit_callbacks(execute=True):
        sent()

    assert woken == [shop.club.pk]


def test_files_and_their_lines_are_thrown_away_thirty_days_after_their_end(shop: Shop) -> None:
    old, young = checked(), checked("phone\n09120000105\n")
    month_ago = timezone.now() - timedelta(days=30, hours=1)
    ImportFile.objects.update(created_at=month_ago)
    ImportRun.objects.filter(pk=old.pk).update(finished_at=month_ago)

    assert forget_old(timezone.now()) == 1

    assert list(ImportFile.objects.values_list("run_id", flat=True)) == [young.pk]
    assert not ImportFault.objects.filter(run=old).exists()
    assert (get_run(old.pk).head, get_run(old.pk).joined) == ([], 2)
    start(old.pk, welcome=True, actor="user:1")
    work(now=timezone.now())
    assert "۳۰ روز" in get_run(old.pk).error


def test_how_long_files_are_kept_is_a_setting(shop: Shop, settings: Any) -> None:
    run = checked()
    settings.IMPORT_FILES_DAYS = 3

    assert forget_old(timezone.now() + timedelta(days=3, minutes=-1)) == 0
    assert forget_old(timezone.now() + timedelta(days=3, minutes=1)) == 1
    assert get_run(run.pk).head == []


@pytest.mark.parametrize(("status", "forgotten"), [("draft", 1), ("stopped", 1), ("waiting", 0), ("running", 0)])
def test_a_file_that_nobody_ended_counts_from_when_it_was_sent_unless_it_runs(
    shop: Shop, status: str, forgotten: int
) -> None:
    run = checked()
    ImportRun.objects.filter(pk=run.pk).update(status=status, finished_at=None)

    assert forget_old(timezone.now() + timedelta(days=31)) == forgotten
    assert ImportFile.objects.count() == 1 - forgotten


def test_throwing_a_file_away_leaves_who_joined(shop: Shop) -> None:
    run = checked()
    start(run.pk, welcome=True, actor="user:1")
    work(now=timezone.now())

    drop(run.pk, actor="user:1")

    assert not ImportRun.objects.exists() and not ImportFile.objects.exists() and not ImportFault.objects.exists()
    assert Member.objects.count() == 2


def test_a_file_is_never_read_with_its_run(shop: Shop) -> None:
    from django.test.utils import CaptureQueriesContext

    run = checked()

    with CaptureQueriesContext(connection) as queries:
        get_run(run.pk)
        import_runs.runs(10)

    assert not any("content" in query["sql"] for query in queries)
