"""Tickets that belong together."""

from typing import Any

import pytest

from core.errors import Conflict, NotFound
from core.models import Club
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks
from tickets.merging import link, linked_to, merge, unlink
from tickets.moving import close, reopen
from tickets.selectors import get_ticket, member_counts, thread


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

    reopen(complaint.pk, actor=ali.actor, now=NOON)
    assert get_ticket(complaint.pk).status == "waiting_for_us" and member_counts(sara.pk)["open"] == 2


def test_an_answer_under_either_lets_a_complaint_end(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    one, two = asks(sara, kind="complaint"), asks(sara, kind="complaint")
    answers(one, ali)
    merge(one.pk, two.pk, actor=ali.actor, now=NOON)

    assert close(two.pk, user=ali, actor=ali.actor, now=NOON).status == "closed"


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
