"""Members whose day it may be, by the database and in batches by their id: (id, what is to be known of the day)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection

from club.purchases.figures import FEWEST, USUAL_GAP
from club.tiers.models import Tier
from core.jalali import day_bounds, to_jalali
from core.tenancy.scope import club_zone, current_club_id
from crm.occasions.days import born_on
from offers.compile import necessary
from offers.ranges import Domains, Words
from offers.reach import Frame, bounds
from offers.rules import Condition, LiveOffer, Own, conditions

BATCH = 1_000
"""So many members are worked on at once."""
READ = 5_000
"""So many are read, or looked at, by one statement."""
BIRTHDAY, LAST_PURCHASE = "days_from_birthday", "days_since_last_purchase"
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
AT_LEAST = ("gte", "gt", "eq")
Row = tuple[int, Any]
Rows = Sequence[Row]


@dataclass(frozen=True)
class Window:
    """What must be so of a member for an offer to one who stays away, as far as the database tells it quickly.

    The moments between which the last purchase must lie, the tiers, and how much of the own usual gap must be over.
    """

    offer: int
    earliest: datetime
    latest: datetime
    tiers: list[str] | None = None
    gap_bp: int | None = None


def asks(offer: LiveOffer, fact: str) -> bool:
    """Whether the offer's conditions ask about the fact."""
    return any(condition.fact == fact for condition in conditions(offer.terms.when))


def birthdays_near(offers: Iterable[LiveOffer], today: date) -> set[date]:
    """The birthdays that the offers answer to today: the day itself, where an offer names no days of its own."""
    frame, days = _frame(), set()
    for offer in offers:
        low, high = bounds(offer.terms.when, (BIRTHDAY, None), frame) if asks(offer, BIRTHDAY) else (0, 0)
        offsets = range(-183 if low is None else low, (183 if high is None else high) + 1)
        days |= {today - timedelta(days=offset) for offset in offsets}
    return days


def windows_of(offers: Iterable[LiveOffer], today: date) -> list[Window]:
    """Of each offer that asks since when somebody stays away; the others are for nobody."""
    frame, zone, found = _frame(), club_zone(), []
    for offer in offers:
        if not asks(offer, LAST_PURCHASE):
            continue
        low, high = bounds(offer.terms.when, (LAST_PURCHASE, None), frame)
        latest = day_bounds(today - timedelta(days=max(1, low or 1)), zone)[1]
        earliest = LONG_AGO if high is None else day_bounds(today - timedelta(days=high), zone)[0]
        found.append(Window(offer.id, earliest, latest, _tiers(offer, frame.domains), _gap(offer)))
    return found


def born(days: Iterable[date], *, by: date) -> Iterator[Rows]:
    """Members with a birthday on one of these days who had joined by that day."""
    on = sorted(born_on(days))
    sent = {
        "months": [month for month, _day in on],
        "days": [day for _month, day in on],
        "joined_before": day_bounds(by, club_zone())[1],
    }
    return found(BORN, sent)


def born_without_turn(days: Iterable[date], offers: Sequence[LiveOffer], *, by: date) -> Iterator[Rows]:
    """The same of those in whose birthday some of the offers had no turn yet; the days lie around one."""
    on = {found: to_jalali(day)[0] for day in days for found in born_on([day])}
    sent = {
        "months": [month for month, _day in on],
        "days": [day for _month, day in on],
        "years": list(on.values()),
        "offers": [offer.id for offer in offers],
        "joined_before": day_bounds(by, club_zone())[1],
    }
    return found(BORN_WITHOUT_TURN, sent)


def joined_about(today: date) -> Iterator[Rows]:
    """Members who joined about this day of an earlier year, give or take the leap years."""
    near = [today + timedelta(days=offset) for offset in (-2, -1, 0, 1, 2)]
    months, days = [day.month for day in near], [day.day for day in near]
    return found(JOINED, {"months": months, "days": days, "zone": club_zone()})


def away(windows: Sequence[Window], today: date) -> Iterator[Rows]:
    """Members whose last purchase lies in the window of an offer that had no turn in it yet."""
    sent = {
        "windows": json.dumps([asdict(one) for one in windows], default=datetime.isoformat),
        "today": today,
        "at": day_bounds(today, club_zone())[1],
        "zone": club_zone(),
        "fewest": FEWEST,
    }
    return found_among(AWAY, sent)


def _frame() -> Frame:
    return Frame(Domains(dict(Tier.objects.values_list("code", "rank"))))


def _tiers(offer: LiveOffer, domains: Domains) -> list[str] | None:
    """The tiers without which the offer's conditions do not hold; None where they do not hang on them."""
    asked = [part for part in necessary(offer.terms.when) if isinstance(part, Condition) and part.fact == "tier"]
    met = [values for part in asked if isinstance(values := domains.met_by(part), Words) and not values.but]
    return sorted(set.intersection(*(set(map(str, one.some)) for one in met))) if met else None


def _gap(offer: LiveOffer) -> int | None:
    """How much of the own usual gap must be over."""
    parts = [part for part in necessary(offer.terms.when) if isinstance(part, Condition) and part.op in AT_LEAST]
    own = [part.value for part in parts if part.fact == LAST_PURCHASE and isinstance(part.value, Own)]
    return max((value.percent_bp for value in own), default=None)


