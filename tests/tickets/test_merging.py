"""Tickets that belong together."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.errors import Conflict, NotFound
from core.events import consume_all
from core.models import AuditEntry, Club
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, sent_sms, writes
from tickets.changing import update_ticket
from tickets.merging import link, linked_to, merge, merged_in, separate, unlink
from tickets.models import Ticket
from tickets.moving import Unanswered, close, reopen, solve
from tickets.selectors import get_ticket, member_counts, thread
from tickets.services import NewTicket, open_ticket


@pytest.fixture
def ali(club: Club) -> Any:
    return person("support", name="علی")


def test_one_goes_on_in_the_other_until_it_is_opened_again(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    complaint, question = asks(sara, kind="complaint", text="خراب بود"), asks(sara, text="کی می‌رسد؟")

    merge(complaint.pk, question.pk, actor=ali.actor, now=NOON)

    question = get_ticket(question.pk)
    assert question.kind == "complaint" and [one.text for one in thread(question, for_member=True)] == [
        *("خراب بود", "کی می‌رسد؟"),
    ]
    assert member_counts(sara.pk) == {"open": 1, "ended": 0}
    answers(complaint, ali, is_internal=True)
    with pytest.raises(Conflict):
        answers(get_ticket(complaint.pk), ali)

    with pytest.raises(Conflict):
        reopen(complaint.pk, actor=ali.actor, now=NOON)
    separate(complaint.pk, actor=ali.actor, now=NOON)
    assert get_ticket(complaint.pk).status == "new" and member_counts(sara.pk)["open"] == 2
    assert [one.text for one in thread(get_ticket(question.pk), for_member=True)] == ["کی می‌رسد؟"]
    with pytest.raises(Conflict):
        separate(complaint.pk, actor=ali.actor, now=NOON)


def test_what_is_separated_is_as_it_was_and_so_is_the_other(shop: Shop, ali: Any) -> None:
    # Given an answered question into which go a complaint, one that was solved, and one that was closed
    sara, later = shop.member(), NOON + timedelta(hours=2)
    into, complaint, solved, closed = asks(sara), asks(sara, kind="complaint"), asks(sara), asks(sara)
    due = complaint.due_at or NOON
    answers(into, ali)
    solve(solved.pk, user=ali, actor=ali.actor, now=NOON)
    close(closed.pk, user=ali, actor=ali.actor, now=NOON)
    for one in (solved, closed, complaint):
        merge(one.pk, into.pk, actor=ali.actor, now=NOON + timedelta(hours=1))
    assert (get_ticket(into.pk).kind, get_ticket(into.pk).status) == ("complaint", "waiting_for_us")
    assert merged_in(into) == [closed, solved, complaint]
    told = len(sent_sms(sara))

    # When each is separated
    for one in (complaint, solved, closed):
        separate(one.pk, actor=ali.actor, now=later)

    # Then each is as it was, with the hour of the merge added to what was promised, and nobody hears of it twice
    assert [get_ticket(one.pk).status for one in (complaint, solved, closed)] == ["new", "solved", "closed"]
    assert get_ticket(complaint.pk).due_at == due + timedelta(hours=1)
    assert get_ticket(closed.pk).closed_at == NOON and get_ticket(solved.pk).closed_at is None
    assert (get_ticket(into.pk).kind, get_ticket(into.pk).status) == ("question", "waiting_for_member")
    assert get_ticket(into.pk).due_at is None and merged_in(into) == [] and len(sent_sms(sara)) == told
    assert AuditEntry.objects.filter(action="ticket.separate").count() == 3


def test_what_happened_since_a_merge_is_not_taken_back(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    into, complaint, other = asks(sara), asks(sara, kind="complaint"), asks(sara, kind="complaint")
    answers(into, ali)
    merge(complaint.pk, into.pk, actor=ali.actor, now=NOON)
    merge(other.pk, into.pk, actor=ali.actor, now=NOON)
    writes(into, "و یک چیز دیگر", now=NOON + timedelta(hours=1))

    separate(complaint.pk, actor=ali.actor, now=NOON + timedelta(hours=2))
    assert (get_ticket(into.pk).kind, get_ticket(into.pk).status) == ("complaint", "waiting_for_us")
    update_ticket(into.pk, {"priority": "low"}, actor=ali.actor, now=NOON)
    separate(other.pk, actor=ali.actor, now=NOON + timedelta(hours=2))
    assert (get_ticket(into.pk).kind, get_ticket(into.pk).status) == ("question", "waiting_for_us")

    # A kind that somebody chose meanwhile stays
    merge(other.pk, into.pk, actor=ali.actor, now=NOON)
    answers(into, ali)
    update_ticket(into.pk, {"kind": "request"}, actor=ali.actor, now=NOON)
    separate(other.pk, actor=ali.actor, now=NOON)
    assert get_ticket(into.pk).kind == "request"


def test_those_merged_before_come_along_and_go_back_along(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    first, second, third = asks(sara, kind="complaint"), asks(sara, kind="request"), asks(sara)
    merge(first.pk, second.pk, actor=ali.actor, now=NOON)
    merge(second.pk, third.pk, actor=ali.actor, now=NOON + timedelta(hours=1))
    assert get_ticket(first.pk).merged_into == third and get_ticket(first.pk).updated_at == NOON + timedelta(hours=1)

    separate(second.pk, actor=ali.actor, now=NOON + timedelta(hours=2))
    assert get_ticket(first.pk).updated_at == NOON + timedelta(hours=2)
    assert get_ticket(first.pk).merged_into == second and get_ticket(third.pk).kind == "question"
    assert get_ticket(second.pk).kind == "complaint"

    merge(second.pk, third.pk, actor=ali.actor, now=NOON)
    separate(first.pk, actor=ali.actor, now=NOON)
    assert get_ticket(third.pk).kind == "question" and get_ticket(second.pk).merged_into == third
    assert get_ticket(separate(second.pk, actor=ali.actor, now=NOON).pk).kind == "request"


def test_an_answer_under_either_lets_a_complaint_end(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    one, two = asks(sara, kind="complaint"), asks(sara, kind="complaint")
    answers(one, ali)
    merge(one.pk, two.pk, actor=ali.actor, now=NOON)

    assert close(two.pk, user=ali, actor=ali.actor, now=NOON).status == "closed"


def test_an_answer_from_before_a_complaint_does_not_let_it_end(shop: Shop, ali: Any) -> None:
    # Given a question that was answered before its member complained, and then a talk that was written down
    sara = shop.member()
    into = asks(sara)
    answers(into, ali)
    complaint, talk = asks(sara, kind="complaint"), asks(sara)
    note = NewTicket(subject="تلفنی گفت هنوز منتظر است", text="پشت تلفن گفت.")
    told = open_ticket(sara.pk, note, actor=ali.actor, now=NOON, user=ali)

    # When all of it goes on in the question
    for one in (complaint, talk, told):
        merge(one.pk, into.pk, actor=ali.actor, now=NOON)

    # Then it ends only after somebody has answered the complaint
    for end in (solve, close):
        with pytest.raises(Unanswered):
            end(into.pk, user=ali, actor=ali.actor, now=NOON)
    with pytest.raises(Unanswered):
        update_ticket(into.pk, {"kind": "question"}, actor=ali.actor, now=NOON)
    answers(into, ali, "میان خودمان", is_internal=True)
    with pytest.raises(Unanswered):
        close(into.pk, user=ali, actor=ali.actor, now=NOON)
    separate(complaint.pk, actor=ali.actor, now=NOON)
    with pytest.raises(Unanswered):
        close(complaint.pk, user=ali, actor=ali.actor, now=NOON)
    merge(complaint.pk, into.pk, actor=ali.actor, now=NOON)
    answers(into, ali, "پوزش می‌خواهیم.")
    assert close(into.pk, user=ali, actor=ali.actor, now=NOON).status == "closed"


def test_merged_complaints_are_followed_up_once_and_one_that_comes_later_once_more(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    now = timezone.now()
    first, second, third = (asks(sara, kind="complaint", now=now) for _ in range(3))
    into = asks(sara, now=now)

    def ends(ticket: Ticket) -> list[int | None]:
        """What is followed up when the ticket was answered and closed."""
        answers(ticket, ali, now=timezone.now())
        close(ticket.pk, user=ali, actor=ali.actor, now=timezone.now())
        consume_all()
        return list(Ticket.objects.filter(kind="task").order_by("pk").values_list("follows", flat=True))

    def joins(ticket: Ticket, to: Ticket) -> None:
        merge(ticket.pk, to.pk, actor=ali.actor, now=timezone.now())

    def goes_on(ticket: Ticket) -> None:
        reopen(ticket.pk, actor=ali.actor, now=timezone.now())

    assert ends(first) == [first.pk]
    joins(first, into)  # it has been followed up already
    assert ends(into) == [first.pk]
    goes_on(into)
    joins(second, into)
    assert ends(into) == [first.pk, into.pk]
    goes_on(into)
    assert ends(into) == [first.pk, into.pk]
    goes_on(into)
    joins(third, into)
    assert ends(into) == [first.pk, into.pk, third.pk]
    goes_on(into)
    assert ends(into) == [first.pk, into.pk, third.pk]


def test_a_complaint_that_was_opened_again_at_once_is_followed_up_when_it_has_ended(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member(), kind="complaint")
    answers(ticket, ali)
    tasks = Ticket.objects.filter(kind="task")

    close(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    reopen(ticket.pk, actor=ali.actor, now=NOON)
    consume_all()
    assert not tasks.exists()

    close(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    consume_all()
    assert tasks.count() == 1


def test_only_tickets_of_one_member_are_merged(shop: Shop, ali: Any) -> None:
    mine, theirs = asks(shop.member()), asks(shop.member())

    for other in (theirs.pk, mine.pk):
        with pytest.raises(Conflict):
            merge(mine.pk, other, actor=ali.actor, now=NOON)


def test_links_are_seen_from_both_sides_and_taken_back(shop: Shop, ali: Any) -> None:
    one, two = asks(shop.member()), asks(shop.member())

    for _again in range(2):
        link(two.pk, one.number, actor=ali.actor)

    assert linked_to(one, ali) == [two] and linked_to(two, ali) == [one]
    unlink(one.pk, two.pk, actor=ali.actor)
    assert linked_to(one, ali) == []
    with pytest.raises(NotFound):
        unlink(one.pk, two.pk, actor=ali.actor)
    with pytest.raises(Conflict):
        link(one.pk, one.number, actor=ali.actor)


def test_what_has_ended_takes_no_other_in_and_our_turn_stays_ours(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    complaint, answered, ended = asks(sara, kind="complaint"), asks(sara), asks(sara)
    answers(answered, ali)
    close(ended.pk, actor="user:1", now=NOON)

    with pytest.raises(Conflict):
        merge(complaint.pk, ended.pk, actor=ali.actor, now=NOON)
    merge(complaint.pk, answered.pk, actor=ali.actor, now=NOON)

    into = get_ticket(answered.pk)
    assert into.status == "waiting_for_us" and into.due_at is not None
