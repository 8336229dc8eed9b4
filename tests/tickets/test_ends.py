"""How a ticket ends: each end told once, an answer and the end in one, and what its member says of it."""

from datetime import timedelta
from typing import Any

import pytest

from core.errors import Conflict, ValidationFailed
from core.models import AuditEntry, Club
from crm.notices.models import Notice
from sms.models import OutboxMessage
from tests.accounts.cast import person
from tests.crm.occasions.acts import FIFTY, hear, points
from tests.offering import publish
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, history, sent_sms, writes
from tickets.merging import merge
from tickets.models import Comment, Department, DepartmentPerson, StatusChange, Ticket
from tickets.moving import close, rate, reopen, solve
from tickets.selectors import get_ticket
from tickets.services import Message, answer_and_solve, write_as_member
from tickets.tasks import close_solved

HOUR = timedelta(hours=1)


@pytest.fixture
def ali(club: Club) -> Any:
    return person("support", name="علی")


def solves(ticket: Ticket, ali: Any, *, now: Any = NOON) -> None:
    solve(ticket.pk, user=ali, actor=ali.actor, now=now)


def told_ends(ticket: Ticket) -> tuple[int, int]:
    """How often its member was told of an end, by notice and by SMS, each of them of another one."""
    documents = [
        list(rows.filter(document__startswith=f"ticket_end:{ticket.pk}:").values_list("document", flat=True))
        for rows in (Notice.objects.filter(member=ticket.member_id), OutboxMessage.objects.all())
    ]
    assert all(len(set(one)) == len(one) for one in documents)
    return len(documents[0]), len(documents[1])


def told_of(member: Any) -> Any:
    return Notice.objects.filter(member=member, document__startswith="ticket_end:")


def test_each_end_is_told_once_by_notice_and_by_sms(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())

    solves(ticket, ali)
    writes(ticket, now=NOON + HOUR)  # which opens it again, without a reopening
    solves(ticket, ali, now=NOON + 2 * HOUR)
    assert told_ends(ticket) == (2, 2)

    close_solved(now=NOON + timedelta(days=8))  # what was told solved is closed by the night, silently
    assert (get_ticket(ticket.pk).status, told_ends(ticket)) == ("closed", (2, 2))

    reopen(ticket.pk, actor=ali.actor, now=NOON + timedelta(days=9))
    close(ticket.pk, user=ali, actor=ali.actor, now=NOON + timedelta(days=9))
    assert told_ends(ticket) == (3, 3)


