"""How support does: tickets by who looks after them, the backlog of each week, and purchases after a complaint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, F, Q, QuerySet

from accounts.models import User
from core.jalali import weekday
from core.tenancy.scope import club_zone, current_club_id
from reports.ranges import DAY, Span
from tickets import states
from tickets.models import Ticket, TicketKind

AFTER_COMPLAINT = timedelta(days=90)


@dataclass(frozen=True)
class Support:
    """Of the tickets that were opened in the days asked for, what one of the staff did; or all.

    `tickets` and `open` are those that this one looks after now, what goes on in another ticket left out: it is one
    matter. The first answer counts for who gave it, solution and rating for who solved it, merged since or not.
    Times are mean working seconds, None where nothing of the kind has happened. `kept` counts those of the answered
    ones whose first answer came in time. No user: a program, or nobody.
    """

    user: User | None = None
    tickets: int = 0
    open: int = 0
    answered: int = 0
    kept: int = 0
    answer_seconds: float | None = None
    solved: int = 0
    solve_seconds: float | None = None
    rated: int = 0
    rating: float | None = None

    @property
    def has_done(self) -> bool:
        """Whether anything is here, be it what was done in tickets that have been merged since."""
        return bool(self.tickets or self.answered or self.solved or self.rated)


@dataclass(frozen=True)
class Week:
    """A week from Saturday to Friday: what was opened, what ended, and what was open at its end.

    A ticket counts once in each: as opened where it was not open at the week's beginning and was opened in it, as ended
    where it was ended in it and not open at its end. So `backlog` is the one before, with `opened`, without `ended`.
    """

    first: date
    opened: int
    ended: int
    backlog: int


@dataclass(frozen=True)
class Complaints:
    """Complaints that ended in the days asked for, whose they were, and what came of it within 90 days after.

    A complaint ends when its member is told: with the solution, or with the closing where it was not solved before.

    `members` complained, `bought` of them came back, for `running` of them some of the 90 days are not over yet. A
    purchase after two complaints is one of `purchases`; `spent` is Rial, what was taken back left out.
    """

    ended: int
    members: int
    bought: int
    running: int
    purchases: int
    spent: int


def of_all(span: Span) -> Support:
    """All tickets of members that were opened in these days."""
    return _support(None, _opened(span).aggregate(**MEASURES))


def by_agent(span: Span) -> list[Support]:
    """The same of each who did something of it, the one with the most tickets first, who is nobody at the end."""
    shares: dict[int | None, dict[str, Any]] = {}
    for doer, measures in DONE_BY.items():
        for row in _opened(span).order_by().values(doer).annotate(**{name: MEASURES[name] for name in measures}):
            shares.setdefault(row.pop(doer), {}).update(row)
    people = User.objects.in_bulk([user_id for user_id in shares if user_id])
    found = [_support(people.get(user_id or 0), row) for user_id, row in shares.items() if any(row.values())]
    return sorted(found, key=lambda one: (one.user is None, -one.tickets, -one.answered, str(one.user)))


def backlog(span: Span) -> list[Week]:
    """Every week that these days touch, the oldest first."""
    first = span.first - weekday(span.first) * DAY
    weeks = [first + n * 7 * DAY for n in range((span.last - first).days // 7 + 1)]
    with connection.cursor() as cursor:
        cursor.execute(WEEKS, {"club": current_club_id(), "zone": club_zone(), "first": first, "open": [*states.OPEN]})
        counted: dict[date | None, Any] = {row[0]: row[1:] for row in cursor.fetchall()}
    open_now, found = int(counted.get(None, (0, 0))[0]) - int(counted.get(None, (0, 0))[1]), []
    for week in weeks:
        opened, ended = counted.get(week, (0, 0))
        open_now += opened - ended
        found.append(Week(week, opened, ended, open_now))
    return found


def after_complaints(span: Span, *, now: datetime) -> Complaints:
    """What became of the customers whose complaint ended in these days."""
    start, end = span.bounds(club_zone())
    with connection.cursor() as cursor:
        sent: dict[str, Any] = {
            "club": current_club_id(),
            "start": start,
            "end": end,
            "days": AFTER_COMPLAINT,
            "now": now,
        }
        cursor.execute(COMPLAINTS, sent)
        return Complaints(*(int(value) for value in cursor.fetchone()))


def _opened(span: Span) -> QuerySet[Ticket]:
    start, end = span.bounds(club_zone())
    rows = Ticket.objects.filter(created_at__gte=start, created_at__lt=end)
    return rows.exclude(kind=TicketKind.TASK)


def _support(user: User | None, row: dict[str, Any]) -> Support:
    return Support(user=user, **{name.removesuffix("_of"): value for name, value in row.items()})


MEASURES = {
    "tickets_of": Count("pk", filter=Q(merged_into=None)),
    "open_of": Count("pk", filter=Q(status__in=states.OPEN)),
    "answered_of": Count("first_answer_at"),
    "kept_of": Count("pk", filter=Q(first_answer_at__lte=F("answer_due_at"))),
    "answer_seconds_of": Avg("answer_seconds"),
    "solved_of": Count("solved_at"),
    "solve_seconds_of": Avg("solve_seconds"),
    "rated_of": Count("rating"),
    "rating_of": Avg("rating"),
}
DONE_BY: dict[str, Sequence[str]] = {
    "assignee": ("tickets_of", "open_of"),
    "first_answer_by": ("answered_of", "kept_of", "answer_seconds_of"),
    "solved_by": ("solved_of", "solve_seconds_of", "rated_of", "rating_of"),
}
# Local weeks begin on Saturday: two days before the ISO week's Monday. NULL stands for all that was before the first.
# Openings and ends of a ticket take turns, so the first and the last of a week say how it stood before and after.
WEEKS = """
WITH moved AS (
    SELECT c.ticket_id, c.at, c.id, (c.at AT TIME ZONE %(zone)s)::date AS day, c.to_status = ANY(%(open)s) AS opened
    FROM tickets_statuschange c JOIN tickets_ticket t ON t.club_id = c.club_id AND t.id = c.ticket_id
    WHERE c.club_id = %(club)s AND t.kind <> 'task'
        AND (c.from_status = ANY(%(open)s)) <> (c.to_status = ANY(%(open)s))
), week_of_ticket AS (
    SELECT date_trunc('week', day + 2)::date - 2 AS week,
        (array_agg(opened ORDER BY at, id))[1] AS opened, NOT (array_agg(opened ORDER BY at DESC, id DESC))[1] AS ended
    FROM moved WHERE day >= %(first)s GROUP BY 1, ticket_id
)
SELECT NULL, count(*) FILTER (WHERE opened), count(*) FILTER (WHERE NOT opened) FROM moved WHERE day < %(first)s
UNION ALL
SELECT week, count(*) FILTER (WHERE opened), count(*) FILTER (WHERE ended) FROM week_of_ticket GROUP BY week
"""
COMPLAINTS = """
WITH complaint AS (
    SELECT member_id, ended_at FROM (
        SELECT t.member_id, coalesce(t.solved_at, t.closed_at) AS ended_at FROM tickets_ticket t
        WHERE t.club_id = %(club)s AND t.kind = 'complaint' AND t.merged_into_id IS NULL
    ) t WHERE ended_at >= %(start)s AND ended_at < %(end)s
), bought AS (
    SELECT p.member_id, p.net - p.refunded AS spent FROM purchases_purchase p
    WHERE p.club_id = %(club)s AND NOT p.fully_refunded AND EXISTS (
        SELECT FROM complaint c WHERE c.member_id = p.member_id
            AND p.occurred_at > c.ended_at AND p.occurred_at <= c.ended_at + %(days)s
    )
)
SELECT count(*), count(DISTINCT member_id), (SELECT count(DISTINCT member_id) FROM bought),
    count(DISTINCT member_id) FILTER (WHERE ended_at + %(days)s > %(now)s),
    (SELECT count(*) FROM bought), (SELECT coalesce(sum(spent), 0) FROM bought)
FROM complaint
"""
