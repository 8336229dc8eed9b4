"""The segments' part of `batch.py`: the nightly recount beside plain statements and beside a loop member by member."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

ENOUGH = 5_000_000
RULES: dict[str, dict[str, Any]] = {
    "buyers": {"fact": "spent_in_days", "op": "gte", "value": ENOUGH, "of": 60},
    "away": {"fact": "days_since_last_purchase", "op": "gte", "value": {"own": "usual_gap", "percent": 200}},
}
# Who fits, as anybody would write it first.
FITS = {
    "buyers": f"""SELECT member_id FROM purchases_purchase
        WHERE club_id = %(club)s AND NOT fully_refunded AND member_id IS NOT NULL
            AND occurred_at > %(now)s::timestamptz - interval '60 days'
        GROUP BY 1 HAVING sum(net - refunded) >= {ENOUGH}""",
    "away": """SELECT m.id AS member_id FROM members_member m JOIN (
            SELECT member_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY gap) AS gap FROM (
                SELECT member_id, occurred_at::date - lag(occurred_at::date) OVER (
                    PARTITION BY member_id ORDER BY occurred_at) AS gap
                FROM purchases_purchase WHERE club_id = %(club)s AND NOT fully_refunded) p GROUP BY member_id
        ) g ON g.member_id = m.id WHERE club_id = %(club)s AND (%(now)s::date - last_purchase_at::date) >= 2 * g.gap""",
}
# One in fifty of those who fit is not in it yet, and one in fifty of the others is in it still.
STOOD = """
INSERT INTO members_segmentmember (club_id, segment_id, member_id, since)
SELECT %(club)s, %(segment)s, m.id, %(now)s FROM members_member m LEFT JOIN (<fits>) f ON f.member_id = m.id
WHERE m.club_id = %(club)s AND (m.last_name::int %% 50 = 1) = (f.member_id IS NULL)
"""
SIZED = """
UPDATE members_segment SET size = (SELECT count(*) FROM members_segmentmember WHERE segment_id = %(segment)s)
WHERE club_id = %(club)s AND id = %(segment)s
"""
# The same rows as the recount leaves: members, events, the size, and the day.
RECOUNT = """
WITH fits AS MATERIALIZED (
    SELECT f.member_id FROM (<fits>) f JOIN members_member m ON m.id = f.member_id AND m.club_id = %(club)s
    WHERE m.status = 'active'
), gone AS (
    DELETE FROM members_segmentmember s WHERE club_id = %(club)s AND segment_id = %(segment)s
        AND NOT EXISTS (SELECT FROM fits WHERE fits.member_id = s.member_id) RETURNING member_id
), come AS (
    INSERT INTO members_segmentmember (club_id, segment_id, member_id, since)
    SELECT %(club)s, %(segment)s, member_id, %(now)s FROM fits WHERE NOT EXISTS (
        SELECT FROM members_segmentmember s
        WHERE s.club_id = %(club)s AND s.segment_id = %(segment)s AND s.member_id = fits.member_id)
    RETURNING member_id
), told AS (
    INSERT INTO core_domainevent (club_id, kind, member_id, document, data, occurred_at)
    SELECT %(club)s, kind, member_id, 'segment:1', '{"code": "<code>"}', %(now)s FROM (
        SELECT 'segment.left' AS kind, member_id FROM gone UNION ALL SELECT 'segment.entered', member_id FROM come) t
), sized AS (
    UPDATE members_segment SET size = (SELECT count(*) FROM fits), counted_at = %(now)s
    WHERE club_id = %(club)s AND id = %(segment)s
)
INSERT INTO members_segmentday (club_id, segment_id, day, size, entered, "left")
SELECT %(club)s, %(segment)s, %(now)s::date, (SELECT count(*) FROM fits), (SELECT count(*) FROM come),
    (SELECT count(*) FROM gone) RETURNING 1
"""


def make_segments(club: int, now: datetime) -> None:
    """The segments as they were left yesterday."""
    from django.db import connection, transaction

    from club.members.models import Segment

    for code, rule in RULES.items():
        rules = {"all": [rule]}
        segment = Segment.objects.create(
            code=code, name=code, kind=Segment.Kind.LIVE, rules=rules, counted_at=now - timedelta(days=1)
        )
        sent = {"club": club, "segment": segment.pk, "now": now}
        with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(STOOD.replace("<fits>", FITS[code]), sent)
            cursor.execute(SIZED, sent)
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE members_segmentmember")
        cursor.execute("RESET statement_timeout")


def segment_work(
    club: int, now: datetime, executed: Callable[[str, dict[str, Any]], object]
) -> tuple[Callable[[], object], Callable[[], object], Callable[[int], object]]:
    """The nightly recount of all segments, a plain statement for each, and the loop over so many members."""
    from club.members.models import Segment
    from crm.segments.recounting import count_segments

    def plain() -> None:
        for code, pk in Segment.objects.values_list("code", "pk"):
            sql = RECOUNT.replace("<fits>", FITS[code]).replace("<code>", code)
            executed(sql, {"club": club, "now": now, "segment": pk})

    return lambda: count_segments(now=now), plain, lambda part: one_by_one(part, now)


def one_by_one(part: int, now: datetime) -> None:
    """Of each member the figures, and whether that is another answer than yesterday's."""
    from itertools import pairwise
    from statistics import median

    from django.db.models import F, Sum

    from club.members.models import Member, Segment, SegmentMember
    from club.purchases.models import Purchase
    from core import events
    from core.jalali import local_date

    segments = {segment.code: segment for segment in Segment.objects.all()}
    for member in Member.objects.filter(status="active").order_by("pk")[:part]:
        bought = Purchase.objects.filter(member=member, fully_refunded=False)
        late = bought.filter(occurred_at__gt=now - timedelta(days=60))
        spent = late.aggregate(spent=Sum(F("net") - F("refunded")))["spent"] or 0
        days = [local_date(at) for at in bought.order_by("occurred_at").values_list("occurred_at", flat=True)]
        gap = median((after - before).days for before, after in pairwise(days)) if days[1:] else 0
        away = bool(gap) and (local_date(now) - days[-1]).days >= 2 * gap
        for code, fits in (("buyers", spent >= ENOUGH), ("away", away)):
            rows = SegmentMember.objects.filter(segment=segments[code], member=member)
            if rows.exists() == fits:
                continue
            kind = "segment.entered" if fits else "segment.left"
            if fits:
                SegmentMember.objects.create(segment=segments[code], member=member)
            else:
                rows.delete()
            document = segments[code].document
            events.emit(kind, document=document, occurred_at=now, member_id=member.pk, data={"code": code})
