"""Members whose day it may be, by the database and in batches by their id: (id, what is to be known of the day)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection

from club.tiers.models import Tier
from core.jalali import day_bounds
from core.tenancy.scope import club_zone, current_club_id
from crm.occasions.days import MonthDay
from offers.ranges import Domains
from offers.reach import Frame, bounds
from offers.rules import LiveOffer, conditions

BATCH = 300
BIRTHDAY, LAST_PURCHASE = "days_from_birthday", "days_since_last_purchase"
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """An offer with the moments between which a last purchase must lie for it."""

    offer: int
    earliest: datetime
    latest: datetime


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
        found.append(Window(offer.id, earliest, latest))
    return found


def born(on: set[MonthDay], *, by: date, last: int) -> list[tuple[int, date]]:
    """Members after the last id who were born on one of these days of the Jalali year and had joined by that day."""
    months, days = [month for month, _day in sorted(on)], [day for _month, day in sorted(on)]
    joined_before = day_bounds(by, club_zone())[1]
    return _read(BORN, {"months": months, "days": days, "joined_before": joined_before, "last": last})


def joined_about(today: date, *, last: int) -> list[tuple[int, datetime]]:
    """Members after the last id who joined about this day of an earlier year, give or take the leap years."""
    near = [today + timedelta(days=offset) for offset in (-2, -1, 0, 1, 2)]
    months, days = [day.month for day in near], [day.day for day in near]
    return _read(JOINED, {"months": months, "days": days, "zone": club_zone(), "last": last})


def away(windows: Sequence[Window], *, last: int) -> list[tuple[int, str]]:
    """Members after the last id whose last purchase lies in the window of an offer that had no turn in it yet."""
    sent = {
        "offers": [one.offer for one in windows],
        "earliest": [one.earliest for one in windows],
        "latest": [one.latest for one in windows],
        "last": last,
    }
    return _read(AWAY, sent)


def _frame() -> Frame:
    return Frame(Domains(dict(Tier.objects.values_list("code", "rank"))))


def _read(sql: str, sent: dict[str, Any]) -> list[tuple[int, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"club": current_club_id(), "batch": BATCH, **sent})
        return list(cursor.fetchall())


BORN = """
SELECT id, birth_date FROM members_member
WHERE club_id = %(club)s AND id > %(last)s AND status = 'active' AND birth_date IS NOT NULL
    AND enrolled_at < %(joined_before)s
    AND (birth_jalali_month, birth_jalali_day) IN (SELECT * FROM unnest(%(months)s::smallint[], %(days)s::smallint[]))
ORDER BY id LIMIT %(batch)s
"""
JOINED = """
SELECT id, enrolled_at FROM members_member
WHERE club_id = %(club)s AND id > %(last)s AND status = 'active'
    AND (extract(month FROM enrolled_at AT TIME ZONE %(zone)s), extract(day FROM enrolled_at AT TIME ZONE %(zone)s))
        IN (SELECT * FROM unnest(%(months)s::numeric[], %(days)s::numeric[]))
ORDER BY id LIMIT %(batch)s
"""
AWAY = """
SELECT m.id, m.key FROM (
    SELECT id, last_purchase_at, 'lapsed:' || (extract(epoch FROM last_purchase_at) * 1000000)::bigint AS key
    FROM members_member
    WHERE club_id = %(club)s AND id > %(last)s AND status = 'active' AND last_purchase_at IS NOT NULL
) m
WHERE EXISTS (
    SELECT FROM unnest(%(offers)s::bigint[], %(earliest)s::timestamptz[], %(latest)s::timestamptz[])
        AS o(id, earliest, latest)
    WHERE m.last_purchase_at >= o.earliest AND m.last_purchase_at < o.latest AND NOT EXISTS (
        SELECT FROM occasions_turn t
        WHERE t.club_id = %(club)s AND t.member_id = m.id AND t.key = m.key AND t.offer_id = o.id))
ORDER BY m.id LIMIT %(batch)s
"""
