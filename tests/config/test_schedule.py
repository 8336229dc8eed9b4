"""The table of jobs: each due time once in each club, a crash in one stops no other, and what `jobs` and `run_job` say."""

import io
import logging
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from club.ledger.models import Seal
from club.ledger.selectors import balances
from club.ledger.services import adjust
from config import housekeeping, tasks
from config.celery import app
from config.schedule import JOBS, SCHEDULE
from core import events
from core.idempotency import once
from core.jalali import TEHRAN
from core.jobs import Job, JobFailed, Outcome, run_in_club
from core.models import Club, DomainEvent, IdempotencyKey, JobRun
from core.tenancy.scope import club_scope, current_club_id
from core.timetable import Daily, Every
from sms import outbox
from tests.conftest import fresh_club
from tests.shop import NOON, Shop

ran: list[int] = []


def note(*, now: datetime) -> str:
    ran.append(current_club_id())
    return f"at {now:%H:%M}"


def crash(*, now: datetime) -> None:
    ran.append(current_club_id())
    raise RuntimeError("no luck")


def resume(*, now: datetime, last: datetime | None) -> str:
    return f"since {last}"


def find_fault(*, now: datetime) -> None:
    raise JobFailed("1 fault: wallet 7: it is empty")


def job(what: str, when: Daily | Every = Daily(0, 10)) -> Job:  # noqa: B008 - frozen
    return Job("test", when, f"tests.config.test_schedule.{what}", "A job of the tests.")


@pytest.fixture(autouse=True)
def _nothing_ran() -> Iterator[None]:
    ran.clear()
    yield
    ran.clear()


