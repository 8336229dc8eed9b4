"""Taking from what offers share among all members: uses, budgets and codes, by conditional updates.

The rows are locked until the purchase is written, so this is the last thing before it; in the order of their ids, so
that two purchases never wait for each other. What is read before is only a guess: here it is decided.
"""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction

from core.jalali import local_date, to_jalali
from core.tenancy.scope import club_zone, current_club_id
from offers.models import CouponUse, OfferCounter
from offers.rules import Limits


@dataclass(frozen=True)
class Take:
    """One use of an offer, worth so many Rial, by a code where one brought it."""

    offer: int
    worth: int
    limits: Limits = field(default_factory=Limits)
    coupon: int | None = None

    @property
    def can_run_out(self) -> bool:
        """Whether what all share may stand against it."""
        limits = self.limits
        return (self.coupon, limits.total, limits.budget, limits.budget_per_month) != (None,) * 4


def month_of(at: datetime) -> str:
    """The Jalali month of a moment in the club's zone, as counters name it: 1405-09."""
    year, month, _day = to_jalali(local_date(at, club_zone()))
    return f"{year}-{month:02}"


def take(wanted: Sequence[Take], *, member_id: int, document: str, at: datetime) -> dict[int, str]:
    """Take all of them, or none: empty, or for each offer that cannot be given the outcome that this is."""
    if not wanted:
        return {}
    savepoint = transaction.atomic if any(one.can_run_out for one in wanted) else nullcontext
    try:
        with savepoint():
            _take(wanted, month_of(at))
    except _Refused as refused:
        return refused.outcomes
    uses = {one.coupon for one in wanted if one.coupon is not None}
    CouponUse.objects.bulk_create(
        [CouponUse(coupon_id=coupon, member_id=member_id, document=document, occurred_at=at) for coupon in sorted(uses)]
    )
    return {}


class _Refused(Exception):
    """Some cannot be given. What was taken till then is undone by its savepoint, so that nothing stays locked either:
    who tries again takes others, which may come before these.
    """

    def __init__(self, outcomes: dict[int, str]) -> None:
        self.outcomes = outcomes


def _take(wanted: Sequence[Take], month: str) -> None:
    counted = _count(wanted, month)
    refused = {one.offer: why for one in wanted if (why := _why(one, counted, month))}
    coded = {one.offer: one.coupon for one in wanted if one.coupon is not None}
    used = _use(list(coded.values()))
    refused |= {offer: "limit_reached" for offer, coupon in coded.items() if coupon not in used}
    if refused:
        raise _Refused(refused)


def note_stopped(refused: Sequence[Take], *, at: datetime) -> list[int]:
    """Of offers that could not be given, those whose limit or budget for all is used up, if nobody has noted it yet.

    Waits for nobody, as other counters are held by now: one that somebody else holds is left to the next purchase.
    """
    month = month_of(at)
    rows = [
        {"o": one.offer, "p": period, "w": one.worth, "n": total, "b": budget}
        for one in refused
        for period, total, budget in (
            ("", one.limits.total, one.limits.budget),
            (month, None, one.limits.budget_per_month),
        )
        if total is not None or budget is not None
    ]
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(STOPPED, {"club": current_club_id(), "rows": json.dumps(rows), "at": at})
        return sorted({row[0] for row in cursor.fetchall()})


def start_again(offer: int) -> None:
    """The limits were changed: whether there is room is for the next purchase to find out."""
    OfferCounter.objects.filter(offer=offer).update(stopped_at=None)


def give_back(taken: Sequence[tuple[int, int]], *, document: str, at: datetime) -> bool:
    """Give back uses of a document of that moment: (offer, worth) of each, and the codes used in it, if there were any.

    What had stopped has room again; whether enough is for the next purchase to find out.
    """
    month = month_of(at)
    _uncount([(offer, worth, period) for offer, worth in taken for period in ("", month)])
    uses = CouponUse.objects.filter(document=document, given_back=False)
    coupons = sorted(uses.values_list("coupon_id", flat=True))
    if coupons:
        uses.update(given_back=True)
        _unuse(coupons)
    return bool(coupons)


def _count(wanted: Sequence[Take], month: str) -> set[tuple[int, str]]:
    """The counters that had room, and have been moved."""
    rows = []
    for one in wanted:
        limits = one.limits
        rows.append({"o": one.offer, "p": "", "w": one.worth, "n": limits.total, "b": limits.budget})
        rows.append({"o": one.offer, "p": month, "w": one.worth, "n": None, "b": limits.budget_per_month})
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"club": current_club_id(), "rows": json.dumps(rows)})
        return {(offer, period) for offer, period in cursor.fetchall()}


