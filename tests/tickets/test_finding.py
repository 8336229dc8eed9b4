"""Tickets are found by their words however long the thread is, and lists are read a page at a time while they change."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

from django.db import connection

from accounts.models import User
from core.models import Club
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, writes
from tickets.changing import update_ticket
from tickets.finding import let_find
from tickets.merging import merge
from tickets.models import Ticket, TicketWord
from tickets.selectors import OPEN_LIST, Asked, inbox, member_tickets, tickets

HOUR = timedelta(hours=1)


def numbers(text: str, user: User, **asked: str) -> list[int]:
    found = inbox(Asked(text=text, **asked), user, now=NOON)
    return list(found.order_by("number").values_list("number", flat=True))


def test_every_word_of_a_long_thread_is_found_and_words_by_their_beginning(shop: Shop, club: Club) -> None:
    ali = person("support", name="علی")
    ticket, other = asks(shop.member(), "کارت‌خوانِ شعبهٔ تجریش"), asks(shop.member(), "پرسش")
    for place in range(4):
        answers(ticket, ali, f"{place} " + "متن دراز " * 500)
    writes(ticket, "کد پیگیری AB-7719 است؛ گم‌شده")
    let_find(other.pk, "پیگیری")  # said twice

    for text in ("AB-7719", "ab 7719", "پیگیری گم‌شده", "گم شده", "كارتخوان", "کارت خوان", "تجر", "۷۷۱۹"):
        assert ticket.number in numbers(text, ali), text
    assert numbers("پیگیری", ali) == [ticket.number, other.number]
    # Each word, in any order; a letter alone is a whole word; what is no word finds nothing.
    assert [numbers(text, ali) for text in ("پیگیری تجریش", "پیگیری ناپیدا", "ت", "؟!")] == [
        [ticket.number],
        [],
        [],
        [],
    ]
    update_ticket(other.pk, {"subject": "ساعت کار شعبه"}, actor=ali.actor, now=NOON)
    assert numbers("ساعت", ali) == [other.number]


def test_a_merged_ticket_leads_to_the_one_it_went_into(shop: Shop, club: Club) -> None:
    ali, sara = person("support", name="علی"), shop.member()
    gone, into, other = asks(sara, "آسیاب شکسته"), asks(sara, "قهوه"), asks(shop.member(), "قهوه")

    merge(gone.pk, into.pk, actor=ali.actor, now=NOON)

    for text in ("آسیاب", f"{gone.number}", f"#{gone.number}"):
        assert numbers(text, ali, status=OPEN_LIST) == [into.number], text
    assert numbers("قهوه", ali) == [into.number, other.number]
    # A program sees both.
    assert {one.number for one in tickets({"q": "آسیاب"})} == {gone.number, into.number}


def test_of_those_due_at_one_moment_the_older_one_stands_first(shop: Shop, club: Club) -> None:
    ali, night = person("support", name="علی"), NOON + 12 * HOUR
    made = [asks(shop.member(), now=night + n * HOUR / 4) for n in range(3)]
    assert len({one.due_at for one in made}) == 1

    asked = Asked(status=OPEN_LIST)

    assert list(inbox(asked, ali, now=night).order_by(*asked.order)) == made


def test_a_page_goes_on_where_the_last_one_ended_though_that_ticket_has_moved(shop: Shop, club: Club) -> None:
    sara = shop.member()
    made = [asks(sara, now=NOON + n * HOUR) for n in range(5)]

    first = member_tickets(sara.pk, OPEN_LIST, limit=2)
    Ticket.objects.filter(pk=first.rows[-1].pk).update(updated_at=NOON - HOUR)
    second = member_tickets(sara.pk, OPEN_LIST, limit=2, cursor=first.older)
    nonsense = [
        member_tickets(sara.pk, OPEN_LIST, limit=2, cursor=text) for text in ("12", "e30", "\x00", "۱", "=" * 5000)
    ]

    assert [one.pk for page in (first, second) for one in page.rows] == [made[n].pk for n in (4, 3, 2, 1)]
    assert (first.is_first, second.is_first) == (True, False)
    assert all(page.is_first and page.rows[0] == made[4] for page in nonsense)
    assert TicketWord.objects.exists()


def test_tickets_of_before_get_their_words(committed_shop: Shop) -> None:
    ticket = asks(committed_shop.member(), "آسیاب شکسته")
    words = set(TicketWord.objects.values_list("word", flat=True))
    TicketWord.objects.all().delete()
    owner = connection.copy()
    owner.is_owner = True  # who migrates sees all clubs

    try:
        import_module("tickets.migrations.0003_find_words").find_words(None, SimpleNamespace(connection=owner))
    finally:
        owner.close()

    rows = TicketWord.objects.filter(ticket=ticket)
    assert words == set(rows.values_list("word", flat=True)) and {"شکسته", "چه"} <= words
