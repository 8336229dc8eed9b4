"""The staff's pages of tickets: the inbox and its filters, a ticket with its acts, and as many queries for any number."""

import os
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import StaffRole
from club.catalogue.models import Product
from core.keyset import cursor_of, keys_of
from core.models import Club
from core.rows import insert_rows
from tests.accounts.cast import person, signed_in
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, writes
from tests.tickets.crowd import COMMON, RARE, crowd
from tickets.canned import CannedWords, save_canned
from tickets.changing import update_ticket
from tickets.departments import DepartmentWords, archive_department, save_department
from tickets.models import Comment, Ticket
from tickets.moving import close
from tickets.selectors import OPEN_LIST, Asked, get_ticket, inbox

INBOX = "/desk/tickets/"
MANY = 50_000 if os.environ.get("LONG") else 400


@pytest.fixture
def ali(club: Club):
    return person("support", name="علی")


@pytest.fixture
def support(club: Club, ali) -> Client:
    return signed_in(ali, club)


def page(answer) -> str:
    return answer.content.decode()


def act(client: Client, ticket: Ticket, act: str, **typed: object):
    return client.post(f"{INBOX}{ticket.pk}/act/?owner=me", {"act": act, **typed})


def sells(code: str, name: str) -> Product:
    return Product.objects.create(code=code, name=name, price_rial=100_000)


def test_what_is_due_first_stands_first_and_the_address_holds_the_filters(shop: Shop, support, ali) -> None:
    later, sooner = asks(shop.member(), "دیرتر"), asks(shop.member(), "زودتر", priority="urgent")
    done = asks(shop.member(), "بسته‌شده‌ها")
    close(done.pk, actor="user:1", now=NOON)

    text, ended = page(support.get(INBOX)), page(support.get(f"{INBOX}?status=ended"))

    assert text.index("زودتر") < text.index("دیرتر") and "بسته‌شده‌ها" not in text
    assert "بسته‌شده‌ها" in ended and "دیرتر" not in ended
    assert f"/desk/tickets/{sooner.pk}/?priority=urgent" in page(support.get(f"{INBOX}?priority=urgent"))
    assert "بسته‌شده‌ها" in page(support.get(f"{INBOX}?q=بسته")), "who searches finds ended ones, too"
    missed = support.get(f"{INBOX}?q=بسته&status=open&kind=question")
    assert missed.context["elsewhere"] == 1 and [one.words for one in missed.context["chips"]] == [
        "وضعیت: همهٔ بازها",
        "نوع: پرسش",
    ]
    assert missed.context["chips"][1].off == f"{INBOX}?{urlencode({'q': 'بسته', 'status': 'open'})}"
    assert support.get(f"{INBOX}?status=usual").context["asked"].is_usual
    for number in (later.number, done.number):
        assert support.get(f"{INBOX}?q=%23{number}").context["rows"][0].number == number
    for query in ("q=دیرتر", f"q={later.number}", f"q=%23{later.number}", f"q={later.member.phone}", "q=چه+کنم"):
        assert "دیرتر" in page(support.get(f"{INBOX}?{query}")), query


def test_an_answer_goes_out_and_a_note_stays_inside(shop: Shop, support, ali) -> None:
    ticket = asks(shop.member())

    noted = act(support, ticket, "note", text="به انبار زنگ بزن")
    answered = act(support, ticket, "answer_solve", text="درست شد")
    empty = act(support, ticket, "answer", text=" ")

    assert noted.url == answered.url == f"{INBOX}{ticket.pk}/?owner=me#last"
    assert get_ticket(ticket.pk).status == "solved"
    assert [one.is_internal for one in Comment.objects.filter(side="staff").order_by("pk")] == [True, False]
    assert empty.status_code == 422 and "بنویسید" in page(empty)


def test_what_is_refused_is_said_and_nothing_typed_is_lost(shop: Shop, support, ali) -> None:
    complaint = asks(shop.member(), kind="complaint")
    closed = asks(shop.member())
    close(closed.pk, actor="user:1", now=NOON)

    told = support.get(act(support, complaint, "close").url)
    kept = act(support, closed, "answer", text="پاسخی که نباید گم شود")

    long = "ن" * 5_001
    refused = act(support, complaint, "answer", text=long)
    assert refused.status_code == 422 and long in page(refused) and "تا ۵٬۰۰۰ نویسه جا دارد" in page(refused)
    assert "maxlength" not in page(refused).partition("<textarea")[2].partition(">")[0], "nothing is cut by the browser"
    assert "شکایت بی‌پاسخ بسته نمی‌شود" in page(told) and get_ticket(complaint.pk).is_open
    assert kept.status_code == 422 and "پاسخی که نباید گم شود" in page(kept)
    assert act(support, complaint, "zzz").status_code == 404


