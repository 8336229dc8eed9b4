"""A ticket from its opening to its rating: states, clocks, who is told, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from core.errors import Conflict, NotFound, Throttled, ValidationFailed
from core.events import consume_all
from core.models import Club, DomainEvent
from core.tenancy.scope import club_scope
from crm.notices.models import Notice
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import PDF, answers, asks, history, picture, sent_sms, writes
from tickets import limits
from tickets.changing import update_ticket
from tickets.files import SentFile
from tickets.models import AttachmentBytes, Comment, Holiday, Ticket, TicketWord
from tickets.moving import Unanswered, close, hold, rate, reopen, solve
from tickets.selectors import get_ticket, member_counts, member_tickets, thread, ticket_of_member
from tickets.services import NewTicket, open_ticket

# Noon of a Sunday: the club answers from 9 to 18.
HOUR = timedelta(hours=1)
FIELDS = {"files": "attachments"}


@pytest.fixture
def ali(club: Club) -> Any:
    return person("support", name="علی")


def test_a_ticket_goes_from_question_to_answer_to_end_and_back(shop: Shop, ali: Any) -> None:
    sara = shop.member()

    ticket = asks(sara)
    answers(ticket, ali, now=NOON + HOUR)
    writes(ticket, now=NOON + 2 * HOUR)
    solve(ticket.pk, user=ali, actor=ali.actor, now=NOON + 3 * HOUR)
    rate(ticket.pk, 5, "تند و مهربان", actor=f"member:{sara.pk}", now=NOON + 4 * HOUR)
    close(ticket.pk, actor="system", now=NOON + 5 * HOUR)
    reopen(ticket.pk, actor=f"member:{sara.pk}", now=NOON + 6 * HOUR)

    ticket = get_ticket(ticket.pk)
    assert history(ticket) == [
        *("new", "waiting_for_member", "waiting_for_us", "solved", "closed", "waiting_for_us"),
    ]
    assert (ticket.number, ticket.assignee, ticket.rating, ticket.reopened, ticket.closed_at) == (1, ali, 5, 1, None)
    assert sent_sms(sara) == ["ticket_answer", "ticket_end"]
    assert Notice.objects.filter(member=sara).count() == 2
    assert Notice.objects.filter(user=ali).count() == 2  # the ticket and the member's message
    assert DomainEvent.objects.filter(kind="ticket.closed").count() == 1


def test_numbers_have_no_gaps_and_are_each_clubs_own(shop: Shop, other_club: Club) -> None:
    first, second = asks(shop.member()), asks(shop.member())
    with pytest.raises(ValidationFailed):
        asks(shop.member(), text=" ")
    third = asks(shop.member())
    with club_scope(other_club):
        theirs = asks(Shop(other_club).member())

    assert [first.number, second.number, third.number, theirs.number] == [1, 2, 3, 1]
    with pytest.raises(NotFound):
        get_ticket(theirs.pk)


def test_the_first_answer_counts_working_time_across_a_night_and_a_friday(shop: Shop, ali: Any) -> None:
    # Given a ticket of Thursday 26 November, 13:00 in Tehran, where Thursday ends at 14:00 and Saturday begins at 9:00
    thursday, saturday = NOON + timedelta(days=4, hours=1), NOON + timedelta(days=6, hours=-2)
    ticket = asks(shop.member(), now=thursday)
    assert get_ticket(ticket.pk).due_at == NOON + timedelta(days=6)  # 4 hours: one on Thursday, three on Saturday

    # When it is answered on Saturday at 10:00, and again on Sunday
    answers(ticket, ali, now=saturday)
    answers(ticket, ali, now=saturday + timedelta(days=1))

    # Then it took two hours, and nothing is due while the member is waited for
    ticket = get_ticket(ticket.pk)
    assert (ticket.first_answer_at, ticket.answer_seconds, ticket.due_at) == (saturday, 2 * 3600, None)


def test_what_was_promised_moves_by_the_working_time_that_the_member_took(shop: Shop, ali: Any) -> None:
    Holiday.objects.create(day=(NOON + timedelta(days=1)).date(), name="تعطیل")
    ticket = asks(shop.member())
    promised = get_ticket(ticket.pk).solve_due_at
    assert promised == NOON + timedelta(days=4)  # 27 hours: 6 until 18, a holiday, 9, 9 and 3

    answers(ticket, ali, now=NOON + HOUR)  # at 13:00
    writes(ticket, now=NOON + timedelta(days=2))  # the day after the holiday at noon: 5 + 3 hours later
    ticket = get_ticket(ticket.pk)

    assert ticket.paused_seconds == 8 * 3600
    assert ticket.due_at == ticket.solve_due_at == NOON + timedelta(days=6, hours=3)  # 2 on Thursday, 6 on Saturday

    solve(ticket.pk, user=ali, actor=ali.actor, now=NOON + timedelta(days=2, hours=2))
    assert get_ticket(ticket.pk).solve_seconds == (1 + 2) * 3600


def test_a_complaint_is_not_closed_without_an_answer_and_is_followed_up(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member(), kind="complaint")
    answers(ticket, ali, "به مدیر گفتم", is_internal=True)

    for end in (solve, close):
        with pytest.raises(Unanswered):
            end(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    answers(ticket, ali, "پوزش می‌خواهیم؛ پولتان برگشت.")
    close(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    consume_all()
    reopen(ticket.pk, actor=ali.actor, now=NOON)
    close(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    consume_all()

    task = Ticket.objects.get(kind="task")
    assert (task.follows_id, task.assignee, task.member_id) == (ticket.pk, ali, ticket.member_id)
    assert task.answer_due_at is None and task.due_at == task.solve_due_at
    with pytest.raises(NotFound):
        ticket_of_member(task.pk, ticket.member_id)


def test_notes_among_the_staff_move_nothing_and_no_member_sees_them(shop: Shop, ali: Any) -> None:
    sara, mina = shop.member(), person("support", name="مینا")
    ticket = asks(sara)

    answers(ticket, ali, "مینا، ببین", is_internal=True, mentions=[mina.pk])

    ticket = get_ticket(ticket.pk)
    assert ticket.status == "new" and ticket.first_answer_at is None and sent_sms(sara) == []
    assert [one.text for one in thread(ticket, for_member=True)] == ["سلام، چه کنم؟"]
    assert len(thread(ticket, for_member=False)) == 2
    assert Notice.objects.filter(user=mina).exists()


@pytest.mark.parametrize(
    ("act", "state"),
    [("hold", "solved"), ("solve", "closed"), ("close", "closed"), ("reopen", "new"), ("write", "closed")],
)
def test_what_the_table_does_not_have_is_refused_and_changes_nothing(
    shop: Shop, ali: Any, act: str, state: str
) -> None:
    ticket = asks(shop.member())
    if state != "new":
        solve(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    if state == "closed":
        close(ticket.pk, actor=ali.actor, now=NOON)
    before = history(ticket)
    acts: dict[str, Any] = {
        "hold": lambda: hold(ticket.pk, actor="user:1", now=NOON),
        "solve": lambda: solve(ticket.pk, user=ali, actor="user:1", now=NOON),
        "close": lambda: close(ticket.pk, actor="user:1", now=NOON),
        "reopen": lambda: reopen(ticket.pk, actor="user:1", now=NOON),
        "write": lambda: writes(ticket),
    }

    with pytest.raises(Conflict):
        acts[act]()

    assert history(ticket) == before and Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", " "),
        ("subject", "ن" * 151),
        ("text", "\n \n"),
        ("text", "ن" * 5_001),
        ("kind", "x"),
        ("priority", "x"),
        ("department", "x"),
        ("product", "x"),
        ("files", [SentFile("a.html", b"<script>")]),
        ("files", [picture()] * 6),
    ],
)
def test_what_a_ticket_may_not_hold_is_said_at_its_field_and_nothing_is_kept(
    shop: Shop, field: str, value: Any
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        asks(shop.member(), **{field: value})

    assert (
        list(refused.value.errors) == [FIELDS.get(field, field)]
        and not Ticket.objects.exists()
        and not Comment.objects.exists()
    )


def test_a_form_that_is_sent_twice_writes_once(shop: Shop, ali: Any) -> None:
    sara = shop.member()

    tickets = [asks(sara, token="t1") for _ in range(2)]
    messages = [writes(tickets[0], token="m1") for _ in range(2)]
    replies = [answers(tickets[0], ali, token="m2") for _ in range(2)]

    assert (
        len({one.pk for one in tickets}) == len({one.pk for one in messages}) == len({one.pk for one in replies}) == 1
    )
    assert sent_sms(sara) == ["ticket_answer"]


def test_files_come_back_byte_for_byte_and_pictures_are_shown(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member(), files=[picture(), SentFile("فاکتور.pdf", PDF)])

    shown = thread(ticket, for_member=True)[0].attachments.all()

    assert [(one.name, one.is_picture) for one in shown] == [("shot.png", True), ("فاکتور.pdf", False)]
    assert bytes(AttachmentBytes.objects.get(attachment=shown[1]).data) == PDF
    assert writes(ticket, text="", files=[picture()]).text == ""  # a picture says enough


def test_a_member_opens_no_more_than_twenty_a_day(shop: Shop) -> None:
    sara = shop.member()
    for _ in range(20):
        asks(sara)

    with pytest.raises(Throttled):
        asks(sara)
    assert asks(sara, now=NOON + timedelta(days=1, seconds=1)).number == 21


def test_a_member_writes_and_sends_so_much_a_day_whatever_records_it_came_from(
    shop: Shop, ali: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_MESSAGES", 5)
    monkeypatch.setattr(limits, "MOST_FILES", 2)
    sara, known_before = shop.member(), shop.member()
    asks(known_before, files=[picture()])
    merge_members(known_before.pk, sara.pk, actor="user:1", key="m", now=NOON)
    ticket = asks(sara, now=NOON + HOUR)
    writes(ticket, files=[picture()], now=NOON + HOUR)

    with pytest.raises(Throttled) as refused:
        writes(ticket, files=[picture()], now=NOON + 2 * HOUR)
    assert refused.value.data == {"seconds": 22 * 3_600} and "تا ۲۲ ساعت" in refused.value.detail
    for _ in range(2):
        answers(ticket, ali, files=[picture()], now=NOON + 2 * HOUR)
        writes(ticket, now=NOON + 2 * HOUR)
    for act in (writes, lambda _, now: asks(sara, now=now)):
        with pytest.raises(Throttled):
            act(ticket, now=NOON + 2 * HOUR)
    writes(ticket, files=[picture()], now=NOON + 25 * HOUR)

    monkeypatch.setattr(limits, "MOST_BYTES", 1)
    with pytest.raises(Throttled):
        writes(ticket, files=[picture()], now=NOON + 49 * HOUR)


def test_lists_of_a_member_hold_the_own_open_and_ended_ones(shop: Shop, ali: Any) -> None:
    sara, reza = shop.member(), shop.member()
    one, two, three = (asks(sara, now=NOON + timedelta(minutes=n)) for n in range(3))
    asks(reza)
    close(one.pk, actor="user:1", now=NOON + HOUR)

    page = member_tickets(sara.pk, "open", limit=1)

    assert member_counts(sara.pk) == {"open": 2, "ended": 1}
    assert page.rows == [three]
    assert member_tickets(sara.pk, "open", limit=5, cursor=page.older).rows == [two]
    assert member_tickets(sara.pk, "ended", limit=5).rows == [one]


def test_tickets_follow_a_merge_and_nothing_of_what_was_said_is_left_after_erasure(shop: Shop, ali: Any) -> None:
    old, sara = shop.member(), shop.member()
    ticket = asks(old, subject="کارت گم‌شده", files=[picture()])

    merge_members(old.pk, sara.pk, actor="user:1", key="m", now=NOON)
    consume_all()
    assert member_counts(sara.pk)["open"] == 1 and get_ticket(ticket.pk).updated_at > ticket.updated_at

    erase_member(sara.pk, actor="user:1", reason="خواست خودش", now=NOON)
    consume_all()
    ticket = get_ticket(ticket.pk)
    assert (ticket.subject, ticket.status) == ("", "closed") and not TicketWord.objects.exists()
    assert [one.text for one in thread(ticket, for_member=False)] == [""] and not AttachmentBytes.objects.exists()


def test_a_new_priority_brings_its_own_promise(shop: Shop) -> None:
    ticket = asks(shop.member())

    urgent = update_ticket(ticket.pk, {"priority": "urgent", "subject": "فوری"}, actor="user:1", now=NOON)

    assert urgent.due_at == NOON + HOUR and urgent.subject == "فوری"
    with pytest.raises(ValidationFailed):
        update_ticket(ticket.pk, {"kind": "task"}, actor="user:1", now=NOON)


def test_what_the_staff_wrote_down_is_no_answer_to_a_complaint(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    new = NewTicket(subject="تلفنی گفت قهوه سرد بود", text="پشت تلفن گفت.", kind="complaint")
    ticket = open_ticket(sara.pk, new, actor=ali.actor, now=NOON, user=ali)

    with pytest.raises(Unanswered):
        close(ticket.pk, user=ali, actor=ali.actor, now=NOON)
    with pytest.raises(Unanswered):
        update_ticket(ticket.pk, {"kind": "question"}, actor=ali.actor, now=NOON)


def test_a_first_answer_after_it_was_opened_again_does_not_count_the_time_between(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())  # noon of Sunday, to be answered by 16:00
    solve(ticket.pk, user=ali, actor=ali.actor, now=NOON + HOUR)
    writes(ticket, now=NOON + timedelta(days=3))  # noon of Wednesday
    assert get_ticket(ticket.pk).due_at == NOON + timedelta(days=3, hours=3)

    answers(ticket, ali, now=NOON + timedelta(days=3, hours=2))
    assert get_ticket(ticket.pk).answer_seconds == 3 * 3600


def test_a_form_that_comes_again_with_other_words_is_told_and_not_swallowed(shop: Shop, ali: Any) -> None:
    ticket = asks(shop.member())
    answers(ticket, ali, "یک", token="t")

    with pytest.raises(Conflict):
        answers(ticket, ali, "دو", token="t")


def test_an_erased_members_subject_is_in_no_notice_and_the_ticket_stays_closed(shop: Shop, ali: Any) -> None:
    sara = shop.member()
    ticket = asks(sara, subject="بیماری خاص من")
    writes(ticket)
    assert Notice.objects.filter(text__contains="بیماری").count() == 2

    erase_member(sara.pk, actor="user:1", reason="خواست خودش", now=NOON)
    consume_all()

    assert not Notice.objects.filter(text__contains="بیماری").exists()
    with pytest.raises(Conflict):
        reopen(ticket.pk, actor=ali.actor, now=NOON)
