"""Lists sent from a page: kept, checked, brought in by a worker, stopped, gone on with, thrown away."""

from io import BytesIO

import pytest
from django.db import transaction
from django.utils import timezone

from club.awards.import_runs import (
    AnotherRuns,
    choose_columns,
    drop,
    faults,
    get_run,
    go_on,
    start,
    stop,
    upload,
    work,
)
from club.awards.models import ImportFault, ImportRun
from club.members.models import Member
from core.errors import Conflict, NotFound, ValidationFailed
from core.models import AuditEntry, Club
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage
from tests.club.importing.runs import Status, checked, sent, status_of
from tests.shop import Shop

pytestmark = pytest.mark.usefixtures("tiers")


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
    for act in (
        lambda: start(run.pk, welcome=True, actor="u"),
        lambda: go_on(run.pk, actor="u"),
        lambda: drop(run.pk, actor="u"),
    ):
        with pytest.raises(Conflict):
            act()
    work(now=timezone.now())
    for act in (lambda: stop(run.pk, actor="u"), lambda: go_on(run.pk, actor="u")):
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
        for act in (get_run, lambda run_id: go_on(run_id, actor="u")):
            with pytest.raises(NotFound):
                act(run.pk)
        with pytest.raises(NotFound):
            start(run.pk, welcome=True, actor="u")
        with pytest.raises(NotFound):
            drop(run.pk, actor="u")

    assert status_of(run) == Status.CHECKED


def test_the_database_lets_only_one_run_at_a_time(shop: Shop) -> None:
    sent()

    with pytest.raises(Exception, match="one_import_at_a_time"), transaction.atomic():
        ImportRun.objects.create(file_name="x", status=Status.RUNNING, actor="u")
