"""How many an occasion's message would reach: tomorrow, and in the next thirty days. One query for each occasion."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from core.jalali import day_bounds, local_date
from core.named_days import NamedDays
from core.tenancy.scope import club_zone, current_club_id
from crm.occasions.days import born_on
from crm.occasions.due import AGREED, returning_on
from crm.occasions.messages import NAMED_DAY, OWN_DAY

MONTH = 30
Counts = tuple[int, int]


@dataclass(frozen=True)
class Outlook:
    """What the counts are reckoned by; each answers (tomorrow, in thirty days), None where nobody can foresee it."""

    now: datetime
    calendar: NamedDays

    @property
    def today(self) -> date:
        return local_date(self.now, club_zone())

    def of(self, code: str, days: int) -> Counts | None:
        """How many would be told of the occasion, so many days before it."""
        if code in OF_MEMBERS:
            return OF_MEMBERS[code](self, days)
        family, _dash, which = code.partition("-")
        if family == NAMED_DAY:
            return self._named(which, days)
        return self._own(which, days) if family == OWN_DAY else None

    def days_ahead(self, before: int = 0) -> list[date]:
        """The days of which members are told from tomorrow on, for thirty days."""
        return [self.today + timedelta(days=before + ahead) for ahead in range(1, MONTH + 1)]

    def birthdays(self, _days: int) -> Counts:
        days = self.days_ahead()
        pairs = (
            "(m.birth_jalali_month, m.birth_jalali_day) IN (SELECT * FROM unnest(%({0}_m)s::int[], %({0}_d)s::int[]))"
        )
        sent = _pairs("first", days[:1]) | _pairs("all", days)
        return _count("members_member m", pairs.format("first"), pairs.format("all"), sent)

    def anniversaries(self, _days: int) -> Counts:
        days = self.days_ahead()
        joined = "(m.enrolled_at AT TIME ZONE %(zone)s)::date = ANY(%({})s::date[])"
        sent = {"first": _returning(days[:1]), "all": _returning(days), "zone": club_zone()}
        return _count("members_member m", joined.format("first"), joined.format("all"), sent)

    def ends(self, days: int) -> Counts:
        source = """(SELECT w.club_id, w.member_id AS id, l.ends_at AS ends FROM ledger_lot l
            JOIN ledger_wallet w ON w.club_id = l.club_id AND w.id = l.wallet_id
            WHERE l.club_id = %(club)s AND l.remaining > 0 AND l.ends_at > %(start)s AND l.ends_at <= %(month)s) e
            JOIN members_member m ON m.club_id = e.club_id AND m.id = e.id"""
        return _count(source, "e.ends <= %(day)s", "true", self._ending(days))

    def vouchers(self, days: int) -> Counts:
        source = """(SELECT club_id, member_id AS id, expires_at AS ends FROM rewards_redemption
            WHERE club_id = %(club)s AND status = 'issued' AND expires_at > %(start)s AND expires_at <= %(month)s
            UNION ALL SELECT club_id, member_id, ends_at FROM offers_coupon
            WHERE club_id = %(club)s AND member_id IS NOT NULL AND NOT void AND (uses IS NULL OR used < uses)
                AND ends_at > %(start)s AND ends_at <= %(month)s) e
            JOIN members_member m ON m.club_id = e.club_id AND m.id = e.id"""
        return _count(source, "e.ends <= %(day)s", "true", self._ending(days))

    def absent(self, days: int) -> Counts:
        zone, from_day = club_zone(), self.today + timedelta(days=1 - days)
        sent = {
            "start": day_bounds(from_day, zone)[0],
            "day": day_bounds(from_day, zone)[1],
            "month": day_bounds(from_day + timedelta(days=MONTH - 1), zone)[1],
        }
        month = f"m.last_purchase_at >= %(start)s AND m.last_purchase_at < %(month)s AND {AGREED}"
        return _count("members_member m", "m.last_purchase_at < %(day)s", month, sent)

    def _ending(self, days: int) -> dict[str, Any]:
        zone, from_day = club_zone(), self.today + timedelta(days=days)
        return {
            "start": day_bounds(from_day, zone)[1],
            "day": day_bounds(from_day + timedelta(days=1), zone)[1],
            "month": day_bounds(from_day + timedelta(days=MONTH), zone)[1],
        }

    def _named(self, which: str, days: int) -> Counts:
        told = self.days_ahead(days)
        coming = [one.first for one in self.calendar.within(told[0], told[-1]) if one.code == which]
        if not coming:
            return 0, 0
        everybody = _count("members_member m", "true", AGREED, {})[1]
        return everybody if told[0] in coming else 0, everybody * len(coming)

    def _own(self, which: str, days: int) -> Counts:
        told = self.days_ahead(days)
        kept = "left(m.custom->>%(field)s, 10) = ANY(%({})s)"
        sent = {
            "field": which,
            "first": [one.isoformat() for one in returning_on(told[:1])],
            "all": [one.isoformat() for one in returning_on(told)],
        }
        return _count("members_member m", kept.format("first"), kept.format("all"), sent)


OF_MEMBERS: dict[str, Callable[[Outlook, int], Counts]] = {
    "birthday": Outlook.birthdays,
    "anniversary": Outlook.anniversaries,
    "points_expiring": Outlook.ends,
    "reward_expiring": Outlook.vouchers,
    "miss_you": Outlook.absent,
}


def _pairs(name: str, days: Iterable[date]) -> dict[str, Any]:
    on = sorted(born_on(days))
    return {f"{name}_m": [month for month, _day in on], f"{name}_d": [day for _month, day in on]}


def _returning(days: Sequence[date]) -> list[date]:
    return sorted(returning_on(days))


def _count(source: str, first: str, everything: str, sent: dict[str, Any]) -> Counts:
    """Distinct members with a mobile who are meant on the first day, and in all."""
    sql = f"""
        SELECT count(DISTINCT m.id) FILTER (WHERE {first}), count(DISTINCT m.id) FROM {source}
        WHERE m.club_id = %(club)s AND m.status = 'active' AND m.phone IS NOT NULL AND {everything}
    """  # noqa: S608 - our own
    with connection.cursor() as cursor:
        cursor.execute(sql, {"club": current_club_id(), **sent})
        first_day, month = cursor.fetchone()
    return int(first_day), int(month)
