"""The report of support: figures that are reckoned by hand."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.models import Club
from reports.ranges import Span
from reports.support import Complaints, Week, after_complaints, backlog, by_agent, of_all
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, writes
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


def test_the_backlog_is_what_was_open_at_the_end_of_each_week(shop: Shop, people: Any) -> None:
    asks(shop.member(), now=NOON - 30 * DAY)  # still open
    one, two = asks(shop.member(), now=NOON), asks(shop.member(), now=NOON + DAY)
    close(one.pk, actor="user:1", now=NOON + 6 * DAY)  # on Saturday of the next week
    close(two.pk, actor="user:1", now=NOON + 2 * DAY)
    reopen(two.pk, actor="user:1", now=NOON + 8 * DAY)

    weeks = backlog(Span(date(2026, 11, 24), date(2026, 11, 30)))

    assert weeks == [Week(date(2026, 11, 21), 2, 1, 2), Week(date(2026, 11, 28), 1, 1, 2)]


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

    assert after_complaints(NOVEMBER, now=NOON + 30 * DAY) == Complaints(3, 1, 3, 2_000_000)
    assert after_complaints(NOVEMBER, now=NOON + 100 * DAY) == Complaints(3, 1, 0, 2_000_000)
