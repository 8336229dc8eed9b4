"""The two walls between clubs."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core import events
from core.models import AuditEntry, Club, DomainEvent, EventCursor
from core.tenancy.checks import check_database, check_models
from core.tenancy.scope import ScopeMissing, club_scope, cross_club


def test_rows_of_another_club_are_not_seen(club: Club, other_club: Club) -> None:
    events.emit("sample", document="sample:1", occurred_at=timezone.now())

    with club_scope(other_club):
        assert DomainEvent.objects.count() == 0
    assert DomainEvent.objects.count() == 1


def test_a_query_built_in_one_scope_and_run_in_another_answers_for_the_second(club: Club, other_club: Club) -> None:
    EventCursor.objects.create(consumer="a")
    built_here = EventCursor.objects.filter(consumer="a")

    with club_scope(other_club):
        assert not built_here.exists()
    assert built_here.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "read",
    [
        lambda: EventCursor.objects.count(),
        lambda: EventCursor.objects.exists(),
        lambda: EventCursor.objects.exclude(seq=1).exists(),
        lambda: list(EventCursor.objects.all()),
        lambda: EventCursor.objects.update(seq=1),
        lambda: EventCursor.objects.filter(seq=1).delete(),
        lambda: list(Club.objects.filter(pk__in=EventCursor.objects.values("club_id"))),
        lambda: EventCursor.objects.create(consumer="x"),
        lambda: EventCursor.objects.bulk_create([EventCursor(consumer="x")]),
    ],
)
def test_without_a_scope_every_act_is_an_error(read: object) -> None:
    with pytest.raises(ScopeMissing):
        read()  # type: ignore[operator]


def test_the_policy_errors_without_a_club_even_for_raw_sql(club: Club) -> None:
    from core.tenancy.scope import NOBODY, _scope

    token = _scope.set(NOBODY)
    try:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM core_eventcursor")
    finally:
        _scope.reset(token)


def test_raw_sql_cannot_write_a_row_of_another_club(club: Club, other_club: Club) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_eventcursor (club_id, consumer, seq) VALUES (%s, 'x', 0)", [other_club.pk])


def test_saving_a_row_of_another_club_is_refused(club: Club, other_club: Club) -> None:
    with pytest.raises(ScopeMissing):
        EventCursor.objects.create(club=other_club, consumer="x")


def test_cross_club_reads_all_and_writes_nothing(club: Club, other_club: Club) -> None:
    EventCursor.objects.create(consumer="a")
    with club_scope(other_club):
        EventCursor.objects.create(consumer="a")

    with cross_club("a test"):
        assert EventCursor.objects.filter(club__in=[club, other_club]).count() == 2
        with pytest.raises(DatabaseError), transaction.atomic():
            EventCursor.objects.update(seq=9)
    assert EventCursor.objects.get().seq == 0


def test_the_scope_is_said_again_after_a_savepoint_rolled_back(club: Club, other_club: Club) -> None:
    EventCursor.objects.create(consumer="a")

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with club_scope(other_club):
            EventCursor.objects.count()
            raise ZeroDivisionError

    assert EventCursor.objects.count() == 1


def test_history_refuses_change_in_model_rights_and_trigger(club: Club) -> None:
    entry = AuditEntry.objects.create(actor="user:1", action="x", target="y:1")

    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        AuditEntry.objects.update(action="z")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        DomainEvent.objects.update(kind="z")


@pytest.mark.django_db
def test_the_checks_find_no_way_around_the_walls() -> None:
    assert check_models(None) == []
    assert check_database(["default"]) == []
