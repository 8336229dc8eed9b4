"""Several at one ticket: one of them gets it, states are not overwritten, and what guards that is needed."""

from collections.abc import Callable
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from core.errors import Conflict, Throttled
from core.models import Club
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads, until_somebody_waits_for_a_lock
from tests.tickets.acts import answers, asks, history, picture, writes
from tickets import checks, handing, limits, services, writing
from tickets.departments import archive_department
from tickets.files import KeptFile, SentFile, kept
from tickets.handing import take
from tickets.limits import refuse_flood
from tickets.models import Comment, Department, Ticket, TicketSettings
from tickets.moving import close, reopen, solve
from tickets.reading import AnsweredMeanwhile
from tickets.selectors import get_ticket

AGENTS = 16


def free_ticket(club: Club) -> tuple[Ticket, list[Any]]:
    TicketSettings.objects.create(shares_out=False)
    people = [person("support", name=f"پشتیبان {n}") for n in range(AGENTS)]
    return asks(Shop(club).member()), people


def test_of_sixteen_who_grab_a_ticket_one_gets_it(committed_club: Club) -> None:
    ticket, people = free_ticket(committed_club)

    told = in_threads(
        committed_club, [lambda user=user: take(ticket.pk, user, now=NOON) for user in people], keep_errors=True
    )

    winners = [one for one in told if not isinstance(one, Exception)]
    assert len(winners) == 1 and all(isinstance(one, Conflict) for one in told if one not in winners)
    assert get_ticket(ticket.pk).assignee == winners[0].assignee


