"""Mails: worded in the club's look, once about a document, only to who agreed, through a server that fails."""

import socket
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import Message

import pytest
from django.core import mail as django_mail
from django.test import Client

from club.members.consent import change_consent, consents_of
from club.members.models import Member
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from core.events import consume_all
from core.models import Club
from core.tenancy.scope import club_scope
from crm.mail import dispatch
from crm.mail.leaving import leaving_link, token_of
from crm.mail.models import Mail
from crm.mail.outbox import Letter, cancel, enqueue_many
from crm.mail.tasks import clubs_with_mails, send_mails
from crm.notices.models import Notice
from tests.accounts.cast import visitor
from tests.crm.mail.server import MailServer, mail_server
from tests.shop import NOON, Shop
from tests.threads import AT_ONCE, in_threads

LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _kept(settings) -> None:
    settings.EMAIL_BACKEND = LOCMEM
    settings.DEFAULT_FROM_EMAIL = "club@example.ir"


@pytest.fixture
def server(settings):
    with mail_server() as house:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", house.port, 0.5
        yield house


def reader(shop: Shop, address: str = "sara@example.ir", **more: object) -> Member:
    member = shop.member(email=address, **more)
    change_consent(member.pk, channel="email", given=True, source="portal", actor="x", now=NOON)
    member.refresh_from_db()
    return member


def write(*members: Member, subject: str = "خبر", text: str = "سلام", document: str = "", **more: object) -> list[int]:
    found = enqueue_many(
        [Letter(one.pk, subject, text, document, str(more.pop("link", ""))) for one in members],
        **more,  # type: ignore[arg-type]
    )
    Mail.objects.update(created_at=NOON)
    Mail.objects.filter(status="queued").update(next_attempt_at=NOON)
    return list(found.values())


def states() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("status", "error_code"))


def content_of(message: Message, kind: str) -> str:
    [part] = [part for part in message.walk() if part.get_content_type() == kind]
    return part.get_payload(decode=True).decode()


def test_a_mail_says_it_twice_in_the_clubs_look_with_the_ways_to_leave(shop: Shop, server: MailServer) -> None:
    member = reader(shop)
    write(member, subject="خبر\nپاییز", text="نوشیدنی تازه\n<b>رسید</b>", link="/offers/")

    assert send_mails(now=NOON) == "1 mails"

    [(address, got)] = server.got
    assert address == "sara@example.ir"
    assert str(make_header(decode_header(got["Subject"]))) == "خبر پاییز"
    assert str(make_header(decode_header(got["From"]))).endswith("<club@example.ir>")
    assert shop.club.name in str(make_header(decode_header(got["From"])))
    plain, html = content_of(got, "text/plain"), content_of(got, "text/html")
    leaving = leaving_link(member.pk)
    for said in ("نوشیدنی تازه", "/offers/", leaving):
        assert said in plain and said in html
    assert "<b>رسید</b>" in plain and "&lt;b&gt;رسید&lt;/b&gt;" in html
    assert 'dir="rtl"' in html
    assert (
        got["List-Unsubscribe"].strip() == f"<{leaving}>"
        and got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    )
    assert got["Message-ID"].startswith("<mail.") and got["Message-ID"].endswith("@example.ir>")
    row = Mail.objects.get()
    assert (row.status, row.address, row.sent_at, row.attempts) == ("sent", "sara@example.ir", NOON, 1)
    assert send_mails(now=NOON) == "0 mails"


def test_about_one_document_a_member_gets_one_mail(shop: Shop) -> None:
    one, other = reader(shop), reader(shop, "b@example.ir")

    assert len(write(one, other, document="campaign:1")) == 2
    assert write(one, document="campaign:1") == []
    assert len(write(one)) == len(write(one)) == 1

    dispatch.dispatch_due(now=NOON)
    assert sorted(message.to[0] for message in django_mail.outbox) == ["b@example.ir", *["sara@example.ir"] * 3]


def test_advertising_leaves_only_to_who_has_agreed_by_then_and_has_an_address(shop: Shop) -> None:
    never, left, gone, blocked, told = (reader(shop, f"m{each}@example.ir") for each in range(5))
    write(never, left, gone, blocked)
    write(told, is_advertising=False)
    Member.objects.filter(pk=never.pk).update(email_consent=False)
    for member in (left, told):
        change_consent(member.pk, channel="email", given=False, source="portal", actor="x", now=NOON)
    Member.objects.filter(pk=gone.pk).update(email="")
    Member.objects.filter(pk=blocked.pk).update(status="blocked")

    dispatch.dispatch_due(now=NOON)

    assert states() == [
        ("skipped", "no_consent"),
        ("skipped", "no_consent"),
        ("skipped", "no_address"),
        ("skipped", "no_consent"),
        ("sent", ""),
    ]
    assert [message.to for message in django_mail.outbox] == [["m4@example.ir"]]


