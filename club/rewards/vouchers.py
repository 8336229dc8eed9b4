"""Vouchers handed out, used, cancelled, and open again: by conditional updates, so that of two at once one wins.

Of a voucher with a coupon the coupon's row comes first, in every act: a purchase takes it in that order too.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Now

from club.rewards.errors import RewardOutOfStock
from club.rewards.models import Redemption, Reward
from core.jalali import day_bounds, local_date
from core.rows import insert_rows
from core.tenancy.scope import club_zone, current_club_id
from offers.codes import random_code
from offers.made import AT_ONCE
from offers.models import Coupon

LENGTH = 8
"""Letters of a code: typed at the till, where guessing is no outsider's."""
STATUS = Redemption.Status


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """What is handed out, the same to each: of a reward, or (None) a gift of this name."""

    reward: Reward | None
    name: str
    points: int
    worth: int
    at: datetime
    actor: str
    valid_days: int | None
    grant: int | None = None

    @property
    def kind(self) -> str:
        return self.reward.benefit["kind"] if self.reward and self.reward.benefit else ""

    @property
    def by_coupon(self) -> bool:
        """Whether a purchase uses it: what it gives needs a basket."""
        return bool(self.kind) and self.kind not in AT_ONCE

    @property
    def expires_at(self) -> datetime | None:
        """The end of the local day so many days on."""
        if self.valid_days is None:
            return None
        zone = club_zone()
        return day_bounds(local_date(self.at, zone) + timedelta(days=self.valid_days), zone)[1]


def take_stock(reward: Reward, count: int = 1) -> None:
    """Take so many of what there is. Raises RewardOutOfStock; then nothing was taken."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"club": current_club_id(), "reward": reward.pk, "count": count})
        if not cursor.fetchone():
            raise RewardOutOfStock(reward=reward.name)


def put_back(reward_id: int) -> None:
    """One more is there again."""
    Reward.objects.filter(pk=reward_id).update(taken=F("taken") - 1)


def hand_out(voucher: Voucher, member_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """A voucher for each member, with a coupon where one has to stand behind it: id and code by member.

    Whoever has one of the same list already gets none. Four statements for any number.
    """
    made = _insert(voucher, member_ids)
    if voucher.by_coupon and voucher.reward and made:
        ends_at = voucher.expires_at
        rows = [
            (voucher.reward.offer_id, code, 1, member, ends_at, f"redemption:{number}", voucher.actor)
            for member, (number, code) in made.items()
        ]
        names = ("offer_id", "code", "uses", "member_id", "ends_at", "document", "actor")
        insert_rows(Coupon, names, rows)
        with connection.cursor() as cursor:
            cursor.execute(JOIN, [current_club_id(), [number for number, _code in made.values()]])
    return made


def _insert(voucher: Voucher, member_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    codes = _free_codes(len(member_ids))
    ends_at = voucher.expires_at
    sent: dict[str, Any] = {
        "club": current_club_id(),
        "reward": voucher.reward.pk if voucher.reward else None,
        "grant": voucher.grant,
        "name": voucher.name,
        "kind": voucher.kind,
        "points": voucher.points,
        "worth": voucher.worth,
        "expires_at": ends_at,
        "at": voucher.at,
        "actor": voucher.actor,
        "rows": json.dumps([{"m": member, "c": code} for member, code in zip(member_ids, codes, strict=True)]),
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, sent)
        return {member: (number, code) for number, member, code in cursor.fetchall()}


def _free_codes(count: int) -> list[str]:
    """Codes that nobody has, no coupon either."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        fresh = [random_code(LENGTH) for _code in range(count - len(codes))]
        taken = set(Redemption.objects.filter(code__in=fresh).values_list("code", flat=True))
        taken |= set(Coupon.objects.filter(key__in=fresh).values_list("key", flat=True))
        codes |= dict.fromkeys(code for code in fresh if code not in taken)
    return list(codes)


def close(redemption: Redemption, status: str, *, actor: str, at: datetime) -> bool:
    """Use or cancel one that is open, its coupon with it; whether it still was."""
    if redemption.coupon_id is not None and not _void(redemption.coupon_id):
        return False
    rows = Redemption.objects.filter(pk=redemption.pk, status=STATUS.ISSUED)
    return bool(rows.update(status=status, closed_at=at, closed_by=actor, updated_at=Now()))


def _void(coupon_id: int) -> bool:
    unused = Coupon.objects.filter(pk=coupon_id, used=0, void=False)
    return bool(unused.update(void=True, updated_at=Now()))


def note_uses(coupons: Iterable[int], *, document: str, at: datetime) -> None:
    """These coupons were used in a document: so are the vouchers that they stand behind."""
    rows = Redemption.objects.filter(coupon__in=sorted(coupons), status=STATUS.ISSUED)
    rows.update(status=STATUS.USED, closed_at=at, used_in=document, updated_at=Now())


def reopen(document: str) -> None:
    """The whole document was taken back: what was used in it can be used again until its end."""
    rows = Redemption.objects.filter(used_in=document, status=STATUS.USED)
    rows.update(status=STATUS.ISSUED, closed_at=None, used_in="", updated_at=Now())


def hand_over_vouchers(source_id: int, into_id: int) -> None:
    """One member's vouchers are another's from now on; of a list that gave to both each keeps its own."""
    own = Redemption.objects.filter(member=source_id)
    twice = Redemption.objects.filter(member=into_id, grant__isnull=False).values("grant")
    own.filter(grant__in=twice).update(grant=None)
    own.update(member=into_id, updated_at=Now())


def end_vouchers(member_ids: Collection[int], *, at: datetime) -> None:
    """What these members have open ends now, with its coupons, and what a refund would open again."""
    own = Redemption.objects.filter(Q(status=STATUS.ISSUED) | ~Q(used_in=""), member__in=member_ids)
    rows = own.exclude(expires_at__lte=at)
    coupons = list(rows.exclude(coupon=None).values_list("coupon", flat=True))
    Coupon.objects.filter(pk__in=sorted(coupons)).update(ends_at=at, updated_at=Now())
    rows.update(expires_at=at, updated_at=Now())


TAKE = """
UPDATE rewards_reward SET taken = taken + %(count)s
WHERE club_id = %(club)s AND id = %(reward)s AND (stock IS NULL OR taken + %(count)s <= stock) RETURNING id
"""
INSERT = """
INSERT INTO rewards_redemption (club_id, reward_id, grant_id, member_id, code, name, kind, points, worth, status,
    expires_at, occurred_at, actor, closed_by, used_in)
SELECT %(club)s, %(reward)s, %(grant)s, m, c, %(name)s, %(kind)s, %(points)s, %(worth)s, 'issued', %(expires_at)s,
    %(at)s, %(actor)s, '', ''
FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(m bigint, c text)
ON CONFLICT (club_id, grant_id, member_id) DO NOTHING RETURNING id, member_id, code
"""
JOIN = """
UPDATE rewards_redemption r SET coupon_id = c.id FROM offers_coupon c
WHERE r.club_id = %s AND c.club_id = r.club_id AND c.document = 'redemption:' || r.id AND r.id = ANY(%s)
"""