def test_without_the_condition_of_the_update_the_last_would_get_it(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, people = free_ticket(committed_club)
    monkeypatch.setattr(handing, "free", lambda ticket_id: Ticket.objects.filter(pk=ticket_id))

    told = in_threads(
        committed_club, [lambda user=user: take(ticket.pk, user, now=NOON) for user in people], keep_errors=True
    )

    assert len([one for one in told if not isinstance(one, Exception)]) > 1


def test_who_solves_closes_and_answers_at_once_leave_a_history_that_fits(committed_club: Club) -> None:
    ticket, (ali, *_others) = free_ticket(committed_club)
    acts = [
        lambda: solve(ticket.pk, user=ali, actor=ali.actor, now=NOON),
        lambda: close(ticket.pk, user=ali, actor=ali.actor, now=NOON),
        lambda: reopen(ticket.pk, actor=ali.actor, now=NOON),
        lambda: answers(ticket, ali),
    ] * 4

    in_threads(committed_club, acts, keep_errors=True)

    states = history(ticket)
    assert get_ticket(ticket.pk).status == states[-1]
    assert all(before != after for before, after in pairwise(states))


def writes_at_once(club: Club, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many of eight messages of a member pass who may write eleven a day and has written eight."""
    monkeypatch.setattr(limits, "MOST_MESSAGES", 11)
    ticket, _people = free_ticket(club)
    others = [asks(ticket.member) for _ in range(7)]
    told = in_threads(club, [lambda one=one: writes(one) for one in (ticket, *others)], keep_errors=True)
    return len([one for one in told if not isinstance(one, Throttled)])


def test_many_messages_at_once_do_not_pass_the_limit_of_a_day(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert writes_at_once(committed_club, monkeypatch) == 3


def test_without_lining_up_all_of_them_would_pass(committed_club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Barrier(8, timeout=SECONDS)

    def counts(*args: Any, opens: bool = False, **more: Any) -> None:
        refuse_flood(*args, opens=opens, **more)
        if not opens:
            counted.wait()

    monkeypatch.setattr(services, "line_up", lambda _member_id: None)
    monkeypatch.setattr(services, "refuse_flood", counts)

    assert writes_at_once(committed_club, monkeypatch) == 8


def test_pictures_are_drawn_before_anything_is_locked(committed_club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    was_locked: list[bool] = []

    def draws(sent: SentFile) -> KeptFile:
        was_locked.append(connection.in_atomic_block)
        return kept(sent)

    monkeypatch.setattr(writing, "kept", draws)
    ticket = asks(Shop(committed_club).member(), files=[picture()])
    writes(ticket, files=[picture()])
    answers(ticket, person("support"), files=[picture()])

    assert was_locked == [False, False, False]


def test_a_form_sent_by_many_at_once_writes_one_message(committed_club: Club) -> None:
    ticket, (ali, *_others) = free_ticket(committed_club)

    told = in_threads(committed_club, [lambda: answers(ticket, ali, token="t")] * 8)
    opened = in_threads(committed_club, [lambda: asks(ticket.member, token="o")] * 8)

    assert len({one.pk for one in told}) == 1 and Comment.objects.filter(ticket=ticket).count() == 2
    assert {one.number for one in opened} == {2}
    assert asks(ticket.member).number == 3


def colleagues_answer_at_once(club: Club) -> int:
    """How many of eight answers of as many colleagues go out, who all had the same messages before the eyes."""
    ticket, people = free_ticket(club)
    shown = Comment.objects.get(ticket=ticket).pk
    acts = [lambda user=user: answers(ticket, user, shown=shown) for user in people[:8]]
    told = in_threads(club, acts, keep_errors=True)
    assert all(isinstance(one, Comment | AnsweredMeanwhile) for one in told)
    return Comment.objects.filter(ticket=ticket, side="staff").count()


def test_of_colleagues_who_answer_at_once_one_goes_out_and_the_others_are_asked(committed_club: Club) -> None:
    assert colleagues_answer_at_once(committed_club) == 1


def test_without_being_asked_all_of_them_would_answer(committed_club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "refuse_crossing", lambda *_all: None)

    assert colleagues_answer_at_once(committed_club) == 8


def test_numbers_given_at_once_are_each_given_once(committed_club: Club) -> None:
    shop = Shop(committed_club)
    members = [shop.member() for _ in range(8)]

    told = in_threads(committed_club, [lambda one=one: asks(one) for one in members])

    assert sorted(one.number for one in told) == list(range(1, 9))


def test_without_the_lock_two_messages_of_one_form_would_both_be_tried(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, (ali, *_others) = free_ticket(committed_club)
    monkeypatch.setattr(services, "lock_ticket", get_ticket)

    told = in_threads(committed_club, [lambda: answers(ticket, ali, token="t")] * 8, keep_errors=True)

    # The key of the table is the last wall.
    assert any(isinstance(one, Exception) for one in told) and Comment.objects.filter(ticket=ticket).count() == 2


def opens_while_it_is_archived(
    club: Club, monkeypatch: pytest.MonkeyPatch, *, wait: Callable[[], object] | None
) -> Any:
    """What becomes of a ticket whose department is archived just after it was looked up."""
    desk = Department.objects.create(code="sales", name="فروش", position=1)
    member, archiving, reckon = Shop(club).member(), [], services.promises

    def archived_meanwhile() -> Any:
        act = [lambda: archive_department(desk.pk, actor="user:1", now=NOON)]
        archiving.append(Thread(target=lambda: in_threads(club, act, keep_errors=True)))
        archiving[0].start()
        wait() if wait else archiving[0].join()
        return reckon()

    monkeypatch.setattr(services, "promises", archived_meanwhile)
    ticket = asks(member, department="sales")
    archiving[0].join()
    desk.refresh_from_db()
    return ticket, desk


def test_a_department_is_not_archived_under_a_ticket_that_is_being_opened(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, desk = opens_while_it_is_archived(committed_club, monkeypatch, wait=until_somebody_waits_for_a_lock)

    assert ticket.department == desk and desk.archived_at is None


def test_without_the_lock_a_ticket_would_be_left_in_an_archived_department(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "department_coded", lambda code: Department.objects.filter(code=code).first())

    ticket, desk = opens_while_it_is_archived(committed_club, monkeypatch, wait=None)

    assert ticket.department == desk and desk.archived_at is not None