def test_what_a_ticket_says_of_itself_changes_together_or_not_at_all(shop: Shop, support, ali) -> None:
    tea, _green = sells("tea", "چای سیاه"), sells("green", "چای سبز")
    sales = save_department(DepartmentWords("فروش"), actor="user:1")
    ticket = asks(shop.member(), department=sales.code)
    mina = person("support", name="مینا")
    shown = {"kind": "question", "priority": "normal", "department": sales.code, "assignee": ali.pk, "product": ""}
    opened = {f"initial-{name}": value for name, value in shown.items()}
    act(support, ticket, "solve")
    archive_department(sales.pk, actor="user:1", now=NOON)

    StaffRole.objects.filter(user=mina).update(is_active=False, ended_at=NOON)
    gone = act(support, ticket, "about", **opened, **{**shown, "priority": "urgent", "assignee": mina.pk})
    unclear = act(support, ticket, "about", **opened, **{**shown, "priority": "urgent", "product": "چای"})
    assert gone.status_code == unclear.status_code == 422 and get_ticket(ticket.pk).priority == "normal"
    assert "چای سیاه (tea)" in page(unclear)

    # A colleague changes something, and what this page showed of it is not put back.
    update_ticket(ticket.pk, {"kind": "complaint"}, actor="user:1", now=NOON)
    assert act(support, ticket, "about", **opened, **{**shown, "product": "سیاه"}).status_code == 302
    tea.is_active = False
    tea.save()
    again = {**opened, "initial-product": tea.name, "initial-kind": "complaint"}
    kept = act(support, ticket, "about", **again, **{**shown, "kind": "complaint", "product": tea.name, "assignee": ""})

    one = get_ticket(ticket.pk)
    assert kept.status_code == 302 and (one.kind, one.product, one.department, one.assignee) == (
        *("complaint", tea, sales, None),
    )
    assert tea.name in page(support.get(f"{INBOX}{ticket.pk}/"))


def test_products_are_offered_while_one_types(shop: Shop, support) -> None:
    sells("tea", "چای سیاه")
    sara = shop.member()

    offered = page(support.get("/desk/tickets/products/?product=سیا"))
    new = {"subject": "چای", "text": "سرد بود", "kind": "complaint", "priority": "normal", "product": "TEA"}
    support.post(f"{INBOX}new/?member={sara.pk}", new)

    assert 'value="چای سیاه"' in offered and "option" not in page(support.get("/desk/tickets/products/"))
    assert Ticket.objects.get().product.code == "tea"


def test_who_asks_anew_for_a_refused_answer_gets_the_ticket(shop: Shop, support, ali) -> None:
    ticket = asks(shop.member())
    canned = save_canned(CannedWords("درود", "سلام {name}"), actor="user:1")

    refused = act(support, ticket, "answer", text=" ")

    assert f'href="/desk/tickets/{ticket.pk}/?canned={canned.pk}&amp;owner=me#answer"' in page(refused)
    assert support.get(f"{INBOX}{ticket.pk}/act/?owner=me").url == f"{INBOX}{ticket.pk}/?owner=me"


def test_who_comes_second_to_a_ticket_is_told_who_has_it(shop: Shop, support, ali) -> None:
    ticket = asks(shop.member())
    Ticket.objects.update(assignee=None)
    other = signed_in(person("support", name="مینا"), shop.club)

    act(other, ticket, "take")
    told = support.get(act(support, ticket, "take").url)

    assert get_ticket(ticket.pk).assignee.name == "مینا" and "مینا زودتر این تیکت را برداشت" in page(told)


def test_news_of_a_member_are_seen_once_they_are_read(shop: Shop, support, ali) -> None:
    ticket = asks(shop.member())
    answers(ticket, ali)
    writes(ticket, now=NOON + timedelta(hours=1))

    before = page(support.get(INBOX))
    support.get(f"{INBOX}{ticket.pk}/")

    assert "پیام تازه" in before and "پیام تازه" not in page(support.get(INBOX))


