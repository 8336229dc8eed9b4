"""The report of support: figures that are reckoned by hand."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.models import Club
from reports.ranges import Span
from reports.support import Complaints, Support, Week, after_complaints, backlog, by_agent, of_all
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, writes
from tickets.handing import assign
from tickets.merging import merge
from tickets.moving import close, rate, reopen, solve

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOVEMBER = Span(date(2026, 11, 21), date(2026, 12, 20))


@pytest.fixture
def people(club: Club) -> tuple[Any, Any]:
    return person("support", name="الف"), person("support", name="ب")


def test_first_answer_solution_and_rating_are_those_reckoned_by_hand(shop: Shop, people: Any) -> None:
    one, two = people
    # Thursday 13:00 to Saturday 10:00: an hour, a Friday, another hour.
    night = asks(shop.member(), now=NOON + 4 * DAY + HOUR)
    answers(night, one, now=NOON + 6 * DAY - 2 * HOUR)
    # Answered within three hours, solved after two more of ours; the member took a day.
    slow = asks(shop.member(), now=NOON)
    answers(slow, two, now=NOON + 3 * HOUR)
    writes(slow, now=NOON + DAY)
    solve(slow.pk, user=two, actor=two.actor, now=NOON + DAY + 2 * HOUR)
    rate(slow.pk, 4, actor="member:1", now=NOON + 2 * DAY)
    asks(shop.member(), now=NOON + 40 * DAY)  # not in these days

    first, second = by_agent(NOVEMBER)

    assert (first.user, first.tickets, first.open, first.answered, first.kept) == (one, 1, 1, 1, 1)
    assert first.answer_seconds == 2 * 3600 and first.rating is None
    assert (second.user, second.solved, second.rated, second.rating) == (two, 1, 1, 4)
    assert (second.answer_seconds, second.solve_seconds) == (3 * 3600, 5 * 3600)
    assert (of_all(NOVEMBER).tickets, of_all(NOVEMBER).answer_seconds) == (2, 2.5 * 3600)


def test_each_act_counts_for_who_did_it_and_not_for_who_looks_after_the_ticket_now(shop: Shop, people: Any) -> None:
    one, two = people
    three = person("support", name="پ")
    # The first answers after an hour, the second solves after two more, and it lies with the third by now.
    handed = asks(shop.member(), now=NOON)
    answers(handed, one, now=NOON + HOUR)
    solve(handed.pk, user=two, actor=two.actor, now=NOON + HOUR)
    rate(handed.pk, 5, actor="member:1", now=NOON + 2 * HOUR)
    assign(handed.pk, three.pk, actor=one.actor, now=NOON + 3 * HOUR)
    # The second answers one that is nobody's any more.
    left = asks(shop.member(), now=NOON)
    answers(left, two, now=NOON + 2 * HOUR)
    answers(left, one, now=NOON + 3 * HOUR)
    assign(left.pk, None, actor=one.actor, now=NOON + 3 * HOUR)

    rows = {row.user: row for row in by_agent(NOVEMBER)}

    assert list(rows) == [three, one, two, None]
    assert rows[one] == Support(one, answered=1, kept=1, answer_seconds=3600)
    done = {"solved": 1, "solve_seconds": 3600, "rated": 1, "rating": 5}
    assert rows[two] == Support(two, answered=1, kept=1, answer_seconds=2 * 3600, **done)
    assert rows[three] == Support(three, tickets=1)
    assert rows[None] == Support(None, tickets=1, open=1)
    whole = of_all(NOVEMBER)
    assert (whole.tickets, whole.answered, whole.solved) == (2, 2, 1)


def test_the_backlog_is_what_was_open_at_the_end_of_each_week(shop: Shop, people: Any) -> None:
    asks(shop.member(), now=NOON - 30 * DAY)  # still open
    one, two = asks(shop.member(), now=NOON), asks(shop.member(), now=NOON + DAY)
    close(one.pk, actor="user:1", now=NOON + 6 * DAY)  # on Saturday of the next week
    close(two.pk, actor="user:1", now=NOON + 2 * DAY)
    reopen(two.pk, actor="user:1", now=NOON + 8 * DAY)

    weeks = backlog(Span(date(2026, 11, 24), date(2026, 11, 30)))

    assert weeks == [Week(date(2026, 11, 21), 2, 1, 2), Week(date(2026, 11, 28), 1, 1, 2)]


def test_a_ticket_counts_once_a_week_however_often_it_is_closed_and_reopened(shop: Shop, people: Any) -> None:
    hour = (NOON + n * HOUR for n in range(100))
    # Open from before the week to after it; opened and ended in it; opened in it and left open. Each closed twice.
    before, ends, stays = (asks(shop.member(), now=at) for at in (NOON - 7 * DAY, next(hour), next(hour)))
    for ticket in (before, ends, stays):
        for _time in range(2):
            close(ticket.pk, actor="user:1", now=next(hour))
            reopen(ticket.pk, actor="user:1", now=next(hour))
    solve(ends.pk, user=None, actor="user:1", now=next(hour))
    close(ends.pk, actor="user:1", now=next(hour))
    # And once more a week later: opened again and ended again there.
    reopen(ends.pk, actor="user:1", now=NOON + 7 * DAY)
    close(ends.pk, actor="user:1", now=NOON + 8 * DAY)

    first, second, third = backlog(Span(date(2026, 11, 14), date(2026, 12, 4)))

    assert first == Week(date(2026, 11, 14), 1, 0, 1)
    assert second == Week(date(2026, 11, 21), opened=2, ended=1, backlog=2)
    assert third == Week(date(2026, 11, 28), opened=1, ended=1, backlog=2)


def test_what_was_done_before_a_merge_stays_with_who_did_it(shop: Shop, people: Any) -> None:
    one, two = people
    member = shop.member()
    gone, stays = asks(member, now=NOON), asks(member, now=NOON)
    answers(gone, one, now=NOON + HOUR)
    solve(gone.pk, user=one, actor=one.actor, now=NOON + 2 * HOUR)
    rate(gone.pk, 2, actor="member:1", now=NOON + 2 * HOUR)
    answers(stays, two, now=NOON + 3 * HOUR)

    merge(gone.pk, stays.pk, actor=one.actor, now=NOON + 4 * HOUR)

    rows, whole = {row.user: row for row in by_agent(NOVEMBER)}, of_all(NOVEMBER)
    done = {"solved": 1, "solve_seconds": rows[one].solve_seconds, "rated": 1, "rating": 2}
    assert rows[one] == Support(one, answered=1, kept=1, answer_seconds=3600, **done)
    assert (whole.tickets, whole.open, whole.answered, whole.solved) == (1, 1, 2, 1)
    assert (whole.rated, whole.rating, whole.answer_seconds) == (1, 2, 2 * 3600)
    for name in ("tickets", "open", "answered", "kept", "solved", "rated"):
        assert sum(getattr(row, name) for row in rows.values()) == getattr(whole, name)


def test_a_complaint_counts_from_its_solution_and_not_from_its_closing_a_week_later(shop: Shop, people: Any) -> None:
    one, _two = people
    member = shop.member()
    ticket = asks(member, kind="complaint", now=NOON)
    answers(ticket, one, now=NOON)
    shop.buys(member, 1_000_000, now=NOON + HOUR)
    solve(ticket.pk, user=one, actor=one.actor, now=NOON + 2 * HOUR)
    shop.buys(member, 2_000_000, now=NOON + 3 * DAY)
    shop.buys(member, 4_000_000, now=NOON + 91 * DAY)
    day = Span(date(2026, 11, 22), date(2026, 11, 22))

    solved = after_complaints(day, now=NOON + 4 * DAY)
    close(ticket.pk, actor="user:1", now=NOON + 7 * DAY)
    closed = after_complaints(day, now=NOON + 8 * DAY)

    assert solved == closed == Complaints(ended=1, members=1, bought=1, running=1, purchases=1, spent=2_000_000)
    assert after_complaints(Span(day.first + 7 * DAY, day.first + 7 * DAY), now=NOON + 8 * DAY).ended == 0


def test_purchases_within_ninety_days_after_a_complaint_are_counted(shop: Shop, people: Any) -> None:
    one, _two = people
    comes, late, gone = (shop.member() for _ in range(3))
    for member in (comes, late, gone):
        ticket = asks(member, kind="complaint")
        answers(ticket, one)
        close(ticket.pk, user=one, actor=one.actor, now=NOON)
    shop.buys(comes, 1_000_000, now=NOON - DAY)
    shop.buys(comes, 2_000_000, now=NOON + DAY)
    shop.buys(late, 3_000_000, now=NOON + 91 * DAY)
    # A second complaint of one member: still one person, and what is bought after both is bought once.
    again = asks(comes, kind="complaint")
    answers(again, one)
    close(again.pk, user=one, actor=one.actor, now=NOON + HOUR)
    shop.buys(comes, 500_000, now=NOON + 2 * DAY)

    there = {"ended": 4, "members": 3, "bought": 1, "purchases": 2, "spent": 2_500_000}
    assert after_complaints(NOVEMBER, now=NOON + 30 * DAY) == Complaints(running=3, **there)
    assert after_complaints(NOVEMBER, now=NOON + 100 * DAY) == Complaints(running=0, **there)
