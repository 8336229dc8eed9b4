"""The member's side of tickets, as a browser without scripts sends it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from club.members.models import Member
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.shop import Shop
from tests.tickets.acts import PDF, answers, asks
from tests.tickets.test_files import HTML, PDF_WITH_SCRIPT, REFUSED, SVG
from tickets.limits import MOST_RATED, MOST_REOPENED, MOST_TICKETS
from tickets.merging import merge
from tickets.models import Attachment, Comment, Department, Ticket
from tickets.moving import close, reopen
from tickets.selectors import get_ticket
from tickets.services import Message, write_as_member

LIST, NEW = "/support/", "/support/new/"


@pytest.fixture
def sara(shop: Shop) -> Member:
    return shop.member(first_name="سارا")


@pytest.fixture
def browser(club: Club, sara: Member) -> Client:
    return signed_in(person(phone=sara.phone or ""), club, "otp")


def page(answer) -> str:
    return answer.content.decode()


def sends(browser: Client, **more: object):
    return browser.post(NEW, {"kind": "request", "subject": "برگشت کالا", "text": "چطور پس بدهم؟", **more})


def test_a_ticket_is_opened_listed_answered_closed_rated_and_reopened(browser: Client, sara: Member) -> None:
    support = person("support", name="علی")

    opened = browser.get(sends(browser, attachments=SimpleUploadedFile("فاکتور.pdf", PDF)).url)
    ticket = Ticket.objects.get()
    answers(ticket, support, now=timezone.now())
    news = page(browser.get(LIST))
    thread = page(browser.get(f"{LIST}{ticket.pk}/"))
    wrote = browser.post(f"{LIST}{ticket.pk}/", {"text": "ممنون"})
    closed = browser.get(browser.post(f"{LIST}{ticket.pk}/close/").url)
    rated = browser.get(browser.post(f"{LIST}{ticket.pk}/rate/", {"rating": "5", "text": "خوب"}).url)
    ended = page(browser.get(f"{LIST}?list=ended"))
    went_on = browser.post(f"{LIST}{ticket.pk}/", {"text": "باز خراب شد"}, follow=True)

    assert "شمارهٔ تیکت ۱ است" in page(opened) and ticket.assignee == support and ticket.kind == "request"
    assert "پاسخ تازه<" in news and "پاسخ تازه<" not in page(browser.get(LIST)) and "درستش کردیم" in thread
    assert (wrote.status_code, Comment.objects.count()) == (302, 4)
    assert "تیکت بسته شد." in page(closed) and "باز کن و بفرست" in page(closed) and 'id="rating"' in page(closed)
    assert "ممنون که گفتی" in page(rated) and "برگشت کالا" in ended
    ticket = get_ticket(ticket.pk)
    assert "تیکت دوباره باز شد و پیامت رسید" in page(went_on) and "باز کن و بفرست" not in page(went_on)
    assert (ticket.status, ticket.reopened, ticket.closed_at) == ("waiting_for_us", 1, None)


def test_a_form_that_is_sent_twice_opens_one_ticket(browser: Client) -> None:
    answers_of = [sends(browser, token="abc") for _ in range(2)]

    assert answers_of[0].url == answers_of[1].url and Ticket.objects.count() == 1


def test_hostile_files_are_refused_and_nothing_typed_is_lost(browser: Client) -> None:
    for name, file in REFUSED.items():
        answer = sends(browser, attachments=SimpleUploadedFile(file.name, file.data))

        assert answer.status_code == 422 and "چطور پس بدهم؟" in page(answer), name
    assert not Ticket.objects.exists() and not Attachment.objects.exists()


def test_a_refused_form_lists_its_errors_with_links_and_names_the_files_to_choose_again(browser: Client) -> None:
    fine = SimpleUploadedFile("خوب.pdf", PDF)
    bad = SimpleUploadedFile("بد.exe", b"MZ")

    refused = page(browser.post(NEW, {"kind": "request", "subject": "", "text": "", "attachments": [fine, bad]}))
    ticket = browser.post(NEW, {"kind": "request", "subject": "x", "text": "ببین https://example.com/؟a=1"}).url
    answered = page(browser.post(ticket, {"text": "x" * 5_001, "attachments": SimpleUploadedFile("خوب.pdf", PDF)}))

    assert 'href="#id_subject">موضوع خالی' in refused and 'href="#id_text">متن پیام خالی' in refused
    assert "دوباره انتخاب شوند: <bdi>خوب.pdf، بد.exe</bdi>" in refused  # neither was judged yet
    assert 'href="#id_text">پیام تا' in answered and "<bdi>خوب.pdf</bdi>" in answered
    assert '<a href="https://example.com/" dir="ltr" rel="noopener nofollow ugc">' in answered


def test_files_that_are_too_many_or_too_large_together_are_refused_unread_and_nothing_typed_is_lost(
    browser: Client,
) -> None:
    megabytes = {"five": b"x" * (5 << 20), "eleven": b"x" * (11 << 20)}
    cases = [
        (["five"] * 4, "با هم تا ۱۵ مگابایت"),
        (["eleven"], "«eleven.txt» از ۱۰ مگابایت بزرگ‌تر است"),
        ([""] * 6, "هر پیام تا ۵ فایل"),
    ]
    for names, said in cases:
        files = [SimpleUploadedFile(f"{name}.txt", megabytes.get(name, b"x")) for name in names]
        answer = sends(browser, attachments=files)

        assert answer.status_code == 422 and said in page(answer) and "چطور پس بدهم؟" in page(answer), names
    assert not Ticket.objects.exists()


def test_a_file_is_handed_out_so_that_nothing_runs_it(browser: Client) -> None:
    cases = [
        ('../a"x.pdf', PDF_WITH_SCRIPT, "application/pdf"),
        ("a.txt", HTML, "text/plain"),
        ("a.csv", SVG, "text/csv"),
    ]
    sends(browser, attachments=[SimpleUploadedFile(name, data) for name, data, _type in cases])

    for row, (_name, data, media_type) in zip(Attachment.objects.order_by("pk"), cases, strict=True):
        answer = browser.get(f"{LIST}files/{row.pk}/")

        assert answer.content == data and answer["Content-Type"] == media_type
        assert answer["Content-Disposition"].startswith("attachment") and ".." not in answer["Content-Disposition"]
        assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]


def test_a_browser_keeps_a_file_and_asks_each_time_whether_it_may_still_be_seen(browser: Client, shop: Shop) -> None:
    sends(browser, attachments=SimpleUploadedFile("فاکتور.pdf", PDF))
    address = f"{LIST}files/{Attachment.objects.get().pk}/"
    first = browser.get(address)
    known = {"If-None-Match": first["ETag"]}

    again = browser.get(address, headers=known)
    other = signed_in(person(phone=shop.member().phone or ""), shop.club, "otp").get(address, headers=known)
    browser.logout()
    left = browser.get(address, headers=known)

    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "private, no-cache")
    assert "Cookie" in first["Vary"] and "sandbox" in again["Content-Security-Policy"]
    assert (other.status_code, left.status_code) == (404, 302)


def test_the_department_is_asked_for_where_there_are_several(browser: Client) -> None:
    Department.objects.create(code="a", name="فروش", position=1)
    one = page(browser.get(NEW))
    Department.objects.create(code="b", name="فنی", position=2)

    assert "به کدام بخش؟" not in one and "به کدام بخش؟" in page(browser.get(NEW))
    assert sends(browser, department="b").status_code == 302 and Ticket.objects.get().department.code == "b"


def test_another_members_ticket_and_the_staffs_task_are_not_there(browser: Client, shop: Shop, sara: Member) -> None:
    theirs, task = asks(shop.member()), asks(sara, kind="task", channel="desk")

    for ticket in (theirs, task):
        assert browser.get(f"{LIST}{ticket.pk}/").status_code == 404
        assert browser.post(f"{LIST}{ticket.pk}/close/").status_code == 404


def test_what_cannot_be_done_now_is_said_in_words(browser: Client, sara: Member) -> None:
    complaint, closed = asks(sara, kind="complaint"), asks(sara)
    close(closed.pk, actor="user:1", now=timezone.now())

    refused = browser.post(f"{LIST}{complaint.pk}/close/", follow=True)
    empty = browser.post(f"{LIST}{closed.pk}/", {"text": " "})
    asked = page(browser.get(f"{LIST}{closed.pk}/"))
    rated = browser.post(f"{LIST}{closed.pk}/rate/", {"rating": "1"}, follow=True)
    for _ in range(MOST_TICKETS):
        asks(sara, now=timezone.now() - timedelta(minutes=1))

    assert "شکایتت هنوز پاسخ نگرفته است" in page(refused) and get_ticket(complaint.pk).is_open
    assert empty.status_code == 422 and get_ticket(closed.pk).status == "closed"
    assert "از پاسخ ما راضی بودی" not in asked and "پاسخی نگرفته است" in page(rated)
    assert get_ticket(closed.pk).rating is None
    assert "سقف تیکت‌های یک روز پر شد" in page(sends(browser))


def test_what_is_written_under_a_merged_ticket_stands_in_the_one_that_goes_on(browser: Client, sara: Member) -> None:
    one, two = asks(sara), asks(sara)
    merge(one.pk, two.pk, actor="user:1", now=timezone.now())

    wrote = browser.post(f"{LIST}{one.pk}/", {"text": "هنوز منتظرم"})

    assert wrote.url == f"{LIST}{two.pk}/#last" and Comment.objects.get(text="هنوز منتظرم").ticket_id == two.pk


def test_who_answered_is_called_by_name_and_never_by_phone(browser: Client, sara: Member) -> None:
    nameless = person("support", name="")
    ticket = asks(sara)
    answers(ticket, nameless, now=timezone.now())

    text = page(browser.get(f"{LIST}{ticket.pk}/"))

    assert "درستش کردیم" in text and str(nameless) not in text and nameless.phone not in text


def test_a_member_reopens_and_rates_a_ticket_so_often_a_day_and_is_told_what_to_do(
    browser: Client, sara: Member
) -> None:
    ticket, support = asks(sara, now=timezone.now()), person("support")
    path = f"{LIST}{ticket.pk}/"

    def posted(act: str, **typed: str) -> str:
        return page(browser.get(browser.post(f"{path}{act}/", typed).url))

    answers(ticket, support, now=timezone.now())
    for _ in range(MOST_REOPENED):
        posted("close")
        browser.post(path, {"text": "هنوز نه"})
    posted("close")
    refused = browser.post(path, {"text": "باز هم نه"})
    assert "۲۴ ساعت دیگر می‌شود بازش کرد" in page(refused) and "باز هم نه" in page(refused)
    assert (get_ticket(ticket.pk).status, get_ticket(ticket.pk).reopened) == ("closed", MOST_REOPENED)

    for number in range(MOST_RATED):
        posted("rate", rating=str(1 + number % 5))
    assert "امتیاز پیشین سر جایش است" in posted("rate", rating="1") and get_ticket(ticket.pk).rating == 5

    # The staff, and the next day, go on as they like
    reopen(ticket.pk, actor=support.actor, now=timezone.now())
    close(ticket.pk, actor=support.actor, now=timezone.now())
    tomorrow = timezone.now() + timedelta(days=1)
    actor = User.objects.get(phone=sara.phone).actor
    write_as_member(ticket.pk, Message(text="باز هم نه"), actor=actor, now=tomorrow, reopens=True)
    assert get_ticket(ticket.pk).status == "waiting_for_us"
