"""Codes that a customer gave: what they bring, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.errors import AppError
from core.tenancy.scope import current_club_id
from offers.codes import LONGEST, coupon_key, normal_coupon_code
from offers.live import LiveNow


class CouponRefused(AppError):
    """A code that cannot be used; `code` of each kind is that of the REST API."""

    http_status = 409


class CouponUnknown(CouponRefused):
    code = "coupon_unknown"
    message = _("کد تخفیف «%(coupon)s» شناخته نشد.")


class CouponUsed(CouponRefused):
    code = "coupon_used"
    message = _("کد تخفیف «%(coupon)s» پیش‌تر استفاده شده است.")


class CouponExpired(CouponRefused):
    code = "coupon_expired"
    message = _("کد تخفیف «%(coupon)s» منقضی شده است.")


class CouponNotStarted(CouponRefused):
    code = "coupon_not_started"
    message = _("کد تخفیف «%(coupon)s» هنوز آغاز نشده است.")


class CouponNotForMember(CouponRefused):
    code = "coupon_not_for_member"
    message = _("کد تخفیف «%(coupon)s» برای عضو دیگری است.")


class CouponNoEffect(CouponRefused):
    code = "coupon_no_effect"
    message = _("کد تخفیف «%(coupon)s» به این خرید نمی‌خورد.")


@dataclass(frozen=True)
class GivenCode:
    """A code that may be used, and the offer that it brings."""

    coupon_id: int
    code: str
    offer: int


@dataclass(frozen=True)
class _Row:
    coupon_id: int
    code: str
    offer: int
    uses: int | None
    used: int
    per_member: int | None
    member: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    void: bool
    by_member: int
    was_live: bool
    """Whether the offer had been published by then."""


def read_codes(codes: Sequence[str], *, member_id: int | None, live: LiveNow, at: datetime) -> list[GivenCode]:
    """The codes as coupons, each once, in the order given. Raises CouponRefused in its kinds."""
    asked = {coupon_key(code): normal_coupon_code(code) for code in reversed(codes)}
    known = _rows(list(asked), member_id, at)
    rows = []
    for key in dict.fromkeys(map(coupon_key, codes)):
        if key not in known:
            raise CouponUnknown(coupon=asked[key][:LONGEST])
        _check(known[key], member_id, live, at)
        rows.append(known[key])
    return [GivenCode(row.coupon_id, row.code, row.offer) for row in rows]


def judge_code(code: str, *, member_id: int | None, live: LiveNow, at: datetime) -> tuple[int | None, str]:
    """The offer that a code brings, None for an unknown one, and why it cannot be used now; empty where it can.

    Without a member nobody is told that it is somebody else's.
    """
    key = coupon_key(code)
    row = _rows([key], member_id, at).get(key)
    if row is None:
        return None, CouponUnknown.code
    try:
        _check(row, row.member if member_id is None else member_id, live, at)
    except CouponRefused as refusal:
        return row.offer, refusal.code
    return row.offer, ""


def _rows(keys: list[str], member_id: int | None, at: datetime) -> dict[str, _Row]:
    """By what they are found by; without those that no code can be."""
    possible = [key for key in keys if 0 < len(key) <= LONGEST and "\x00" not in key]
    if not possible:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(COUPONS, {"club": current_club_id(), "keys": possible, "member": member_id, "at": at})
        return {key: _Row(*row) for key, *row in cursor.fetchall()}


def _check(row: _Row, member_id: int | None, live: LiveNow, at: datetime) -> None:
    if row.member is not None and row.member != member_id:
        raise CouponNotForMember(coupon=row.code)
    offer = live.by_id.get(row.offer)
    starts = [row.starts_at, offer.terms.starts_at if offer else None]
    if any(start and at < start for start in starts) or (offer is None and not row.was_live):
        raise CouponNotStarted(coupon=row.code)
    ends = [row.ends_at, offer.terms.ends_at if offer else None]
    if row.void or offer is None or any(end and at >= end for end in ends):
        raise CouponExpired(coupon=row.code)
    spent = row.uses is not None and row.used >= row.uses
    if spent or (row.per_member is not None and row.by_member >= row.per_member):
        raise CouponUsed(coupon=row.code)


COUPONS = """
SELECT c.key, c.id, c.code, c.offer_id, c.uses, c.used, c.per_member, c.member_id, c.starts_at, c.ends_at, c.void,
    (SELECT count(*) FROM offers_couponuse u WHERE u.club_id = c.club_id AND u.coupon_id = c.id
        AND u.member_id = %(member)s AND NOT u.given_back),
    coalesce((SELECT min(v.live_from) <= %(at)s FROM offers_offerversion v
        WHERE v.club_id = c.club_id AND v.offer_id = c.offer_id), false)
FROM offers_coupon c
WHERE c.club_id = %(club)s AND c.key = ANY(%(keys)s)
"""