def _why(one: Take, counted: set[tuple[int, str]], month: str) -> str:
    if (one.offer, "") in counted and (one.offer, month) in counted:
        return ""
    if (one.offer, "") in counted or one.limits.total is None:
        return "budget_spent"
    return "limit_reached" if one.limits.budget is None else _which(one)


def _which(one: Take) -> str:
    """Both a number and a budget are set: which of them has run out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT used FROM offers_offercounter WHERE club_id = %s AND offer_id = %s AND period = ''",
            [current_club_id(), one.offer],
        )
        row = cursor.fetchone()
    return "limit_reached" if row and row[0] >= (one.limits.total or 0) else "budget_spent"


def _uncount(rows: Sequence[tuple[int, int, str]]) -> None:
    if rows:
        sent = json.dumps([{"o": offer, "w": worth, "p": period} for offer, worth, period in rows])
        with connection.cursor() as cursor:
            cursor.execute(UNCOUNT, {"club": current_club_id(), "rows": sent})


def _use(coupons: Sequence[int]) -> set[int]:
    """The coupons that still had a use, and have it no more."""
    if not coupons:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(USE, {"club": current_club_id(), "coupons": sorted(coupons)})
        return {row[0] for row in cursor.fetchall()}


def _unuse(coupons: Sequence[int]) -> None:
    if coupons:
        with connection.cursor() as cursor:
            cursor.execute(UNUSE, {"club": current_club_id(), "coupons": list(coupons)})


COUNT = """
INSERT INTO offers_offercounter AS c (club_id, offer_id, period, used, spent)
SELECT %(club)s, o, p, 1, w FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(o bigint, p text, w bigint, b bigint)
WHERE coalesce(b >= w, true)
ORDER BY o, p
ON CONFLICT (club_id, offer_id, period) DO UPDATE SET used = c.used + 1, spent = c.spent + excluded.spent
WHERE c.used < coalesce((SELECT n FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(o bigint, p text, n bigint)
                         WHERE o = c.offer_id AND p = c.period), c.used + 1)
  AND c.spent + excluded.spent <= coalesce((SELECT b
        FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(o bigint, p text, b bigint)
        WHERE o = c.offer_id AND p = c.period), c.spent + excluded.spent)
RETURNING offer_id, period
"""
UNCOUNT = """
WITH locked AS (
    SELECT c.id, r.w FROM offers_offercounter c
    JOIN jsonb_to_recordset(%(rows)s::jsonb) AS r(o bigint, p text, w bigint) ON c.offer_id = r.o AND c.period = r.p
    WHERE c.club_id = %(club)s ORDER BY c.offer_id, c.period FOR UPDATE OF c
)
UPDATE offers_offercounter c SET used = c.used - 1, spent = c.spent - locked.w, stopped_at = NULL FROM locked
WHERE c.club_id = %(club)s AND c.id = locked.id
"""
USE = """
WITH locked AS (
    SELECT id FROM offers_coupon WHERE club_id = %(club)s AND id = ANY(%(coupons)s) ORDER BY id FOR UPDATE
)
UPDATE offers_coupon c SET used = c.used + 1, updated_at = now() FROM locked
WHERE c.club_id = %(club)s AND c.id = locked.id AND NOT c.void AND (c.uses IS NULL OR c.used < c.uses)
RETURNING c.id
"""
UNUSE = """
WITH locked AS (
    SELECT id FROM offers_coupon WHERE club_id = %(club)s AND id = ANY(%(coupons)s) ORDER BY id FOR UPDATE
)
UPDATE offers_coupon c SET used = c.used - 1, updated_at = now() FROM locked
WHERE c.club_id = %(club)s AND c.id = locked.id
"""
STOPPED = """
WITH spent_up AS (
    SELECT c.id FROM offers_offercounter c
    JOIN jsonb_to_recordset(%(rows)s::jsonb) AS r(o bigint, p text, w bigint, n bigint, b bigint)
        ON c.offer_id = r.o AND c.period = r.p
    WHERE c.club_id = %(club)s AND c.stopped_at IS NULL AND (c.used >= r.n OR c.spent + r.w > r.b)
    FOR UPDATE OF c SKIP LOCKED
)
UPDATE offers_offercounter c SET stopped_at = %(at)s FROM spent_up
WHERE c.club_id = %(club)s AND c.id = spent_up.id AND c.stopped_at IS NULL
RETURNING c.offer_id
"""
