"""Tickets that go to another department, and those of colleagues who have left."""

from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import transaction

from accounts.services import leave_club
from core.errors import NotFound
from core.events import consume_all
from core.models import AuditEntry, Club
from crm.notices.models import Notice
from tests.accounts.cast import person, signed_in
from tests.shop import NOON, Shop
from tests.threads import in_threads, until_somebody_waits_for_a_lock
from tests.tickets.acts import asks, writes
from tests.tickets.test_offices import department
from tickets import leaving
from tickets.changing import update_ticket
from tickets.handing import assign
from tickets.leaving import let_go_of
from tickets.models import Comment, Department, Ticket, TicketSettings
from tickets.moving import close, reopen, solve
from tickets.selectors import get_ticket, thread, ticket_for

HOUR = timedelta(hours=1)


@pytest.fixture
def cast(club: Club) -> tuple[Any, Any, Any]:
    return person("support", name="الف"), person("support", name="ب"), person("support", name="پ")


def goes(ticket: Ticket, code: str, **more: Any) -> Ticket:
    return update_ticket(ticket.pk, {"department": code, **more}, actor="user:1", now=NOON)


def told(user: Any, piece: str) -> int:
    return Notice.objects.filter(user=user, text__contains=piece).count()


def test_a_ticket_that_goes_to_another_department_is_its_peoples(shop: Shop, cast: Any) -> None:
    one, two, three = cast
    department("sales", one)
    department("money", two, three)
    asks(shop.member(), department="money")  # the first of the two has one already
    ticket = asks(shop.member(), department="sales")

    assert goes(ticket, "money").assignee == three
    assert (told(three, "سپرده شد"), told(two, "سپرده شد")) == (1, 0)
    note = thread(get_ticket(ticket.pk), for_member=False)[-1]
    assert (note.text, note.is_internal) == ("از واحد «sales» به واحد «money» سپرده شد.", True)
    with pytest.raises(NotFound):
        ticket_for(ticket.pk, one)
    entries = AuditEntry.objects.filter(target=ticket.document).order_by("pk").values_list("action", "after")
    assert list(entries)[-2:] == [
        ("ticket.update", {"department": "money"}),
        ("ticket.assign", {"assignee": three.actor}),
    ]

    # who was named gets it; who belongs to the next one, too, keeps it
    assert goes(ticket, "sales", assignee=three.pk).assignee == three
    department("both", two, three)
    assert goes(ticket, "both").assignee == three
    assert goes(ticket, "").assignee == three and thread(get_ticket(ticket.pk), for_member=True)[1:] == []


def test_where_nothing_is_shared_out_it_is_nobodys_and_all_its_people_are_told(shop: Shop, cast: Any) -> None:
    one, two, three = cast
    TicketSettings.objects.create(shares_out=False)
    department("sales", one)
    department("money", two, three)
    ticket = asks(shop.member(), department="sales")
    assign(ticket.pk, one.pk, actor="user:1", now=NOON)

    assert goes(ticket, "money").assignee is None
    assert (told(two, "سپرده شد"), told(three, "سپرده شد")) == (1, 1)

    # What has ended keeps who answered it, and nobody is told.
    assign(ticket.pk, three.pk, actor="user:1", now=NOON)
    close(ticket.pk, actor="user:1", now=NOON)
    assert goes(ticket, "sales").assignee == three and told(one, "واحد") == 0


def test_who_gives_a_ticket_away_lands_on_the_list_and_is_told(shop: Shop, cast: Any) -> None:
    one, two, _three = cast
    department("sales", one)
    department("money", two)
    ticket = asks(shop.member(), department="sales")
    desk = signed_in(one, shop.club)
    typed = {"act": "about", "kind": ticket.kind, "priority": ticket.priority, "department": "money"}

    answer = desk.post(f"/desk/tickets/{ticket.pk}/act/?owner=me", {**typed, "assignee": str(one.pk)})

    assert answer.url == "/desk/tickets/?owner=me"
    assert "به واحد «money» سپرده شد" in desk.get(answer.url).content.decode()
    assert get_ticket(ticket.pk).assignee == two and told(two, "سپرده شد") == 1


