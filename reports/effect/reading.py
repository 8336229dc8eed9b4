"""What the effect of an offer is reckoned from: sums by group, in a few set-based statements.

The population is all members, by what was settled before the offer: enrolled before it was first open, still members
and never merged, and what `narrowing` adds. What became of them since decides nothing, else the comparison would be
of people whom the offer itself has chosen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from core.jalali import local_date
from core.tenancy.scope import club_zone, current_club_id
from reports.effect.course import Course
from reports.effect.enough import Counted
from reports.effect.narrowing import Narrowing
from reports.effect.statistics import Sums, slope_of

CONTROL, TREATED = 0, 1


@dataclass(frozen=True)
class Group:
    """What a group did while the offer was open: `worth` and `discount` are what the offer gave it."""

    sums: Sums
    buyers: int
    visits: int
    worth: int
    discount: int

    @property
    def members(self) -> int:
        """How many members."""
        return self.sums.members

    @property
    def spent(self) -> int:
        """What they spent, refunds taken off."""
        return self.sums.y

    @property
    def counted(self) -> Counted:
        """What decides whether there is data enough."""
        return Counted(self.members, self.buyers)


@dataclass(frozen=True)
class Asked:
    """An offer's population and its time."""

    offer_id: int
    course: Course
    narrowing: Narrowing
    joined_within: bool
    """Whether it is about those who joined while it was open, as an offer on enrolment can meet no others."""

    def sent(self, **more: Any) -> dict[str, Any]:
        """The parameters of the statements."""
        course = self.course
        held, ever = (course.held_bp, course.ever_bp) if course.has_control else (0, 0)
        since, until = (course.start, course.end) if self.joined_within else (None, course.start)
        return {
            "club": current_club_id(),
            "zone": club_zone(),
            "offer": self.offer_id,
            "held": held,
            "ever": ever,
            "joined_since": since,
            "joined_until": until,
            "start": course.start,
            "end": course.end,
            "before": course.before,
            **self.narrowing.sent,
            **more,
        }

    def statement(self, rest: str) -> str:
        """A statement about the population."""
        return PEOPLE.replace("/* narrowed */", self.narrowing.sql) + rest


def read_groups(asked: Asked) -> dict[int, Group]:
    """What each group did, by `CONTROL` and `TREATED`; a group without members is missing."""
    with connection.cursor() as cursor:
        cursor.execute(asked.statement(MOMENTS), asked.sent())
        return {
            arm: Group(Sums(*(int(value) for value in sums)), int(buyers), int(visits), int(worth), int(discount))
            for arm, buyers, visits, worth, discount, *sums in cursor.fetchall()
        }


def read_cubes(asked: Asked, treated: Sums, control: Sums) -> tuple[float, float]:
    """The sums of cubes about each group's mean, of what was spent less what was to be expected."""
    slope = slope_of(treated, control)
    means = {f"mean_{arm}": group.mean - slope * group.mean_before for arm, group in ((1, treated), (0, control))}
    with connection.cursor() as cursor:
        cursor.execute(asked.statement(CUBES), asked.sent(slope=slope, **means))
        found = dict(cursor.fetchall())
    return found[TREATED], found[CONTROL]