def command(name: str, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command(name, *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


@pytest.mark.parametrize("each", SCHEDULE, ids=lambda each: each.name)
def test_every_job_of_the_table_runs_in_an_empty_club(committed_club: Club, each: Job) -> None:
    now = timezone.now()

    outcome = run_in_club(each, committed_club.pk, due_at=now, now=now)

    assert (outcome.ran, outcome.failed) == (True, False), outcome.text
    assert committed_club.pk not in each.clubs() or each.only is None


def test_names_are_unique_and_beat_knows_only_the_poke() -> None:
    assert len(JOBS) == len(SCHEDULE)
    assert [entry["task"] for entry in app.conf.beat_schedule.values()] == [tasks.poke.name]
    assert app.conf.beat_scheduler == "celery.beat:Scheduler"  # keeps no file


def test_a_due_time_runs_once_in_a_club(club: Club, other_club: Club) -> None:
    first = run_in_club(job("note"), club.pk, due_at=NOON, now=NOON)
    again = run_in_club(job("note"), club.pk, due_at=NOON, now=NOON + timedelta(hours=1))
    there = run_in_club(job("note"), other_club.pk, due_at=NOON, now=NOON)
    later = run_in_club(job("note"), club.pk, due_at=NOON + timedelta(days=1), now=NOON)

    assert [each.ran for each in (first, again, there, later)] == [True, False, True, True]
    assert ran == [club.pk, other_club.pk, club.pk]
    assert JobRun.objects.get(due_at=NOON).outcome == "at 08:30"


def test_a_crash_is_kept_and_logged_and_taken_up_again_later(
    club: Club, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.ERROR, "core.jobs"):
        outcome = run_in_club(job("crash"), club.pk, due_at=NOON, now=NOON)

    run = JobRun.objects.get()
    assert outcome == Outcome(ran=True, text="RuntimeError: no luck", failed=True)
    assert (run.failed, run.finished_at, run.outcome) == (True, None, "RuntimeError: no luck")
    assert "no luck" in caplog.text
    assert not run_in_club(job("note"), club.pk, due_at=NOON, now=NOON).ran, "not at once"

    JobRun.objects.update(started_at=timezone.now() - timedelta(minutes=16))
    assert run_in_club(job("note"), club.pk, due_at=NOON, now=NOON).ran
    run.refresh_from_db()
    assert (run.failed, run.outcome, run.finished_at is None) == (False, "at 08:30", False)


def test_a_run_that_was_killed_is_taken_up_again_after_its_longest(club: Club) -> None:
    JobRun.objects.create(job="test", due_at=NOON)

    assert not run_in_club(job("note"), club.pk, due_at=NOON, now=NOON).ran
    JobRun.objects.update(started_at=timezone.now() - timedelta(minutes=16))
    assert run_in_club(job("note"), club.pk, due_at=NOON, now=NOON).ran


def test_a_fault_found_is_an_error_of_a_finished_run(club: Club, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "core.jobs"):
        run_in_club(job("find_fault"), club.pk, due_at=NOON, now=NOON)

    run = JobRun.objects.get()
    assert (run.failed, run.finished_at is None, run.outcome) == (True, False, "1 fault: wallet 7: it is empty")
    assert "wallet 7" in caplog.text


def test_runs_of_a_job_due_all_the_time_do_not_pile_up(club: Club) -> None:
    for second in range(0, 50, 10):
        due_at = NOON + timedelta(seconds=second)
        run_in_club(job("note", Every(10)), club.pk, due_at=due_at, now=due_at)

    assert JobRun.objects.get().due_at == NOON + timedelta(seconds=40)


# --- beat's poke ------------------------------------------------------------------------------------------------------


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, committed_club: Club) -> Iterator[list[Job]]:
    """A table of our own, carried out on the spot, for two clubs only."""
    jobs: list[Job] = []
    monkeypatch.setattr(tasks, "SCHEDULE", jobs)
    monkeypatch.setattr(tasks, "JOBS", {"test": job("note")})
    others = fresh_club("دیگری")
    places = {committed_club.pk: TEHRAN, others.pk: TEHRAN}
    monkeypatch.setattr(Job, "clubs", lambda self, zone=None: [pk for pk in places if zone in (None, places[pk])])
    app.conf.task_always_eager = True
    monkeypatch.setattr(timezone, "now", lambda: NOON)  # nothing falls due between two pokes
    lose_the_cache(monkeypatch)
    yield jobs
    app.conf.task_always_eager = False


def lose_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """It remembers nothing; what other tests keep in it at the same time stays."""
    monkeypatch.setattr(caches["default"], "key_prefix", secrets.token_hex(4))


def test_a_poke_runs_what_is_due_in_every_club_once(table: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    table.append(job("note"))

    assert (tasks.poke(), tasks.poke()) == (2, 0)
    assert len(ran) == 2
    lose_the_cache(monkeypatch)
    assert tasks.poke() == 2, "a broker that lost all is no harm"
    assert len(ran) == 2


def test_a_crash_in_one_club_does_not_stop_the_others(table: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    table.append(job("crash"))
    monkeypatch.setattr(tasks, "JOBS", {"test": job("crash")})

    assert tasks.poke() == 2
    assert len(set(ran)) == 2


def test_a_morning_is_that_of_each_club_and_no_sms_job_begins_at_night(
    table: list[Job], committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.append(job("note", Daily(8, 30, until=22)))
    abroad = fresh_club("آن سوی آب")
    places = {committed_club.pk: TEHRAN, abroad.pk: "America/Los_Angeles"}
    Club.objects.filter(pk=abroad.pk).update(time_zone="America/Los_Angeles")
    monkeypatch.setattr(Job, "clubs", lambda self, zone: [pk for pk in places if places[pk] == zone])

    for clock in ("06:00", "16:29", "16:30", "23:00"):  # in Los Angeles 22:00 of the day before, 8:29, 8:30, 15:00
        at = datetime.fromisoformat(f"2026-11-22T{clock}:00Z")
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        lose_the_cache(monkeypatch)
        tasks.poke()

    with club_scope(abroad):
        assert JobRun.objects.get().due_at == datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert ran == [committed_club.pk, abroad.pk]
    Club.objects.filter(pk=abroad.pk).update(is_active=False)


def test_a_job_that_resumes_is_told_when_it_was_last_done(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    resuming = Job("test", Daily(8, 30), "tests.config.test_schedule.resume", "A job of the tests.", resumes=True)
    for day in (0, 1):
        run_in_club(resuming, club.pk, due_at=NOON + timedelta(days=day), now=NOON)
    JobRun.objects.filter(due_at=NOON + timedelta(days=1)).update(finished_at=None)

    last = run_in_club(resuming, club.pk, due_at=NOON + timedelta(days=2), now=NOON).text

    assert last == f"since {NOON}", "what was left in the middle is not done"


def test_jobs_due_all_the_time_name_the_clubs_with_something_to_do(committed_club: Club) -> None:
    idle = fresh_club("بی‌کار")
    outbox.enqueue("welcome", phone="09120000001", context={"name": "سارا"})
    events.emit("test.happened", document="test:1", occurred_at=NOON)
    events.consumer("test_schedule", kinds=["test.happened"])(lambda event: None)
    try:
        assert committed_club.pk in JOBS["dispatch_sms"].clubs()
        assert committed_club.pk in JOBS["consume_events"].clubs()
        assert idle.pk not in {*JOBS["dispatch_sms"].clubs(), *JOBS["consume_events"].clubs()}
        housekeeping.consume_events(now=NOON)
        assert committed_club.pk not in JOBS["consume_events"].clubs()
    finally:
        events._consumers.pop("test_schedule")
        with club_scope(committed_club):
            assert DomainEvent.objects.get().seq == 1


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_value_ends_as_if_it_were_then(club: Club, shop: Shop) -> None:
    member = shop.member()
    adjust(
        member.pk,
        unit="points",
        delta=100,
        reason="هدیه",
        actor="user:1",
        document="adjust:1",
        at=NOON,
        expires_at=NOON + timedelta(days=10),
    )
    early = command("run_job", "expire_value", "--club", club.slug, "--at", "2026-12-02T11:59:59")
    due = command("run_job", "expire_value", "--club", club.slug, "--at", "2026-12-02T12:00:00+03:30")
    again = command("run_job", "expire_value", "--club", club.slug, "--at", "2026-12-02T12:00:00+03:30")

    assert early == (0, f"{club.slug}: 0 lots ended\n")
    assert due == (0, f"{club.slug}: 1 lots ended\n")
    assert again == (0, f"{club.slug}: was run for 2026-12-02T12:00:00+03:30 before; nothing was done\n")
    assert balances(member.pk, NOON + timedelta(days=10)).points == 0
    assert shop.proven()


def test_a_job_without_a_club_runs_in_all(club: Club, other_club: Club) -> None:
    code, said = command("run_job", "expire_value", "--at", "2026-12-02T12:00:00")

    assert code == 0
    assert f"{club.slug}: 0 lots ended" in said and f"{other_club.slug}: 0 lots ended" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("brew_tea",), "there is no job brew_tea"),
        (("expire_value", "--club", "nowhere"), "there is no club nowhere"),
        (("expire_value", "--at", "tomorrow"), "not a moment"),
    ],
)
def test_what_cannot_be_run_is_one_clear_line(club: Club, arguments: tuple[str, ...], said: str) -> None:
    code, answer = command("run_job", *arguments)

    assert code == 2
    assert said in answer


def test_the_list_shows_when_and_how_each_job_goes(club: Club) -> None:
    command("run_job", "expire_value", "--club", club.slug)

    code, said = command("jobs", "--club", club.slug)

    assert code == 0
    line = next(line for line in said.splitlines() if line.startswith("expire_value"))
    assert "daily 00:10" in line and f"ok in {club.slug} 0 lots ended" in line
    assert all(each.name in said and each.about in said for each in SCHEDULE)
    assert "never" in said


def test_a_day_that_is_not_over_by_the_databases_clock_is_never_sealed(club: Club, shop: Shop) -> None:
    member = shop.member()
    adjust(member.pk, unit="points", delta=1, reason="x", actor="user:1", document="adjust:1", at=NOON)
    then = (timezone.now() + timedelta(days=30)).isoformat()

    assert command("run_job", "seal_ledger", "--club", club.slug, "--at", then)[0] == 0
    assert not Seal.objects.exists()


def test_old_keys_are_forgotten_and_fresh_ones_kept(club: Club) -> None:
    once("old", fingerprint="x").keep("{}")
    once("new", fingerprint="x").keep("{}")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_idempotencykey SET created_at = now() - interval '31 days' WHERE key = 'old'")

    assert housekeeping.forget_old(now=datetime.now(UTC)).startswith("1 keys")
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