def found(sql: str, sent: dict[str, Any]) -> Iterator[Rows]:
    """Whom the query finds, in batches; it is asked for so many at once."""

    def rows_found() -> Iterator[Row]:
        last = 0
        while rows := _read(sql, {**sent, "last": last, "most": READ}):
            yield from rows
            last = rows[-1][0]

    return _batches(rows_found())


def found_among(sql: str, sent: dict[str, Any]) -> Iterator[Rows]:
    """The same of a query that has to look closely: it is asked about so many members at once, whoever it finds."""

    def rows_found() -> Iterator[Row]:
        last = 0
        while (upto := _read(UPTO, {"last": last, "most": READ})[0][0]) is not None:
            yield from _read(sql, {**sent, "last": last, "upto": upto})
            last = upto

    return _batches(rows_found())


def found_of(whose: str, sql: str, sent: dict[str, Any]) -> Iterator[Rows]:
    """The same of a query that begins elsewhere: `whose` asks once for all ids, then it is asked of so many of them."""

    def rows_found() -> Iterator[Row]:
        ids = [row[0] for row in _read(whose, sent)]
        for start in range(0, len(ids), READ):
            yield from _read(sql, {**sent, "ids": ids[start : start + READ]})

    return _batches(rows_found())


def _batches(found: Iterator[Row]) -> Iterator[Rows]:
    while rows := list(islice(found, BATCH)):
        yield rows


def _read(sql: str, sent: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"club": current_club_id(), **sent})
        return list(cursor.fetchall())


BORN = """
SELECT id, birth_date FROM members_member
WHERE club_id = %(club)s AND id > %(last)s AND status = 'active' AND birth_date IS NOT NULL
    AND enrolled_at < %(joined_before)s
    AND (birth_jalali_month, birth_jalali_day) IN (SELECT * FROM unnest(%(months)s::smallint[], %(days)s::smallint[]))
ORDER BY id LIMIT %(most)s
"""
BORN_WITHOUT_TURN = """
SELECT m.id, m.birth_date FROM members_member m
JOIN unnest(%(months)s::smallint[], %(days)s::smallint[], %(years)s::int[]) AS d(month, day, year)
    ON m.birth_jalali_month = d.month AND m.birth_jalali_day = d.day
WHERE m.club_id = %(club)s AND m.id > %(last)s AND m.status = 'active' AND m.birth_date IS NOT NULL
    AND m.enrolled_at < %(joined_before)s
    AND EXISTS (
        SELECT FROM unnest(%(offers)s::bigint[]) AS o(id) WHERE NOT EXISTS (
            SELECT FROM occasions_turn t WHERE t.club_id = %(club)s AND t.member_id = m.id
                AND t.key = 'birthday:' || d.year AND t.offer_id = o.id))
ORDER BY m.id LIMIT %(most)s
"""
JOINED = """
SELECT id, enrolled_at FROM members_member
WHERE club_id = %(club)s AND id > %(last)s AND status = 'active'
    AND (extract(month FROM enrolled_at AT TIME ZONE %(zone)s), extract(day FROM enrolled_at AT TIME ZONE %(zone)s))
        IN (SELECT * FROM unnest(%(months)s::numeric[], %(days)s::numeric[]))
ORDER BY id LIMIT %(most)s
"""
UPTO = """
SELECT max(id) FROM (
    SELECT id FROM members_member WHERE club_id = %(club)s AND id > %(last)s ORDER BY id LIMIT %(most)s) next
"""
# Each part of its own, so that no piece reads more than its members: the database would else walk all buyers, or all
# turns, for each. The own gap is looked up last, of whom all the rest fits: it reads the member's purchases.
AWAY = f"""
WITH o AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(windows)s::jsonb)
        AS w(offer bigint, earliest timestamptz, latest timestamptz, tiers text[], gap_bp bigint)
), m AS MATERIALIZED (
    SELECT id, last_purchase_at, tier_code, %(today)s::date - (last_purchase_at AT TIME ZONE %(zone)s)::date AS days,
        'lapsed:' || (extract(epoch FROM last_purchase_at) * 1000000)::bigint AS key
    FROM members_member WHERE club_id = %(club)s AND id > %(last)s AND id <= %(upto)s AND status = 'active'
), had AS MATERIALIZED (
    SELECT member_id, key, offer_id FROM occasions_turn
    WHERE club_id = %(club)s AND member_id > %(last)s AND member_id <= %(upto)s
), fit AS MATERIALIZED (
    SELECT m.id, m.key, m.days, o.gap_bp
    FROM m JOIN o ON m.last_purchase_at >= o.earliest AND m.last_purchase_at < o.latest
        AND (o.tiers IS NULL OR m.tier_code = ANY(o.tiers))
    WHERE NOT EXISTS (SELECT FROM had WHERE had.member_id = m.id AND had.key = m.key AND had.offer_id = o.offer)
)
SELECT DISTINCT m.id, m.key FROM fit m WHERE m.gap_bp IS NULL OR m.days * 10000 >= m.gap_bp * ({USUAL_GAP})
ORDER BY m.id
"""  # noqa: S608 - our own