def read_days(asked: Asked, since: datetime, until: datetime) -> dict[int, dict[date, tuple[int, int]]]:
    """By group and local day: what was spent, and the purchases."""
    found: dict[int, dict[date, tuple[int, int]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(asked.statement(DAYS), asked.sent(since=since, until=until))
        for arm, day, spent, visits in cursor.fetchall():
            found[arm][day] = int(spent), int(visits)
    return found


def read_cost(offer_id: int) -> tuple[int, int, int]:
    """How often the offer was given and kept, to how many members, and what it was worth to them."""
    with connection.cursor() as cursor:
        cursor.execute(COST, {"club": current_club_id(), "offer": offer_id})
        times, members, worth = cursor.fetchone()
    return int(times), int(members), int(worth)


def day_of(moment: datetime) -> date:
    """The club's day of a moment."""
    return local_date(moment, club_zone())


# The draw is that of offers.engine.is_held_out, in SQL: eight bytes of a hash as a number without sign, modulo 10,000.
PEOPLE = """
WITH drawn AS (
    SELECT m.id, mod(
        mod(('x' || substr(h.hex, 1, 8))::bit(32)::bigint, 10000) * mod(4294967296, 10000)
        + ('x' || substr(h.hex, 9, 8))::bit(32)::bigint, 10000) AS draw
    FROM members_member m
    CROSS JOIN LATERAL (SELECT encode(sha256(convert_to(%(offer)s || ':' || m.id, 'UTF8')), 'hex') AS hex) h
    WHERE m.club_id = %(club)s AND m.status <> 'erased'
        AND m.enrolled_at < %(joined_until)s
        AND (%(joined_since)s::timestamptz IS NULL OR m.enrolled_at >= %(joined_since)s)
        AND (m.source <> 'import' OR m.created_at < %(joined_until)s)
        AND NOT EXISTS (SELECT 1 FROM members_member o WHERE o.club_id = %(club)s AND o.merged_into_id = m.id)
        /* narrowed */
), people AS (
    SELECT id, CASE WHEN draw < %(held)s THEN 0 ELSE 1 END AS arm FROM drawn
    WHERE draw < %(held)s OR draw >= %(ever)s
), spent AS (
    SELECT p.member_id,
        sum(p.net - p.refunded) FILTER (WHERE p.occurred_at >= %(start)s) AS y,
        sum(p.net - p.refunded) FILTER (WHERE p.occurred_at < %(start)s) AS x,
        count(*) FILTER (WHERE p.occurred_at >= %(start)s) AS visits
    FROM purchases_purchase p
    WHERE p.club_id = %(club)s AND p.member_id IS NOT NULL AND NOT p.fully_refunded
        AND p.occurred_at >= %(before)s AND p.occurred_at < %(end)s
    GROUP BY p.member_id
), each AS (
    SELECT people.id, people.arm, coalesce(s.y, 0)::numeric AS y, coalesce(s.x, 0)::numeric AS x,
        coalesce(s.visits, 0) AS visits
    FROM people LEFT JOIN spent s ON s.member_id = people.id
)
"""
MOMENTS = """
, given AS (
    SELECT a.member_id, sum(a.worth) AS worth, sum(a.discount) AS discount FROM awards_award a
    WHERE a.club_id = %(club)s AND a.offer_id = %(offer)s AND NOT a.given_back
        AND a.occurred_at >= %(start)s AND a.occurred_at < %(end)s
    GROUP BY a.member_id
)
SELECT e.arm, count(*) FILTER (WHERE e.visits > 0), sum(e.visits),
    coalesce(sum(g.worth), 0), coalesce(sum(g.discount), 0),
    count(*), sum(e.y), sum(e.x), sum(e.y * e.y), sum(e.x * e.x), sum(e.x * e.y)
FROM each e LEFT JOIN given g ON g.member_id = e.id GROUP BY e.arm
"""
CUBES = """
SELECT arm, sum(power(
    y::float8 - %(slope)s * x::float8 - CASE WHEN arm = 1 THEN %(mean_1)s ELSE %(mean_0)s END, 3))
FROM each GROUP BY arm
"""
DAYS = """
SELECT people.arm, (p.occurred_at AT TIME ZONE %(zone)s)::date, sum(p.net - p.refunded), count(*)
FROM purchases_purchase p JOIN people ON people.id = p.member_id
WHERE p.club_id = %(club)s AND NOT p.fully_refunded AND p.occurred_at >= %(since)s AND p.occurred_at < %(until)s
GROUP BY 1, 2
"""
COST = """
SELECT count(*), count(DISTINCT member_id), coalesce(sum(worth), 0) FROM awards_award
WHERE club_id = %(club)s AND offer_id = %(offer)s AND NOT given_back
"""
