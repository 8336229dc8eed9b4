"""A ticket that stays open on both sides: nothing while nothing is new, else the thread with all that belongs to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.shop import Shop
from tests.tickets.acts import answers, asks, picture, writes
from tickets.merging import merge
from tickets.models import Ticket
from tickets.moving import close
from tickets.selectors import get_ticket

MOST_QUERIES = 8


@pytest.fixture
def ali(club: Club) -> Any:
    return person("support", name="علی")


def page(answer: Any) -> str:
    return str(answer.content.decode())


def mark(text: str) -> str:
    return text.partition('data-mark="')[2].partition('"')[0]


def looks(client: Client, path: str, seen: str) -> tuple[Any, int]:
    """What an open page is answered, and the number of queries."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"{path}thread/", {"seen": seen}, headers={"HX-Request": "true"})
    return answer, len(asked)


def test_an_open_page_is_answered_nothing_until_something_is_new(shop: Shop, ali: Any) -> None:
    sara, now = shop.member(), timezone.now() - timedelta(hours=1)
    ticket = asks(sara, now=now, files=[picture((600, 400))])
    member = signed_in(person(phone=sara.phone or ""), shop.club, "otp"), f"/support/{ticket.pk}/"
    desk = signed_in(ali, shop.club), f"/desk/tickets/{ticket.pk}/"

    # Given both pages, which stay as they are, whoever reads
    first = page(desk[0].get(desk[1])), page(member[0].get(member[1]))
    assert 'width="256" height="171"' in first[0] and "said-seen" in first[1]
    counts = []
    for (client, path), text in zip((desk, member), first, strict=True):
        answer, few = looks(client, path, mark(text))
        assert (answer.status_code, answer.content) == (204, b"")
        counts.append(few)

    # When it is answered and solved
    for number in range(3):
        answers(ticket, ali, f"پاسخ {number}", now=now + timedelta(minutes=number))
    answer, _count = looks(*member, mark(first[1]))
    close(ticket.pk, user=ali, actor=ali.actor, now=now + timedelta(minutes=5))
    ended, _count = looks(*member, mark(page(answer)))
    told, _count = looks(*desk, mark(first[0]))

    # Then the page of each side gets the messages and all that hangs on them, and no frame around it
    assert "پاسخ 2" in page(answer) and "این تیکت بسته است" not in page(answer)
    assert "این تیکت بسته است" in page(ended) and "از پاسخ ما راضی بودی؟" in page(ended)
    assert 'value="reopen"' in page(told) and 'value="answer_solve"' not in page(told) and "عضو دید" in page(told)
    assert not any("<html" in page(one) for one in (answer, ended, told))

    # And once it has them, nothing again, with as many queries as before
    for (client, path), shown, few in zip((desk, member), (told, ended), counts, strict=True):
        again, many = looks(client, path, mark(page(shown)))
        assert again.status_code == 204 and many == few <= MOST_QUERIES


def test_a_note_among_the_staff_is_no_news_to_the_member(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    ticket = asks(sara)
    client, path = signed_in(person(phone=sara.phone or ""), shop.club, "otp"), f"/support/{ticket.pk}/"
    text = page(client.get(path))

    answers(ticket, ali, "میان خودمان", is_internal=True)

    assert looks(client, path, mark(text))[0].status_code == 204


def test_a_page_whose_ticket_went_on_in_another_goes_on_with_that(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    one, two = asks(sara, "نخست"), asks(sara, "دوم")
    client, path = signed_in(person(phone=sara.phone or ""), shop.club, "otp"), f"/support/{one.pk}/"
    text = page(client.get(path))
    merge(one.pk, two.pk, actor=ali.actor, now=timezone.now())

    answer = looks(client, path, mark(text))[0]
    desk = looks(signed_in(ali, shop.club), f"/desk/tickets/{one.pk}/", "")[0]

    assert "ادغام شده است" in page(desk) and f'href="/desk/tickets/{two.pk}/"' in page(desk)
    assert answer.status_code == 200 and "دوم" in page(answer)
    assert looks(client, path, mark(page(answer)))[0].status_code == 204


def test_an_answer_after_a_colleagues_is_asked_about_once_and_nothing_typed_is_lost(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())
    client, path = signed_in(ali, shop.club), f"/desk/tickets/{ticket.pk}/"
    shown = page(client.get(path)).partition('name="shown" value="')[2].partition('"')[0]
    answers(ticket, person("support", name="مینا"), "از سوی مینا")
    sent = {"act": "answer", "text": "از سوی علی", "token": "abc"}

    asked = client.post(f"{path}act/", {**sent, "shown": shown})
    newest = page(asked).partition('name="shown" value="')[2].partition('"')[0]
    sent_again = client.post(f"{path}act/", {**sent, "shown": newest})

    assert asked.status_code == 422 and "مینا همین حالا پاسخ داده است" in page(asked)
    assert "از سوی مینا" in page(asked) and ">\nاز سوی علی</textarea>" in page(asked)
    assert sent_again.status_code == 302 and int(newest) > int(shown)


def test_colleagues_see_who_is_just_writing_until_it_is_sent_or_left(shop: Shop, ali: Any, monkeypatch: Any) -> None:
    sara = shop.member()
    ticket, mina = asks(sara), person("support", name="مینا")
    path, said = f"/desk/tickets/{ticket.pk}/", "همین حالا می‌نویسد:"
    browsers = signed_in(ali, shop.club), signed_in(mina, shop.club)
    text = page(browsers[0].get(path))

    def ali_sees() -> bool:
        nonlocal text
        answer = looks(browsers[0], path, mark(text))[0]
        text = page(answer) if answer.status_code == 200 else text
        return said in text and "مینا" in text

    def mina_writes() -> str:
        return page(browsers[1].get(f"{path}thread/", {"seen": "", "writing": "1"}))

    # Given Mina who writes: she is told of nobody, Ali of her, and once
    assert said not in text and said not in mina_writes() and ali_sees()
    assert looks(browsers[0], path, mark(text))[0].status_code == 204 and "writing=1" not in mina_writes()

    # Then it is over as she sends, and by itself once she has left
    browsers[1].post(f"{path}act/", {"act": "note", "text": "یادداشت مینا"})
    assert not ali_sees()
    mina_writes()
    assert ali_sees()
    monkeypatch.setattr("tickets.presence.LASTS", 0)
    assert not ali_sees()

    # And it does no harm where the cache is away
    monkeypatch.setattr("tickets.presence.cache", RedisCache("redis://127.0.0.1:1", {}))
    assert not ali_sees() and mina_writes()

    # And the member is told nothing of it
    assert said not in page(signed_in(person(phone=sara.phone or ""), shop.club, "otp").get(f"/support/{ticket.pk}/"))


def test_only_who_looks_after_a_ticket_reads_it_for_the_staff(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    ticket = asks(sara)
    writes(ticket)
    manager, path = signed_in(person("manager"), shop.club), f"/desk/tickets/{ticket.pk}/"

    manager.get(path)
    before = get_ticket(ticket.pk).staff_read_at
    looks(signed_in(ali, shop.club), path, "")

    assert before is None and Ticket.objects.get().staff_read_at is not None