def test_many_are_given_and_closed_at_once_and_what_one_refuses_is_told(shop: Shop, support, ali) -> None:
    mina = person("support", name="مینا")
    one, two = asks(shop.member()), asks(shop.member(), kind="complaint")
    ticked = {"ticket": [one.pk, two.pk]}

    unsaid = support.get(support.post(f"{INBOX}many/", {"act": "assign", "assignee": "", **ticked}).url)
    given = support.get(support.post(f"{INBOX}many/?owner=me", {"act": "assign", "assignee": mina.pk, **ticked}).url)
    asked = support.post(f"{INBOX}many/?kind=question", {"act": "close", **ticked})
    assert get_ticket(one.pk).is_open
    closed = support.get(support.post(f"{INBOX}many/", {"act": "close", "sure": 1, **ticked}).url)
    nothing = support.get(support.post(f"{INBOX}many/", {"act": "close"}).url)

    assert "مسئول را برگزینید" in page(unsaid) and page(unsaid).count('" checked aria-label') == 2
    assert "۲ تیکت تغییر کرد" in page(given) and get_ticket(two.pk).assignee == mina
    assert "۲ تیکت بسته شود؟" in page(asked) and "به ۲ عضو خبر می‌دهیم" in page(asked)
    assert f"/desk/tickets/?kind=question&amp;ticked={one.pk}&amp;ticked={two.pk}" in page(asked)
    assert "۱ تیکت تغییر کرد" in page(closed) and "شکایت بی‌پاسخ بسته نمی‌شود" in page(closed)
    assert page(closed).count('" checked aria-label') == 1 and f'value="{two.pk}" checked' in page(closed)
    assert "نخست تیکت‌ها را علامت بزنید" in page(nothing)
    assert support.post(f"{INBOX}many/", {"act": "zzz", **ticked}).status_code == 404


def test_tickets_are_merged_and_linked_by_their_number(shop: Shop, support, ali) -> None:
    member = shop.member()
    one, two, three = asks(member, "نخست"), asks(member, "دوم"), asks(shop.member(), "سوم")

    linked = support.get(act(support, one, "link", number="#۳").url)
    merged = support.get(act(support, one, "merge", number=str(two.number)).url, follow=True)
    unknown = act(support, two, "merge", number="۹۹")

    assert "به تیکت شمارهٔ ۳ پیوند داده شد" in page(linked) and "سوم" in page(linked)
    assert get_ticket(one.pk).merged_into_id == two.pk and "دوم" in page(merged)
    assert support.get(f"{INBOX}{two.pk}/").context["linked"] == []
    assert "برگرداندن ادغام" in page(merged) and "برگرداندن ادغام" not in page(support.get(f"{INBOX}{two.pk}/"))
    assert page(merged).count('value="separate"') == 2 and "علی" in page(merged).partition("h-merged")[2]
    apart = support.get(act(support, two, "separate", other=one.pk).url)
    assert "جدا شد و «تازه» است" in page(apart) and get_ticket(one.pk).merged_into is None
    assert act(support, two, "separate", other=three.pk).status_code == 302
    # what is refused is said where the number was typed, which stays
    assert unknown.status_code == 422 and 'value="۹۹" aria-invalid="true"' in page(unknown)
    assert "تیکتی با این شماره در باشگاه نیست" in page(unknown)
    assert act(support, three, "unlink", other=one.pk).status_code == 302


def test_a_new_ticket_begins_with_whose_it_is(shop: Shop, support) -> None:
    sara = shop.member(first_name="سارا")

    asked, found = page(support.get(f"{INBOX}new/")), page(support.get(f"{INBOX}new/?q=سارا"))

    assert "برای کدام عضو؟" in asked and f'href="/desk/tickets/new/?member={sara.pk}"' in found
    assert "پیدا نشد" in page(support.get(f"{INBOX}new/?q=ناپیدا"))
    assert support.get(f"{INBOX}new/?member={sara.pk}").status_code == 200