def test_advertising_waits_for_the_morning_of_the_club(shop: Shop) -> None:
    member = reader(shop)
    night = NOON + timedelta(hours=10)  # 22:00 in Tehran
    write(member)
    write(member, is_advertising=False)

    dispatch.dispatch_due(now=night)

    waiting = Mail.objects.get(status="queued")
    assert (waiting.attempts, waiting.next_attempt_at) == (0, NOON + timedelta(hours=21))
    assert len(django_mail.outbox) == 1
    dispatch.dispatch_due(now=waiting.next_attempt_at)
    assert len(django_mail.outbox) == 2


def test_what_was_stopped_does_not_leave(shop: Shop) -> None:
    write(reader(shop), document="campaign:1")
    write(reader(shop, "b@example.ir"), document="campaign:2")

    assert cancel("campaign:1") == 1
    dispatch.dispatch_due(now=NOON)

    assert states() == [("skipped", "stopped"), ("sent", "")]


@pytest.mark.parametrize("place", ["to_recipients", "to_contents"])
def test_a_lasting_refusal_ends_one_mail_a_passing_one_waits_and_the_others_leave(
    shop: Shop, server: MailServer, place: str
) -> None:
    write(*(reader(shop, f"m{each}@example.ir") for each in range(4)))
    setattr(server, place, ["250 fine", "550 no such mailbox", "451 greylisted"])

    dispatch.dispatch_due(now=NOON)

    assert states() == [("sent", ""), ("failed", "550"), ("queued", "later"), ("sent", "")]
    assert server.calls == 1
    waiting = Mail.objects.get(status="queued")
    assert waiting.error_text == "451 greylisted" and waiting.next_attempt_at == NOON + timedelta(seconds=30)
    assert "no such mailbox" in Mail.objects.get(status="failed").error_text
    dispatch.dispatch_due(now=NOON + timedelta(seconds=30))
    assert [address for address, _message in server.got] == [f"m{each}@example.ir" for each in (0, 3, 2)]


@pytest.mark.parametrize("trouble", ["nobody", "busy", "silent", "password"])
def test_a_server_that_is_not_there_holds_all_of_them_and_loses_none(
    shop: Shop, server: MailServer, settings, trouble: str
) -> None:
    write(*(reader(shop, f"m{each}@example.ir") for each in range(3)))
    if trouble == "nobody":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            settings.EMAIL_PORT = free.getsockname()[1]
    server.greeting = {"busy": "421 too busy", "silent": "hang"}.get(trouble, "220 here")
    if trouble == "password":
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "club", "wrong"

    dispatch.dispatch_due(now=NOON)

    assert states() == [("queued", "later")] * 3
    assert not server.got
    server.greeting, settings.EMAIL_PORT, settings.EMAIL_HOST_USER = "220 here", server.port, ""
    dispatch.dispatch_due(now=NOON + timedelta(minutes=1))
    assert states() == [("sent", "")] * 3
    assert len(server.got) == 3


def test_a_mail_whose_answer_was_lost_goes_again_under_the_id_it_had(shop: Shop, server: MailServer) -> None:
    write(reader(shop), reader(shop, "b@example.ir"))
    server.to_contents = ["hang up"]

    dispatch.dispatch_due(now=NOON)
    assert states() == [("queued", "later")] * 2
    dispatch.dispatch_due(now=NOON + timedelta(minutes=1))

    ids = [message["Message-ID"] for _address, message in server.got]
    assert len(ids) == 3 and len(set(ids)) == 2 and ids[0] == ids[1]


def test_a_server_that_stays_away_is_told_to_the_staff_once_a_day(shop: Shop, server: MailServer) -> None:
    write(reader(shop))
    server.greeting = "421 too busy"

    for minutes in (0, 1, 3, 9, 20):
        dispatch.dispatch_due(now=NOON + timedelta(minutes=minutes))

    notice = Notice.objects.get()
    assert (notice.audience, notice.right) == ("staff", "send_campaigns")
    assert "421" in notice.text


def test_what_three_days_of_tries_did_not_bring_is_given_up(shop: Shop, server: MailServer) -> None:
    write(reader(shop))
    server.greeting = "421 too busy"
    dispatch.dispatch_due(now=NOON)

    dispatch.dispatch_due(now=NOON + timedelta(hours=73))

    assert states() == [("failed", "later")]


