"""Lists sent from a page: kept, checked, brought in by a worker, stopped, gone on with, thrown away."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from club.awards import import_runs, importing
from club.awards.import_runs import (
    AnotherRuns,
    choose_columns,
    drop,
    faults,
    forget_old,
    get_run,
    go_on,
    start,
    stop,
    upload,
    work,
)
from club.awards.models import ImportFault, ImportFile, ImportRun
from club.awards.tasks import clubs_with_imports, sweep
from club.members.models import Member
from core.errors import Conflict, NotFound, ValidationFailed
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage
from tests.club.lists import customers
from tests.shop import Shop

LIST = "موبایل,نام\n09120000101,سارا\n09120000102,نیما\n0912,بد\n"
Status = ImportRun.Status


def sent(text: str = LIST, name: str = "customers.csv") -> ImportRun:
    return upload(name, BytesIO(text.encode()), actor="user:1", now=timezone.now())


def checked(text: str = LIST) -> ImportRun:
    run = sent(text)
    work(now=timezone.now())
    return get_run(run.pk)


def status_of(run: ImportRun) -> str:
    return get_run(run.pk).status


@pytest.fixture
def shop(shop: Shop) -> Shop:
    shop.tiers()
    return shop


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)


# --- the way of a file ------------------------------------------------------------------------------------------------


def test_a_file_is_checked_first_and_nobody_joins(shop: Shop) -> None:
    run = sent()
    assert (run.status, run.writes, run.lines) == (Status.WAITING, False, 3)
    assert run.header == ["موبایل", "نام"] and run.places == {"phone": 0, "first_name": 1}
    assert run.head[0] == ["09120000101", "سارا"]

    said = work(now=timezone.now())

    run = get_run(run.pk)
    assert (run.status, run.joined, run.known, run.refused, run.done) == (Status.CHECKED, 2, 0, 1, 3)
    assert [fault.number for fault in faults(run.pk)] == [4]
    assert "2 joined" in said
    assert not Member.objects.exists() and not OutboxMessage.objects.exists()


def test_a_checked_file_comes_in_once_it_is_started(shop: Shop) -> None:
    run = checked()

    run = start(run.pk, welcome=True, actor="user:7")
    assert (run.status, run.writes, run.done, ImportFault.objects.count()) == (Status.WAITING, True, 0, 0)
    work(now=timezone.now())

    run = get_run(run.pk)
    assert (run.status, run.joined, run.refused, run.finished_at is not None) == (Status.DONE, 2, 1, True)
    assert Member.objects.count() == OutboxMessage.objects.count() == 2
    assert set(AuditEntry.objects.values_list("action", "actor")) == {
        ("members.import", "user:7"),
        ("member.enrol", "user:7"),
        ("members.imported", "user:7"),
    }
    assert AuditEntry.objects.get(action="members.imported").after["joined"] == 2
    assert shop.proven()


def test_no_welcome_is_sent_where_none_is_wanted(shop: Shop) -> None:
    start(checked().pk, welcome=False, actor="user:1")

    work(now=timezone.now())

    assert Member.objects.count() == 2 and not OutboxMessage.objects.exists()


def test_the_same_file_again_finds_them_known(shop: Shop) -> None:
    start(checked().pk, welcome=True, actor="user:1")
    work(now=timezone.now())

    again = checked()

    assert (again.joined, again.known, again.refused) == (0, 2, 1)


def test_columns_can_be_read_otherwise(shop: Shop) -> None:
    run = sent("a,b\n09120000101,سارا\n")
    assert (run.status, run.places) == (Status.DRAFT, {})

    with pytest.raises(ValidationFailed):
        choose_columns(run.pk, {"first_name": 1})
    with pytest.raises(ValidationFailed):
        choose_columns(run.pk, {"phone": 0, "colour": 1})
    with pytest.raises(ValidationFailed):
        choose_columns(run.pk, {"phone": 7})
    choose_columns(run.pk, {"phone": 0, "last_name": 1})
    work(now=timezone.now())
    start(run.pk, welcome=False, actor="user:1")
    work(now=timezone.now())

    assert Member.objects.values_list("last_name", flat=True).get() == "سارا"
    with pytest.raises(Conflict):
        choose_columns(run.pk, {"phone": 0})


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "خالی"), (b"%PDF-1.4", "PDF"), (b"x" * ((10 << 20) + 1), "۱۰ مگابایت")]
)
def test_what_cannot_be_read_is_refused_beside_its_field(shop: Shop, content: bytes, said: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        upload("x.xlsx", BytesIO(content), actor="user:1", now=timezone.now())

    assert said in refused.value.errors["file"][0]
    assert not ImportRun.objects.exists()


def test_a_file_that_breaks_off_in_the_middle_says_so(shop: Shop) -> None:
    run = sent("phone,name\n" + "09120000101,x\n" * 30 + '"' + "y" * 200_000)

    work(now=timezone.now())

    run = get_run(run.pk)
    assert run.status == Status.FAILED and "گیومه" in run.error


# --- one at a time ----------------------------------------------------------------------------------------------------


def test_a_second_file_waits_as_a_draft_and_can_be_checked_later(shop: Shop) -> None:
    first = sent()
    second = sent("phone\n09120000105\n")
    assert status_of(second) == Status.DRAFT
    with pytest.raises(AnotherRuns):
        choose_columns(second.pk, second.places)

    work(now=timezone.now())
    choose_columns(second.pk, second.places)
    with pytest.raises(AnotherRuns):
        start(first.pk, welcome=True, actor="user:1")
    work(now=timezone.now())

    assert status_of(second) == status_of(first) == Status.CHECKED


def test_each_act_has_its_states(shop: Shop) -> None:
    run = sent()
    for act in (lambda: start(run.pk, welcome=True, actor="u"), lambda: go_on(run.pk), lambda: drop(run.pk, actor="u")):
        with pytest.raises(Conflict):
            act()
    work(now=timezone.now())
    for act in (lambda: stop(run.pk, actor="u"), lambda: go_on(run.pk)):
        with pytest.raises(Conflict):
            act()
    start(run.pk, welcome=True, actor="u")
    work(now=timezone.now())
    with pytest.raises(Conflict):
        start(run.pk, welcome=True, actor="u")

    assert status_of(run) == Status.DONE


def test_another_club_s_file_is_not_found(shop: Shop, other_club: Club) -> None:
    run = checked()

    with club_scope(other_club):
        for act in (get_run, go_on):
            with pytest.raises(NotFound):
                act(run.pk)
        with pytest.raises(NotFound):
            start(run.pk, welcome=True, actor="u")
        with pytest.raises(NotFound):
            drop(run.pk, actor="u")

    assert status_of(run) == Status.CHECKED


# --- stops and deaths -------------------------------------------------------------------------------------------------


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

    later = timezone.now() + import_runs.GONE_AFTER + timedelta(seconds=1)
    sweep(now=later)

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
    go_on(run.pk)
    work(now=timezone.now())

    assert half < 57 == Member.objects.count()
    assert (status_of(run), get_run(run.pk).joined) == (Status.DONE, 57)


@pytest.mark.usefixtures("small_batches")
def test_a_run_that_kills_every_worker_is_given_up(tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = listed(tmp_path, 30)
    dying(0, monkeypatch)
    now = timezone.now()
    for _death in range(import_runs.MOST_DEATHS + 1):
        with pytest.raises(Killed):
            work(now=now)
        now += import_runs.GONE_AFTER * 2

    work(now=now)

    assert status_of(run) == Status.FAILED
    assert not Member.objects.exists()


def test_the_database_lets_only_one_run_at_a_time(shop: Shop) -> None:
    sent()

    with pytest.raises(Exception, match="one_import_at_a_time"), transaction.atomic():
        ImportRun.objects.create(file_name="x", status=Status.RUNNING, actor="u")


# --- the sweep, and forgetting ----------------------------------------------------------------------------------------


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
