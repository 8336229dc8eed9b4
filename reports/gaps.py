"""Days without any entry: recorded once they are over, so that nobody takes a shut till for a lack of customers.

A day has an entry when a purchase or a refund happened on it, however late it was recorded; or when staff or a
program recorded anything else on it: value given or taken by hand, a gift card, a reward, an activity, a new member.
What jobs and members themselves do is none: it goes on while the till is off. Days before the club's first purchase
are no gaps. Analyses leave gaps out; a day that was filled since is none, whatever the row still says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Min

from club.purchases.models import Purchase
from core import audit
from core.errors import NotFound
from core.jalali import local_date
from core.tenancy.scope import club_zone, current_club_id
from core.text import clean_name
from reports.models import DataGap
from reports.ranges import Span

LOOKED_BACK = timedelta(days=1_461)
"""How far back gaps are looked for: two years, and the two that they are compared with."""
NOTE_LENGTH = 200


def note_gaps(*, now: datetime) -> str:
    """Record the days that passed without an entry, and forget those of which one has come in since."""
    last = local_date(now, club_zone()) - timedelta(days=1)
    sent: dict[str, Any] = {
        "club": current_club_id(),
        "zone": club_zone(),
        "last": last,
        "first": last - LOOKED_BACK,
        "now": now,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FORGET, sent)
        gone = cursor.rowcount
        cursor.execute(NOTE, sent)
        return f"{cursor.rowcount} days noted, {gone} filled since"


def gaps_within(span: Span) -> list[DataGap]:
    """The days of the span without an entry, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(WITHIN, {"club": current_club_id(), "zone": club_zone(), "first": span.first, "last": span.last})
        names = ("id", "club_id", "day", "is_closed", "note", "actor", "noted_at")
        return [DataGap(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def first_day() -> date | None:
    """The day of the club's first purchase: before it there is no data at all."""
    first: datetime | None = Purchase.objects.aggregate(first=Min("occurred_at"))["first"]
    return local_date(first, club_zone()) if first else None


def gap_days(spans: Iterable[Span]) -> frozenset[date]:
    """The days without an entry from the first to the last day of all spans: one query."""
    asked = list(spans)
    whole = Span(min(span.first for span in asked), max(span.last for span in asked))
    return frozenset(gap.day for gap in gaps_within(whole))


@transaction.atomic
def mark_gap(gap_id: int, *, is_closed: bool, note: str, actor: str) -> DataGap:
    """Say that the shop was shut that day, or that it was not. Raises NotFound."""
    gap = DataGap.objects.select_for_update().filter(pk=gap_id).first()
    if gap is None:
        raise NotFound
    before = _said(gap)
    said = clean_name(note)[:NOTE_LENGTH].strip() if is_closed else ""
    gap.is_closed, gap.note, gap.actor = is_closed, said, actor
    gap.save(update_fields=["is_closed", "note", "actor"])
    audit.record("gap.mark", actor=actor, target=f"gap:{gap.day.isoformat()}", before=before, after=_said(gap))
    return gap


def _said(gap: DataGap) -> dict[str, Any]:
    return {"is_closed": gap.is_closed, "note": gap.note}


def _on_day(*moments: str) -> str:
    """Each of these moments of a row lies on the day, by the club's clock."""
    start, end = (f"{day}::timestamp AT TIME ZONE %(zone)s" for day in ("d.day", "(d.day + 1)"))
    return " AND ".join(f"x.{moment} >= {start} AND x.{moment} < {end}" for moment in moments)


# A ledger written in bulk of old days was no work of the day that it tells of, nor of the day that it was written on:
# the entry and what it tells of lie on the same day. Its purchases count by themselves.
BY_OPERATOR = "split_part(x.actor, ':', 1) IN ('user', 'api_key')"
FILLED = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} x WHERE x.club_id = %(club)s AND {condition})"  # noqa: S608
    for table, condition in (
        ("purchases_purchase", _on_day("occurred_at")),
        ("purchases_refund", _on_day("occurred_at")),
        ("ledger_entry", f"{_on_day('created_at', 'occurred_at')} AND {BY_OPERATOR}"),
        ("occasions_occasion", f"{_on_day('occurred_at')} AND {BY_OPERATOR}"),
        ("core_auditentry", f"{_on_day('created_at')} AND x.action = 'member.enrol' AND {BY_OPERATOR}"),
    )
)
NOTE = f"""
INSERT INTO reports_datagap (club_id, day, noted_at)
SELECT %(club)s, d.day, %(now)s FROM (
    SELECT day::date FROM generate_series(
        (SELECT (min(occurred_at) AT TIME ZONE %(zone)s)::date FROM purchases_purchase WHERE club_id = %(club)s)
            ::timestamp, %(last)s::timestamp, interval '1 day'
    ) AS day
) AS d
WHERE d.day >= %(first)s AND NOT ({FILLED})
ON CONFLICT (club_id, day) DO NOTHING
"""  # noqa: S608
FORGET = f"DELETE FROM reports_datagap d WHERE d.club_id = %(club)s AND ({FILLED})"  # noqa: S608
WITHIN = f"""
SELECT d.id, d.club_id, d.day, d.is_closed, d.note, d.actor, d.noted_at FROM reports_datagap d
WHERE d.club_id = %(club)s AND d.day >= %(first)s AND d.day <= %(last)s AND NOT ({FILLED})
ORDER BY d.day
"""  # noqa: S608