def test_a_worker_that_died_leaves_its_mails_to_another(shop: Shop) -> None:
    write(reader(shop))
    assert len(dispatch._claim(NOON, until=NOON + dispatch.LEASE)) == 1

    assert dispatch.dispatch_due(now=NOON + timedelta(minutes=9)) == 0
    assert dispatch.dispatch_due(now=NOON + timedelta(minutes=11)) == 1

    assert states() == [("sent", "")]


def test_sixteen_workers_send_each_mail_once(committed_club: Club, server: MailServer) -> None:
    shop = Shop(committed_club)
    write(*(reader(shop, f"m{each}@example.ir") for each in range(60)))

    in_threads(committed_club, [lambda: dispatch.dispatch_due(now=NOON)] * AT_ONCE)

    assert sorted(address for address, _message in server.got) == sorted(f"m{each}@example.ir" for each in range(60))
    assert set(states()) == {("sent", "")}


def test_the_link_leaves_without_a_login_and_only_when_it_is_asked_to(shop: Shop, other_club: Club) -> None:
    member = reader(shop)
    path, browser = f"/mail/off/{token_of(member.pk)}/", visitor(shop.club)
    program = Client(enforce_csrf_checks=True, headers={"host": f"{shop.club.slug}.localhost"})

    assert "ایمیل نشود؟" in browser.get(path).content.decode()
    member.refresh_from_db()
    assert member.email_consent
    answer = program.post(path, {"List-Unsubscribe": "One-Click"})

    member.refresh_from_db()
    assert answer.status_code == 200 and not member.email_consent
    [last, _first] = consents_of(member.pk)
    assert (last.channel, last.given, last.source, last.actor) == ("email", False, "email", f"member:{member.pk}")
    assert "دیگر ایمیلی" in browser.get(path).content.decode()
    program.post(path)
    assert len(consents_of(member.pk)) == 2
    for wrong in (f"{member.pk}.x", "x", f"{member.pk + 1}.{token_of(member.pk).partition('.')[2]}"):
        assert browser.get(f"/mail/off/{wrong}/").status_code == 404
        assert browser.post(f"/mail/off/{wrong}/").status_code == 404
    with club_scope(other_club):
        assert visitor(other_club).post(path).status_code == 404


def test_the_link_of_a_merged_record_speaks_for_the_one_left_and_its_mail_goes_there(shop: Shop) -> None:
    old, left = reader(shop), reader(shop, "left@example.ir")
    write(old)
    token = token_of(old.pk)

    merge_members(old.pk, left.pk, actor="user:1", key="m", now=NOON)
    dispatch.dispatch_due(now=NOON)
    visitor(shop.club).post(f"/mail/off/{token}/")

    assert [message.to for message in django_mail.outbox] == [["left@example.ir"]]
    left.refresh_from_db()
    assert not left.email_consent


def test_of_an_erased_member_no_word_is_left_and_nothing_leaves(shop: Shop) -> None:
    member = reader(shop)
    write(member, text="سارا جان")
    dispatch.dispatch_due(now=NOON)
    write(member, text="سارا جان")

    erase_member(member.pk, actor="user:1", reason="خودش خواست", now=NOON)
    consume_all()
    dispatch.dispatch_due(now=NOON)

    assert states() == [("sent", ""), ("skipped", "no_address")]
    assert {(row.subject, row.text, row.address) for row in Mail.objects.all()} == {("…", "", "")}
    assert visitor(shop.club).post(f"/mail/off/{token_of(member.pk)}/").status_code == 200


def test_the_sweep_looks_at_clubs_with_due_mails_alone(shop: Shop, other_club: Club) -> None:
    write(reader(shop))

    assert clubs_with_mails() & {shop.club.pk, other_club.pk} == {shop.club.pk}


def test_a_run_so_slow_that_another_took_its_mails_sends_no_second_one(
    shop: Shop, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(reader(shop), reader(shop, "ali@example.ir"))
    readers = dispatch._readers

    def and_another_comes(batch):
        """The lease is over before the first mail of this run has left."""
        with monkeypatch.context() as patch:
            patch.setattr(dispatch, "_readers", readers)
            dispatch.dispatch_due(now=NOON + timedelta(minutes=11))
        return readers(batch)

    monkeypatch.setattr(dispatch, "_readers", and_another_comes)
    dispatch.dispatch_due(now=NOON)

    assert len(server.got) == 2
    assert states() == [("sent", ""), ("sent", "")]
