"""Promises that are watched, and what stays solved."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.services import leave_club
from core.models import Club
from crm.notices.models import Notice
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, writes
from tickets import tasks
from tickets.models import Department, DepartmentPerson, Ticket
from tickets.moving import reopen, solve
from tickets.selectors import get_ticket
from tickets.tasks import close_solved, clubs_with_promises, give_on, watch_promises

HOUR = timedelta(hours=1)


@pytest.fixture
def ali(club: Club) -> Any:
    return person("support", name="علی")


def told(user: Any, piece: str) -> int:
    return Notice.objects.filter(user=user, text__contains=piece).count()


def test_who_answers_is_warned_once_and_the_head_hears_of_what_is_late_once(shop: Shop, ali: Any) -> None:
    head = person("manager", name="مدیر")
    desk = Department.objects.create(code="sales", name="فروش", position=1, head=head)
    DepartmentPerson.objects.create(department=desk, user=ali)
    ticket = asks(shop.member(), department="sales")  # due in four hours

    outcomes = [watch_promises(now=NOON + after * HOUR) for after in (1, 3.2, 3.5, 4.1, 5)]

    assert outcomes == [
        *("0 warned, 0 escalated", "1 warned, 0 escalated", "0 warned, 0 escalated"),
        *("0 warned, 1 escalated", "0 warned, 0 escalated"),
    ]
    assert (told(ali, "نزدیک"), told(ali, "گذشت"), told(head, "گذشت")) == (1, 1, 1)
    assert get_ticket(ticket.pk).escalated_at == NOON + 4.1 * HOUR


def test_while_the_member_is_waited_for_nobody_is_warned(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())
    answers(ticket, ali)

    assert watch_promises(now=NOON + timedelta(days=30)) == "0 warned, 0 escalated"


def test_what_stays_solved_is_closed_after_the_days_that_the_club_chose(shop: Shop, ali: Any) -> None:
    stays, goes_on = asks(shop.member()), asks(shop.member())
    for one in (stays, goes_on):
        solve(one.pk, user=ali, actor=ali.actor, now=NOON)
    reopen(goes_on.pk, actor="user:1", now=NOON + HOUR)

    early, late = (close_solved(now=NOON + timedelta(days=days)) for days in (7, 7.01))

    assert (early, late) == ("0 closed", "1 closed")
    assert [get_ticket(one.pk).status for one in (stays, goes_on)] == ["closed", "waiting_for_us"]


def test_only_clubs_with_something_due_are_looked_at(committed_club: Club) -> None:
    assert committed_club.pk not in clubs_with_promises()

    asks(Shop(committed_club).member())

    assert committed_club.pk in clubs_with_promises()


def test_what_the_member_opened_again_meanwhile_is_not_closed_by_the_night(
    shop: Shop, ali: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = asks(shop.member())
    solve(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    lock = tasks.lock_ticket

    def written_on(ticket_id: int) -> Any:
        writes(ticket, now=NOON + HOUR)
        return lock(ticket_id)

    monkeypatch.setattr(tasks, "lock_ticket", written_on)

    assert close_solved(now=NOON + timedelta(days=8)) == "0 closed"
    assert get_ticket(ticket.pk).status == "waiting_for_us"


def test_a_warning_before_days_on_which_nobody_works_finds_its_club(committed_club: Club) -> None:
    asks(Shop(committed_club).member())
    Ticket.objects.update(due_at=timezone.now() + timedelta(days=5))

    assert committed_club.pk in clubs_with_promises()
    Ticket.objects.update(warned_at=timezone.now())
    assert committed_club.pk not in clubs_with_promises()


def test_what_came_to_somebody_just_as_they_left_is_given_on_at_night(shop: Shop, ali: Any) -> None:
    mina = person("support", name="مینا")
    kept = asks(shop.member())
    Ticket.objects.update(assignee=mina)
    late = asks(shop.member())
    leave_club(ali.pk, actor="user:1", now=NOON)

    assert [give_on(now=NOON + after * HOUR) for after in (1, 2)] == ["1 given on", "0 given on"]
    assert (get_ticket(late.pk).assignee, get_ticket(kept.pk).assignee) == (mina, mina)