def test_open_tickets_of_who_has_left_go_to_others_who_are_told_once(shop: Shop, cast: Any) -> None:
    one, two, three = cast
    head = person("manager", name="سرپرست")
    Department.objects.filter(pk=department("money", one, two, three).pk).update(head=head)
    tickets = [asks(shop.member(), department="money") for _ in range(6)]
    for ticket in tickets:
        assign(ticket.pk, one.pk, actor="user:1", now=NOON)
    close(tickets[5].pk, actor="user:1", now=NOON)
    solve(tickets[4].pk, user=one, actor=one.actor, now=NOON)

    leave_club(one.pk, actor="user:1", now=NOON)
    for _twice in range(2):
        consume_all()

    owners = [get_ticket(ticket.pk).assignee for ticket in tickets]
    assert owners == [two, three, two, three, one, one]
    assert [told(user, "دیگر به تیکت‌ها پاسخ نمی‌دهد؛ ۲") for user in (two, three)] == [1, 1]
    assert told(head, "۴ تیکت بازش به همکاران رسید") == 1

    # What had ended goes to another as it opens again, and nobody tells who has left.
    writes(tickets[4], now=NOON + HOUR)
    reopen(tickets[5].pk, actor="user:1", now=NOON + HOUR)
    assert {get_ticket(ticket.pk).assignee for ticket in tickets[4:]} == {two, three}
    assert Notice.objects.filter(user=one, text__contains="پیام تازه").count() == 0


def test_where_nothing_is_shared_out_they_wait_for_somebody(shop: Shop, cast: Any) -> None:
    one, two, _three = cast
    TicketSettings.objects.create(shares_out=False)
    money = department("money", two)
    for code in ("", money.code):
        assign(asks(shop.member(), department=code).pk, one.pk, actor="user:1", now=NOON)
    leave_club(one.pk, actor="user:1", now=NOON)

    consume_all()

    assert not Ticket.objects.exclude(assignee=None).exists()
    waits = Notice.objects.filter(text__contains="۱ تیکت بازش بدون مسئول ماند")
    assert [(notice.user, notice.right) for notice in waits.order_by("pk")] == [
        *((None, "answer_tickets"), (two, ""), (None, "manage_tickets")),
    ]


def test_who_still_answers_in_another_role_keeps_them(shop: Shop, cast: Any) -> None:
    ticket = asks(shop.member())

    assert let_go_of(ticket.assignee.pk, actor="system", now=NOON) == 0
    assert get_ticket(ticket.pk).assignee == ticket.assignee


def left_while_handed_on(club: Club, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """Whose a ticket is that a colleague gives to another just while that of a leaver are given on."""
    one, _two, three = (person("support", name=name) for name in "ابپ")
    ticket = asks(Shop(club).member())
    assign(ticket.pk, one.pk, actor="user:1", now=NOON)
    for _busy in range(2):
        assign(asks(ticket.member).pk, three.pk, actor="user:1", now=NOON)
    leave_club(one.pk, actor="user:1", now=NOON)
    giving = Thread(target=in_threads, args=(club, [partial(let_go_of, one.pk, actor="system", now=NOON)]))
    with transaction.atomic():
        assign(ticket.pk, three.pk, actor="user:1", now=NOON)
        giving.start()
        until_somebody_waits_for_a_lock()
    giving.join()
    return get_ticket(ticket.pk).assignee, three


def test_a_ticket_that_was_handed_on_meanwhile_is_not_given_to_somebody_else(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, three = left_while_handed_on(committed_club, monkeypatch)

    assert owner == three


def test_without_the_lock_it_would_be_taken_from_them(committed_club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "held_by", lambda user_id: Ticket.objects.filter(assignee=user_id))

    owner, three = left_while_handed_on(committed_club, monkeypatch)

    assert owner != three


def test_no_line_of_a_thread_is_an_answer(shop: Shop, cast: Any) -> None:
    department("money", cast[1])
    ticket = goes(asks(shop.member()), "money")

    assert ticket.first_answer_at is None and Comment.objects.filter(ticket=ticket, is_internal=False).count() == 1
