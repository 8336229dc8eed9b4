"""Whom an occasion's message is due to, in batches by their id: (id, what is to be known). Each asks of active members.

Advertising goes to who agreed and is not on the list of those who want none; who has no mobile is told nothing.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from core.jalali import day_bounds, from_jalali, is_leap, to_jalali
from core.tenancy.scope import club_zone
from crm.occasions.candidates import Rows, found, found_of
from offers.situation import ESFAND, LEAP_DAY

OLDEST = 130
"""So many years back may a day of the member's own lie."""


def of_points(days: int, *, now: datetime, today: date) -> Iterator[Rows]:
    """Whose points or credit end within so many days and were not told of; nobody twice within those days.

    What is to be known: [points, credit, the first moment at which some of it ends]. The key says to which day.
    """
    sent = {
        "now": now,
        "night": day_bounds(today, club_zone())[1],
        "until": day_bounds(today + timedelta(days=days), club_zone())[1],
        "today": f"points_expiring:{today}",
        "after": "points_expiring:9999",
    }
    return found_of(WHOSE_POINTS, POINTS, sent)


def of_rewards(days: int, *, now: datetime, today: date) -> Iterator[Rows]:
    """Whose vouchers and codes end within so many days and were not spoken of: [[key, name, code, end] …], by end."""
    sent = {"now": now, "until": day_bounds(today + timedelta(days=days), club_zone())[1]}
    return found_of(WHOSE_REWARDS, REWARDS, sent)


def of_absence(days: int, *, today: date, late: int) -> Iterator[Rows]:
    """Who has not bought for so many days, up to so many days late: the key of their last purchase."""
    zone = club_zone()
    sent = {
        "earliest": day_bounds(today - timedelta(days=days + late), zone)[0],
        "latest": day_bounds(today - timedelta(days=days), zone)[1],
    }
    return found(ABSENT, sent)


def of_everybody() -> Iterator[Rows]:
    """Everybody whom advertising reaches."""
    return found(EVERYBODY, {})


def of_own_day(field: str, days: Sequence[date]) -> Iterator[Rows]:
    """In whose field a day returns on one of these days: what is kept there."""
    return found(OWN_DAY, {"field": field, "dates": [one.isoformat() for one in returning_on(days)]})


def returning_on(days: Sequence[date]) -> set[date]:
    """The days of earlier Jalali years that return on these; 30 Esfand on 29 Esfand of a common year."""
    found_days: set[date] = set()
    for day in days:
        year, month, number = to_jalali(day)
        for earlier in range(year - OLDEST, year):
            if (month, number) != (ESFAND, LEAP_DAY) or is_leap(earlier):
                found_days.add(from_jalali(earlier, month, number))
            if (month, number) == (ESFAND, LEAP_DAY - 1) and not is_leap(year) and is_leap(earlier):
                found_days.add(from_jalali(earlier, month, LEAP_DAY))
    return found_days


TOLD = "m.club_id = %(club)s AND m.status = 'active' AND m.phone IS NOT NULL"
ALIVE = f"{TOLD} AND m.id > %(last)s"
LISTED = f"{TOLD} AND m.id = ANY(%(ids)s::bigint[])"
AGREED = """m.sms_consent AND NOT EXISTS (
    SELECT FROM sms_suppression s WHERE s.club_id = m.club_id AND s.phone = m.phone)"""