def test_the_card_of_a_member_shows_an_open_complaint_to_whoever_looks(shop: Shop, support) -> None:
    sara = shop.member()
    complaint = asks(sara, "قهوه سرد بود", kind="complaint")
    cashier = signed_in(person("cashier"), shop.club)

    cards = [page(client.get(f"/desk/members/{sara.pk}/")) for client in (support, cashier)]

    assert all("شکایت باز:" in text for text in cards) and ["قهوه سرد بود" in text for text in cards] == [True, False]
    assert [f'href="/desk/tickets/{complaint.pk}/"' in text for text in cards] == [True, False]


@pytest.mark.slow
def test_any_number_of_tickets_opens_in_as_many_queries(committed_shop: Shop) -> None:
    ali = person("support", name="علی")
    support = signed_in(ali, committed_shop.club)
    asks(committed_shop.member(), text=f"{COMMON} {RARE} خرید1 کار2")
    pages = {"inbox": "", "late": "?due=late", "all": "?status=", "ended": "?status=ended", "miss": "?status=&q=ناپیدا"}
    pages |= {"hit": f"?status=&q={RARE}", "common": f"?status=&q={COMMON}", "words": f"?status=&q={COMMON}+خرید1+کار2"}
    pages |= {"filters": "?kind=complaint&priority=urgent&department=d1&owner=none"}
    few = {name: queries(support, INBOX + path) for name, path in pages.items()}

    crowd(MANY, [ali, person("support"), person("support")], now=timezone.now())
    many = {name: queries(support, INBOX + path) for name, path in pages.items()}

    for name, path in (("inbox", ""), ("all", "?status="), ("ended", "?status=ended")):
        asked = Asked(status={"inbox": OPEN_LIST, "all": ""}.get(name, name))
        rows = inbox(asked, ali, now=timezone.now()).order_by(*asked.order)
        cursor = cursor_of(keys_of(Ticket, asked.order), rows[rows.count() * 9 // 10])
        deep = f"{path}{'&' if path else '?'}before={cursor}"
        many[f"{name}, deep"], few[f"{name}, deep"] = queries(support, INBOX + deep), few[name]
    # A word that more have than are named one by one is asked for in one query less.
    assert {name: count for name, (count, _ms) in many.items() if count > few[name][0]} == {}
    print(f"{MANY:,} tickets:", ", ".join(f"{name} {ms:.0f} ms" for name, (_count, ms) in many.items()))
    if MANY > 400:
        beginnings = many.pop("words")[1]  # each in half of all tickets: the most that can be asked of the words
        assert max(ms for _count, ms in many.values()) <= 300 and beginnings <= 600


def test_a_long_thread_shows_its_newest_messages_in_as_many_queries_and_the_older_ones_if_asked(
    shop: Shop, support, ali
) -> None:
    sara = shop.member()
    member, ticket = signed_in(person(phone=sara.phone), shop.club, "otp"), asks(sara)
    path, own = f"{INBOX}{ticket.pk}/", f"/support/{ticket.pk}/"
    few = queries(support, path)[0], queries(member, own)[0]
    said = [(ticket.pk, "member", "member:1", f"پیام {n} تمام", NOON + timedelta(minutes=n)) for n in range(200)]
    insert_rows(Comment, ("ticket_id", "side", "actor", "text", "created_at"), said)

    many = queries(support, path), queries(member, own)

    assert (many[0][0], many[1][0]) == few
    for client, address in ((support, path), (member, own)):
        short, whole = page(client.get(address)), page(client.get(f"{address}?messages=300"))
        assert short.count("تمام</p>") == 100 and "پیام 199 تمام" in short and "?messages=200" in short
        assert whole.count("تمام</p>") == 200 and "پیام 0 تمام" in whole and "messages=400" not in whole
        live = page(client.get(f"{address}thread/?messages=300"))
        assert live.count("تمام</p>") == 200
    print(f"a thread of 201: {many[0][1]:.0f} ms for the staff, {many[1][1]:.0f} ms for its member")


def queries(client: Client, path: str) -> tuple[int, float]:
    """How many the page asks, and its milliseconds, the best of five."""
    client.get(path)
    times = []
    for _again in range(5):
        with CaptureQueriesContext(connection) as asked:
            began = time.perf_counter()
            assert client.get(path).status_code == 200
            times.append((time.perf_counter() - began) * 1_000)
    return len(asked), min(times)
