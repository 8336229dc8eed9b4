"""Whose a ticket is and who may see it: departments, loads, and colleagues who are called on."""

from typing import Any

import pytest

from accounts.services import leave_club
from core.errors import NotFound, ValidationFailed
from core.models import Club
from crm.notices.models import Notice
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import PDF, answers, asks
from tickets.files import SentFile
from tickets.handing import assign
from tickets.merging import link, linked_to
from tickets.models import Attachment, Department, DepartmentPerson, TicketSettings
from tickets.moving import close
from tickets.selectors import Asked as Wanted
from tickets.selectors import bytes_of, file_for, file_for_member, inbox, open_complaints, others_of, ticket_for


@pytest.fixture
def cast(club: Club) -> tuple[Any, Any, Any]:
    return person("support", name="الف"), person("support", name="ب"), person("manager", name="مدیر")


def department(code: str, *people: Any) -> Department:
    made: Department = Department.objects.create(code=code, name=code, position=1)
    DepartmentPerson.objects.bulk_create([DepartmentPerson(department=made, user=user) for user in people])
    return made


def test_a_new_ticket_goes_to_who_has_the_fewest_open_ones(shop: Shop, cast: Any) -> None:
    one, two, _manager = cast

    first, second, third = (asks(shop.member()) for _ in range(3))
    close(first.pk, actor="user:1", now=NOON)
    close(third.pk, actor="user:1", now=NOON)
    fourth = asks(shop.member())
    TicketSettings.objects.create(shares_out=False)

    assert [first.assignee, second.assignee, third.assignee, fourth.assignee] == [one, two, one, one]
    assert asks(shop.member()).assignee is None


def test_tickets_of_a_department_are_seen_by_its_people_and_managers_alone(shop: Shop, cast: Any) -> None:
    one, two, manager = cast
    department("money", one)
    ticket = asks(shop.member(), department="money", files=[SentFile("a.pdf", PDF)])
    file = Attachment.objects.get()

    assert ticket.assignee == one
    assert [bytes_of(file_for(file.pk, user)) for user in (one, manager)] == [PDF, PDF]
    for refused in (lambda: ticket_for(ticket.pk, two), lambda: file_for(file.pk, two)):
        with pytest.raises(NotFound):
            refused()
    assert list(inbox(Wanted(), two, now=NOON)) == []


def test_who_is_called_on_sees_the_ticket_and_a_former_assignee_no_longer(shop: Shop, cast: Any) -> None:
    one, two, _manager = cast
    department("money", one)
    ticket = asks(shop.member(), department="money", files=[SentFile("a.pdf", PDF)])
    file = Attachment.objects.get()

    assign(ticket.pk, two.pk, actor="user:1", now=NOON)
    assert bytes_of(file_for(file.pk, two)) == PDF
    assign(ticket.pk, one.pk, actor="user:1", now=NOON)
    with pytest.raises(NotFound):
        file_for(file.pk, two)
    answers(ticket, one, "ببین", is_internal=True, mentions=[two.pk])
    assert bytes_of(file_for(file.pk, two)) == PDF


def test_a_department_whose_people_have_left_is_everybodys(shop: Shop, cast: Any) -> None:
    one, two, _manager = cast
    department("money", one)
    leave_club(one.pk, actor="user:1", now=NOON)

    ticket = asks(shop.member(), department="money")

    assert ticket.assignee == two and ticket_for(ticket.pk, two) == ticket


def test_a_member_opens_the_own_files_alone_and_no_note_of_the_staff(shop: Shop, cast: Any) -> None:
    one, _two, _manager = cast
    sara, reza = shop.member(), shop.member()
    ticket = asks(sara, files=[SentFile("a.pdf", PDF)])
    answers(ticket, one, "برای خودمان", is_internal=True, files=[SentFile("b.pdf", PDF)])
    own, ours = Attachment.objects.order_by("pk")

    assert bytes_of(file_for_member(own.pk, sara.pk)) == PDF
    for file, member in ((own, reza), (ours, sara)):
        with pytest.raises(NotFound):
            file_for_member(file.pk, member.pk)


def test_a_ticket_is_given_to_those_alone_who_answer(shop: Shop, cast: Any) -> None:
    ticket = asks(shop.member())

    with pytest.raises(ValidationFailed):
        assign(ticket.pk, person("cashier").pk, actor="user:1", now=NOON)


def test_beside_a_thread_and_in_notices_stand_only_tickets_that_one_may_see(shop: Shop, cast: Any) -> None:
    one, two, _manager = cast
    department("money", one)
    TicketSettings.objects.create(shares_out=False)
    sara = shop.member()
    hidden, seen = asks(sara, "محرمانه", department="money"), asks(sara, "دیگر")
    link(hidden.pk, seen.number, actor="user:1")

    assert (others_of(seen, two), linked_to(seen, two)) == ([], [])
    assert (others_of(seen, one), linked_to(seen, one)) == ([hidden], [hidden])
    assert [notice.user for notice in Notice.objects.filter(text__contains="محرمانه")] == [one]
    assert [is_seen for _ticket, is_seen in open_complaints(sara.pk, two)] == []