WHOSE_POINTS = """
SELECT DISTINCT w.member_id FROM ledger_lot l JOIN ledger_wallet w ON w.club_id = l.club_id AND w.id = l.wallet_id
WHERE l.club_id = %(club)s AND l.remaining > 0 AND l.ends_at > %(now)s AND l.ends_at <= %(until)s
    AND w.member_id IS NOT NULL
ORDER BY 1
"""
POINTS = f"""
SELECT m.id, jsonb_build_array(
    coalesce(sum(l.remaining) FILTER (WHERE w.unit = 'points'), 0),
    coalesce(sum(l.remaining) FILTER (WHERE w.unit = 'credit'), 0), min(l.ends_at))::text
FROM members_member m JOIN ledger_wallet w ON w.club_id = m.club_id AND w.member_id = m.id
JOIN ledger_lot l ON l.club_id = w.club_id AND l.wallet_id = w.id
LEFT JOIN occasions_greeting t ON t.club_id = m.club_id AND t.member_id = m.id AND t.key = %(today)s
WHERE {LISTED} AND l.remaining > 0 AND l.ends_at <= %(until)s
    AND l.ends_at > %(now)s AND l.ends_at > CASE WHEN t.id IS NULL THEN %(now)s ELSE %(night)s END
    AND NOT EXISTS (SELECT FROM occasions_greeting g WHERE g.club_id = m.club_id AND g.member_id = m.id
        AND g.key > %(today)s AND g.key < %(after)s)
GROUP BY m.id ORDER BY m.id
"""  # noqa: S608 - our own
WHOSE_REWARDS = """
SELECT member_id FROM rewards_redemption
WHERE club_id = %(club)s AND status = 'issued' AND expires_at > %(now)s AND expires_at <= %(until)s
UNION
SELECT member_id FROM offers_coupon
WHERE club_id = %(club)s AND member_id IS NOT NULL AND NOT void AND ends_at > %(now)s AND ends_at <= %(until)s
ORDER BY 1
"""
REWARDS = f"""
WITH ending AS MATERIALIZED (
    SELECT member_id, 'reward_expiring:r' || id AS key, name, code, expires_at AS ends
    FROM rewards_redemption
    WHERE club_id = %(club)s AND member_id = ANY(%(ids)s::bigint[])
        AND status = 'issued' AND expires_at > %(now)s AND expires_at <= %(until)s
    UNION ALL
    SELECT c.member_id, 'reward_expiring:c' || c.id, o.name, c.code, c.ends_at
    FROM offers_coupon c JOIN offers_offer o ON o.club_id = c.club_id AND o.id = c.offer_id
    WHERE c.club_id = %(club)s AND c.member_id = ANY(%(ids)s::bigint[]) AND NOT c.void AND o.status = 'live'
        AND (c.uses IS NULL OR c.used < c.uses) AND c.ends_at > %(now)s AND c.ends_at <= %(until)s
        AND NOT EXISTS (SELECT FROM rewards_redemption r WHERE r.club_id = c.club_id AND r.coupon_id = c.id)
)
SELECT m.id, jsonb_agg(jsonb_build_array(e.key, e.name, e.code, e.ends) ORDER BY e.ends, e.key)::text
FROM ending e JOIN members_member m ON m.club_id = %(club)s AND m.id = e.member_id
WHERE {LISTED} AND NOT EXISTS (
    SELECT FROM occasions_greeting g WHERE g.club_id = m.club_id AND g.member_id = m.id AND g.key = e.key)
GROUP BY m.id ORDER BY m.id
"""  # noqa: S608 - our own
ABSENT = f"""
SELECT m.id, 'miss_you:' || (extract(epoch FROM m.last_purchase_at) * 1000000)::bigint FROM members_member m
WHERE {ALIVE} AND {AGREED} AND m.last_purchase_at >= %(earliest)s AND m.last_purchase_at < %(latest)s
ORDER BY m.id LIMIT %(most)s
"""  # noqa: S608 - our own
EVERYBODY = f"SELECT m.id, '' FROM members_member m WHERE {ALIVE} AND {AGREED} ORDER BY m.id LIMIT %(most)s"  # noqa: S608
OWN_DAY = f"""
SELECT m.id, left(m.custom->>%(field)s, 10) FROM members_member m
WHERE {ALIVE} AND left(m.custom->>%(field)s, 10) = ANY(%(dates)s) ORDER BY m.id LIMIT %(most)s
"""  # noqa: S608 - our own
