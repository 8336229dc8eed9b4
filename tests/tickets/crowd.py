"""A club whose support has years of work behind it: many tickets of all kinds and states, written down as rows."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import User
from club.awards.enrolment import enrol_members
from club.members.services import NewMember, prepare_member
from core.rows import insert_rows, write_rows
from tickets import states
from tickets.finding import words_in
from tickets.models import Comment, Department, DepartmentPerson, StatusChange, Ticket, TicketWord

COMMON, RARE = "سلام", "فیروزکوه"
"""What is said in every ticket, and in one alone."""
OF_A_HUNDRED = {"new": 10, "waiting_for_us": 20, "waiting_for_member": 20, "solved": 5, "closed": 45}
KINDS = ("question", "question", "request", "request", "complaint", "task")
PRIORITIES = ("normal", "normal", "normal", "low", "high", "urgent")
WORDS = [f"{first}{last}" for first in ("کار", "خرید", "بسته", "ارسال", "امتیاز") for last in map(str, range(400))]
BATCH, A_YEAR = 2_500, 525_600
TICKET = (
    *("number", "member_id", "kind", "subject", "department_id", "priority", "channel", "status", "assignee_id"),
    *("opened_by", "created_at", "updated_at", "member_wrote_at", "first_answer_at", "answer_seconds", "answer_due_at"),
    *("due_at", "solved_at", "solve_seconds", "solved_by_id", "closed_at", "rating"),
)


@dataclass(frozen=True)
class Crowd:
    """The tickets by the order of their numbers, and the one with the long thread."""

    ids: list[int]
    long_one: int


def crowd(count: int, staff: Sequence[User], *, now: datetime, messages: int = 200) -> Crowd:
    """So many tickets with two messages each, over the last year, in the club of the scope; one has more messages."""
    chance = random.Random(1405)  # the same ones each time
    members, departments = _members(now), _departments(staff)
    ids: list[int] = []
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        rows = [_ticket(10_000 + n, chance, members, departments, staff, now) for n in numbers]
        made = insert_rows(Ticket, TICKET, rows)
        _say(made, rows, staff, chance)
        ids += made
        if start in (0, BATCH):
            _analyse()  # else foreign keys go on being looked for as in an empty table
    long_one = ids[count // 2]
    said = [
        (long_one, "member", None, "member:1", f"پیام {n}", now - timedelta(minutes=messages - n))
        for n in range(messages)
    ]
    write_rows(Comment, ("ticket_id", "side", "user_id", "actor", "text", "created_at"), said)
    write_rows(TicketWord, ("ticket_id", "word"), [(long_one, RARE)])
    Ticket.objects.filter(pk=long_one).update(status=states.WAITING_FOR_US, closed_at=None, kind="question")
    _analyse()
    return Crowd(ids, long_one)


def _analyse() -> None:
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE members_member, tickets_ticket, tickets_comment, tickets_ticketword, tickets_statuschange"
        )


def _members(now: datetime) -> list[int]:
    made = [
        prepare_member(NewMember(phone=f"09199{n:06}", first_name="مینا", last_name=f"خریدار{n}"), enrolled_at=now)
        for n in range(200)
    ]
    enrol_members([(member, ()) for member in made], actor="system", now=now)
    return [member.pk for member in made]


def _departments(staff: Sequence[User]) -> list[int | None]:
    made = [Department.objects.create(code=f"d{n}", name=f"واحد {n}", position=n) for n in range(3)]
    DepartmentPerson.objects.create(department=made[0], user=staff[0])
    return [None, *(one.pk for one in made)]


def _ticket(
    number: int,
    chance: random.Random,
    members: list[int],
    departments: list[int | None],
    staff: Sequence[User],
    now: datetime,
) -> tuple[Any, ...]:
    [status], agent = chance.choices([*OF_A_HUNDRED], [*OF_A_HUNDRED.values()]), chance.choice([None, *staff])
    created = now - timedelta(minutes=chance.randrange(A_YEAR))
    answered = min(now, created + timedelta(minutes=chance.randrange(600))) if status != states.NEW else None
    ended = min(now, created + timedelta(minutes=chance.randrange(600, 6_000))) if status in states.ENDED else None
    due = created + timedelta(hours=chance.randrange(6_000, 9_000)) if status in states.OUR_TURN else None
    return (
        *(number, chance.choice(members), chance.choice(KINDS), f"{chance.choice(WORDS)} {number}"),
        *(chance.choice(departments), chance.choice(PRIORITIES), "portal", status, agent.pk if agent else None),
        *("user:1", created, ended or answered or created, created, answered, 3_600 if answered else None),
        *(created + timedelta(hours=8), due, ended, 7_200 if ended else None, agent.pk if agent and ended else None),
        *(ended if status == states.CLOSED else None, chance.choice((None, 3, 4, 5)) if ended else None),
    )


def _say(ids: list[int], rows: list[tuple[Any, ...]], staff: Sequence[User], chance: random.Random) -> None:
    texts = [f"{COMMON} {' '.join(chance.sample(WORDS, 8))}" for _id in ids]
    answers = [" ".join(chance.sample(WORDS, 8)) for _id in ids]
    asked = [(one, "member", None, "member:1", text, row[10]) for one, text, row in zip(ids, texts, rows, strict=True)]
    told = [
        (one, "staff", staff[0].pk, "user:1", text, row[13])
        for one, text, row in zip(ids, answers, rows, strict=True)
        if row[13]
    ]
    write_rows(Comment, ("ticket_id", "side", "user_id", "actor", "text", "created_at"), [*asked, *told])
    spoken = zip(ids, rows, texts, answers, strict=True)
    words = [(one, word) for one, row, *said in spoken for word in words_in(f"{row[3]} {' '.join(said)}")]
    write_rows(TicketWord, ("ticket_id", "word"), words)
    write_rows(StatusChange, ("ticket_id", "from_status", "to_status", "actor", "at"), list(_changes(ids, rows)))


def _changes(ids: list[int], rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for one, row in zip(ids, rows, strict=True):
        yield one, "", states.NEW, "user:1", row[10]
        if row[17]:
            yield one, states.NEW, row[7], "user:1", row[17]
