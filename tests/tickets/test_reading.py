"""What was read: up to what was shown, by whoever looks after the ticket, and told to the other side."""

from datetime import timedelta
from typing import Any

import pytest

from core.models import Club
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, writes
from tickets.models import Ticket
from tickets.reading import AnsweredMeanwhile, mark_of, read_by_member, read_by_staff, seen_by_member, seen_by_staff
from tickets.selectors import get_ticket, thread

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ali(club: Club) -> Any:
    return person("support", name="علی")


def said(ticket: Ticket, *, for_member: bool = False) -> Any:
    return thread(ticket, for_member=for_member)


def test_what_came_in_after_a_page_was_drawn_stays_new_to_both_sides(shop: Shop, ali: Any) -> None:
    # Given a page of each side, and a message of each that came in after it was drawn
    ticket = asks(shop.member())
    answers(ticket, ali, now=NOON + MINUTE)
    writes(ticket, now=NOON + 2 * MINUTE)
    drawn = said(ticket)
    ticket = get_ticket(ticket.pk)
    writes(ticket, "و یکی دیگر", now=NOON + 3 * MINUTE)
    answers(ticket, ali, "باشد", now=NOON + 4 * MINUTE)
    Ticket.objects.update(staff_read_at=None)

    # When the pages count as read
    read_by_member(ticket, drawn)
    read_by_staff(ticket, drawn, ali)

    # Then the later messages do not
    ticket = get_ticket(ticket.pk)
    assert (ticket.member_read_at, ticket.staff_read_at) == (NOON + MINUTE, NOON + 2 * MINUTE)
    assert ticket.has_news_for_member and ticket.has_news_for_staff

    # And an old page, drawn again, takes nothing back
    read_by_member(ticket, said(ticket))
    read_by_member(Ticket(pk=ticket.pk), drawn)
    assert get_ticket(ticket.pk).member_read_at == NOON + 4 * MINUTE


def test_a_ticket_is_read_by_who_looks_after_it_or_by_anybody_while_nobody_does(shop: Shop, ali: Any) -> None:
    mina, ticket = person("manager"), asks(shop.member())
    assert ticket.assignee == ali

    read_by_staff(ticket, said(ticket), mina)
    assert not seen_by_staff(get_ticket(ticket.pk), said(ticket, for_member=True))

    Ticket.objects.update(assignee=None)
    read_by_staff(get_ticket(ticket.pk), said(ticket), mina)
    assert seen_by_staff(get_ticket(ticket.pk), said(ticket, for_member=True))


def test_each_side_is_told_that_its_last_word_was_read_and_no_note_is_part_of_it(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())
    answers(ticket, ali, now=NOON + MINUTE)
    answers(ticket, ali, "میان خودمان", is_internal=True, now=NOON + 2 * MINUTE)
    ticket = get_ticket(ticket.pk)
    before = seen_by_member(ticket, said(ticket))

    read_by_member(ticket, said(ticket, for_member=True))

    ticket = get_ticket(ticket.pk)
    assert (before, seen_by_member(ticket, said(ticket))) == (False, True)
    assert not seen_by_staff(ticket, said(ticket, for_member=True))  # the last word is ours
    writes(ticket, now=NOON + 3 * MINUTE)
    assert not seen_by_member(get_ticket(ticket.pk), said(ticket))


def test_a_mark_stays_until_there_is_something_to_show_to_its_side(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())

    def marks() -> tuple[str, str]:
        one = get_ticket(ticket.pk)
        return mark_of(one, for_member=True, now=NOON), mark_of(one, for_member=False, now=NOON)

    first = marks()
    assert marks() == first
    answers(ticket, ali, "میان خودمان", is_internal=True, now=NOON + MINUTE)
    noted = marks()
    answers(ticket, ali, now=NOON + 2 * MINUTE)
    answered = marks()
    read_by_member(get_ticket(ticket.pk), said(ticket, for_member=True))
    read = marks()

    assert noted[0] == first[0] and noted[1] != first[1]
    assert answered[0] != noted[0] and answered[1] != noted[1]
    assert read[0] == answered[0] and read[1] != answered[1]


def test_who_answers_has_read_what_the_page_had_shown_and_no_more(shop: Shop, ali: Any) -> None:
    ticket, mina = asks(shop.member()), person("support", name="مینا")
    shown = said(ticket)[-1].pk
    writes(ticket, "راستی", now=NOON + MINUTE)

    answers(ticket, mina, shown=shown, now=NOON + 2 * MINUTE)
    half = get_ticket(ticket.pk)
    answers(ticket, mina, now=NOON + 3 * MINUTE)

    assert half.staff_read_at == NOON and half.has_news_for_staff
    assert not get_ticket(ticket.pk).has_news_for_staff


def test_an_answer_that_crosses_a_colleagues_waits_until_that_was_shown(shop: Shop, ali: Any) -> None:
    # Given two of the staff who write at the same time
    ticket, mina = asks(shop.member()), person("support", name="مینا")
    shown = said(ticket)[-1].pk
    answers(ticket, mina, "از سوی مینا", shown=shown, now=NOON + MINUTE)

    # When the second sends, then nothing is written, and it is said who was quicker
    with pytest.raises(AnsweredMeanwhile) as refused:
        answers(ticket, ali, "از سوی علی", shown=shown, now=NOON + 2 * MINUTE)
    assert refused.value.detail.startswith("مینا همین حالا پاسخ داده است") and len(said(ticket)) == 2

    # And a note, one's own second answer and the answer sent again go out
    answers(ticket, ali, "یادداشت", is_internal=True, shown=shown, now=NOON + 3 * MINUTE)
    answers(ticket, mina, "و دیگر", shown=shown, now=NOON + 4 * MINUTE)
    answers(ticket, ali, "از سوی علی", shown=said(ticket)[-1].pk, now=NOON + 5 * MINUTE)
    assert [one.text for one in said(ticket)][-1] == "از سوی علی"