def test_an_answer_that_solves_is_one_message_one_change_and_one_sms(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    ticket = asks(sara, kind="complaint")
    message = Message(text="پولتان برگشت؛ پوزش می‌خواهیم.", token="t")

    for _twice in range(2):  # the form comes twice
        answer_and_solve(ticket.pk, message, user=ali, actor=ali.actor, now=NOON + HOUR)

    ticket = get_ticket(ticket.pk)
    assert (ticket.status, ticket.first_answer_at, ticket.answer_seconds) == ("solved", NOON + HOUR, 3600)
    assert (ticket.solve_seconds, ticket.solved_by) == (3600, ali)
    assert history(ticket) == ["new", "solved"]
    assert sent_sms(sara) == ["ticket_answer_end"] and told_ends(ticket) == (1, 1)
    assert AuditEntry.objects.filter(action="ticket.solves").count() == 1


def test_an_answer_to_what_has_ended_meanwhile_is_refused_and_nothing_of_it_stays(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())
    solves(ticket, ali)

    with pytest.raises(Conflict):
        answer_and_solve(ticket.pk, Message(text="من هم"), user=ali, actor=ali.actor, now=NOON)

    assert Comment.objects.count() == 1 and StatusChange.objects.count() == 2 and told_ends(ticket) == (1, 1)


def test_what_ended_without_an_answer_is_told_so_and_asks_for_no_stars(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    actor, quiet, answered, own = f"member:{sara.pk}", asks(sara), asks(sara), asks(sara)
    first = asks(sara)
    answers(first, ali)
    merge(first.pk, answered.pk, actor=ali.actor, now=NOON)

    close(quiet.pk, user=ali, actor=ali.actor, now=NOON)
    solves(get_ticket(answered.pk), ali)  # the answer stands in what was merged into it
    close(own.pk, actor=actor, now=NOON, by_member=True)

    asked = {one.document.split(":")[1]: "راضی بودی" in one.text for one in told_of(sara)}
    assert asked == {str(quiet.pk): False, str(answered.pk): True}
    assert sent_sms(sara) == ["ticket_answer", "ticket_end_alone", "ticket_end"]
    for ticket in (quiet, own):
        with pytest.raises(Conflict):
            rate(ticket.pk, 1, actor=actor, now=NOON)
    assert rate(answered.pk, 4, actor=actor, now=NOON).rating == 4


def test_a_member_who_writes_under_a_closed_ticket_opens_it_in_the_same_act(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())
    close(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    act: dict[str, Any] = {"actor": f"member:{ticket.member_id}", "now": NOON + HOUR}

    with pytest.raises(Conflict):
        write_as_member(ticket.pk, Message(text="هنوز نه"), **act)
    with pytest.raises(ValidationFailed):  # what is not written opens nothing
        write_as_member(ticket.pk, Message(text=" "), reopens=True, **act)
    assert history(ticket) == ["new", "closed"]
    for _twice in range(2):
        write_as_member(ticket.pk, Message(text="هنوز نه", token="t"), reopens=True, **act)

    assert history(ticket) == ["new", "closed", "waiting_for_us"] and Comment.objects.count() == 2
    ticket = get_ticket(ticket.pk)
    assert (ticket.reopened, ticket.closed_at, ticket.member_wrote_at) == (1, None, NOON + HOUR)
    assert AuditEntry.objects.filter(action="ticket.reopens").count() == 1


def test_a_task_is_noted_and_done_and_its_member_hears_nothing(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    task = asks(sara, kind="task", channel="desk")

    answer_and_solve(task.pk, Message(text="زنگ زدم"), user=ali, actor=ali.actor, now=NOON)

    assert get_ticket(task.pk).status == "solved" and sent_sms(sara) == []
    assert not Notice.objects.filter(member=sara).exists()


def test_what_ends_anew_is_rated_anew_and_the_head_hears_of_few_stars(shop: Shop, ali: Any) -> None:
    sara, head = shop.member(), person("manager", name="مدیر")
    desk = Department.objects.create(code="sales", name="فروش", position=1, head=head)
    DepartmentPerson.objects.create(department=desk, user=ali)
    ticket, actor = asks(sara, department="sales"), f"member:{sara.pk}"
    answers(ticket, ali)

    def rated(stars: int, *, now: Any) -> Ticket:
        return rate(ticket.pk, stars, actor=actor, now=now)

    def told() -> int:
        return Notice.objects.filter(user=head, text__contains="ستاره").count()

    solves(ticket, ali)
    assert rated(5, now=NOON + HOUR).is_rated and told() == 0
    assert get_ticket(ticket.pk).updated_at == NOON + HOUR
    rated(2, now=NOON + 2 * HOUR)
    rated(1, now=NOON + 2 * HOUR)
    assert told() == 1

    reopen(ticket.pk, actor=actor, now=NOON + 3 * HOUR)
    solves(ticket, ali, now=NOON + 4 * HOUR)
    assert not get_ticket(ticket.pk).is_rated and get_ticket(ticket.pk).rating == 1
    assert rated(1, now=NOON + 5 * HOUR).is_rated and told() == 2


def test_offers_answer_to_a_ticket_once_and_not_where_its_member_was_alone(shop: Shop, ali: Any) -> None:
    for name, stacking in (("هر بار", "always"), ("بهترین", "best"), ("باخته", "best")):
        publish(name, FIFTY, trigger="ticket_closed", stacking=stacking)
    sara = shop.member()
    ticket, other = asks(sara), asks(sara, channel="desk")

    for one in (ticket, other):  # closed by who opened it, before anybody had a look
        close(one.pk, actor=f"member:{sara.pk}", now=NOON, by_member=True)
        reopen(one.pk, actor=f"member:{sara.pk}", now=NOON)
    hear()
    assert points(sara) == 0

    for _again in range(2):
        answers(ticket, ali)
        close(ticket.pk, actor=f"member:{sara.pk}", now=NOON, by_member=True)
        reopen(ticket.pk, actor=f"member:{sara.pk}", now=NOON)
        hear()
    assert points(sara) == 100
    close(other.pk, user=ali, actor=ali.actor, now=NOON)  # settled on the telephone
    hear()
    assert points(sara) == 200
