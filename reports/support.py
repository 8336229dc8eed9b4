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
    """Tickets that were opened in the days asked for, of one who looks after them, or of all.

    Times are mean working seconds, None where nothing of the kind has happened. `kept` counts those of the answered
    ones whose first answer came in time.
    """

    user: User | None
    tickets: int
    open: int
    answered: int
    kept: int
    answer_seconds: float | None
    solved: int
    solve_seconds: float | None
    rated: int
    rating: float | None


@dataclass(frozen=True)
class Week:
    """A week from Saturday to Friday: what was opened, what ended, and what was open at its end."""

    first: date
    opened: int
    ended: int
    backlog: int


@dataclass(frozen=True)
class Complaints:
    """Complaints that were closed in the days asked for, and how many of these members bought within 90 days after.

    `running`: of how many the 90 days are not over yet. `spent` is Rial, what was taken back left out.
    """

    closed: int
    bought: int
    running: int
    spent: int


def of_all(span: Span) -> Support:
    """All tickets of members that were opened in these days."""
    return _support(None, _opened(span).aggregate(**MEASURES))


def by_agent(span: Span) -> list[Support]:
    """The same by who looks after them, the one with the most first; None is nobody."""
    rows: list[Any] = list(_opened(span).order_by().values("assignee").annotate(**MEASURES))
    people = User.objects.in_bulk([row["assignee"] for row in rows if row["assignee"]])
    found = [_support(people.get(row["assignee"]), row) for row in rows]
    return sorted(found, key=lambda one: (-one.tickets, str(one.user or "")))


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
    """What became of the customers whose complaint was closed in these days."""
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
    rows = Ticket.objects.filter(created_at__gte=start, created_at__lt=end, merged_into=None)
    return rows.exclude(kind=TicketKind.TASK)


def _support(user: User | None, row: dict[str, Any]) -> Support:
    return Support(user=user, **{name: row[f"{name}_of"] for name in NAMES})


NAMES: Sequence[str] = (
    *("tickets", "open", "answered", "kept", "answer_seconds", "solved", "solve_seconds", "rated", "rating"),
)
MEASURES = {
    "tickets_of": Count("pk"),
    "open_of": Count("pk", filter=Q(status__in=states.OPEN)),
    "answered_of": Count("first_answer_at"),
    "kept_of": Count("pk", filter=Q(first_answer_at__lte=F("answer_due_at"))),
    "answer_seconds_of": Avg("answer_seconds"),
    "solved_of": Count("solved_at"),
    "solve_seconds_of": Avg("solve_seconds"),
    "rated_of": Count("rating"),
    "rating_of": Avg("rating"),
}
# Local weeks begin on Saturday: two days before the ISO week's Monday. NULL stands for all that was before the first.
WEEKS = """
WITH moved AS (
    SELECT (c.at AT TIME ZONE %(zone)s)::date AS day,
        c.to_status = ANY(%(open)s) AND NOT c.from_status = ANY(%(open)s) AS opened,
        c.from_status = ANY(%(open)s) AND NOT c.to_status = ANY(%(open)s) AS ended
    FROM tickets_statuschange c JOIN tickets_ticket t ON t.club_id = c.club_id AND t.id = c.ticket_id
    WHERE c.club_id = %(club)s AND t.kind <> 'task'
)
SELECT CASE WHEN day >= %(first)s THEN date_trunc('week', day + 2)::date - 2 END AS week,
    count(*) FILTER (WHERE opened), count(*) FILTER (WHERE ended)
FROM moved WHERE opened OR ended GROUP BY 1
"""
COMPLAINTS = """
WITH complaint AS (
    SELECT t.id, t.member_id, t.closed_at FROM tickets_ticket t
    WHERE t.club_id = %(club)s AND t.kind = 'complaint' AND t.merged_into_id IS NULL
        AND t.closed_at >= %(start)s AND t.closed_at < %(end)s
), bought AS (
    SELECT c.id, sum(p.net - p.refunded) AS spent FROM complaint c
    JOIN purchases_purchase p ON p.club_id = %(club)s AND p.member_id = c.member_id AND NOT p.fully_refunded
        AND p.occurred_at > c.closed_at AND p.occurred_at <= c.closed_at + %(days)s
    GROUP BY c.id
)
SELECT count(*), count(b.id), count(*) FILTER (WHERE c.closed_at + %(days)s > %(now)s), coalesce(sum(b.spent), 0)
FROM complaint c LEFT JOIN bought b USING (id)
"""
