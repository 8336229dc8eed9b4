"""Reading recorded purchases for a back-test, chunk by chunk in order of time, and what holds for all of them."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from core.tenancy.scope import club_zone, current_club_id
from reports.back_test.asking import Asked
from reports.back_test.past import Row, moment_of
from reports.ranges import Span

CHUNK = 10_000
COUNTED = 100_000
"""So many purchases are counted; of more it is enough to know that there are more."""
Cursor = tuple[int, int]
"""The microseconds and the id of the last purchase that was read."""


@dataclass(frozen=True)
class Reader:
    """The purchases of members in a span, those of one member in `every`; taken back whole is as never bought."""

    asked: Asked
    span: Span
    every: int = 1

    def chunk(self, after: Cursor | None, *, most: int) -> list[Row]:
        """The next rows after the cursor that the filters let through."""
        filters = "".join(f" AND {one}" for one in self.asked.filters)
        sent = {**self.asked.parameters, **bounds(self.span, every=self.every), "most": most}
        if after:
            filters += " AND p.occurred_at >= %(since)s AND (p.occurred_at, p.id) > (%(since)s, %(last)s)"
            sent |= {"since": moment_of(after[0]), "last": after[1]}
        statement = (
            f"SELECT {', '.join(self.asked.columns)} FROM ("  # noqa: S608 - words of our own
            f"SELECT p.* {OF_MEMBERS}{filters} ORDER BY p.occurred_at, p.id LIMIT %(most)s"
            ") p ORDER BY p.occurred_at, p.id"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, sent)
            return list(cursor.fetchall())


def sales_of(span: Span, *, every: int = 1) -> tuple[int, int]:
    """What members paid for less what was refunded, and in how many purchases."""
    with connection.cursor() as cursor:
        cursor.execute(SALES, bounds(span, every=every))
        sales, purchases = cursor.fetchone()
    return int(sales), int(purchases)


def size_of(span: Span) -> int:
    """How many purchases there are to look at; one more than `COUNTED` stands for all that are more."""
    with connection.cursor() as cursor:
        cursor.execute(SIZE, {**bounds(span), "most": COUNTED + 1})
        return int(cursor.fetchone()[0])


def bounds(span: Span, *, every: int = 1) -> dict[str, Any]:
    """The parameters that every reading has."""
    zone = club_zone()
    start, end = span.bounds(zone)
    return {"club": current_club_id(), "zone": zone, "start": start, "end": end, "every": every}


OF_MEMBERS = """FROM purchases_purchase p WHERE p.club_id = %(club)s AND p.occurred_at >= %(start)s
AND p.occurred_at < %(end)s AND p.member_id IS NOT NULL AND NOT p.fully_refunded
AND (%(every)s = 1 OR p.member_id %% %(every)s = 0)"""
SALES = f"SELECT coalesce(sum(p.net - p.refunded), 0), count(*) {OF_MEMBERS}"
SIZE = f"SELECT count(*) FROM (SELECT 1 {OF_MEMBERS} LIMIT %(most)s) counted"  # noqa: S608 - words of our own
