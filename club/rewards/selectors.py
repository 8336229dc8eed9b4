"""Reads of rewards and vouchers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from club.rewards.models import Redemption, Reward
from core.errors import NotFound
from offers.codes import coupon_key

LARGEST = 2**63 - 1
ISSUED, USED, CANCELLED = (status.value for status in Redemption.Status)
STATES = (ISSUED, USED, "expired", CANCELLED)


def rewards(*, is_active: bool | None = None) -> QuerySet[Reward]:
    """The rewards of the club, for lists."""
    rows: QuerySet[Reward] = Reward.objects.all()
    return rows if is_active is None else rows.filter(is_active=is_active)


def catalogue() -> list[Reward]:
    """What members can have, in the club's order; what has run out stands among it."""
    return list(rewards(is_active=True).order_by("position", "points", "pk"))


def get_reward(code: str, *, lock: bool = False) -> Reward:
    """The reward by its code; NotFound for an unknown one (another club's too)."""
    rows = Reward.objects.select_for_update(no_key=True) if lock else Reward.objects
    reward: Reward | None = rows.filter(code=code).first() if "\x00" not in code else None
    if reward is None:
        raise NotFound
    return reward


def get_redemption(redemption_id: int) -> Redemption:
    """The voucher; NotFound for an unknown id (another club's too)."""
    rows = Redemption.objects.select_related("member", "reward", "coupon")
    found: Redemption | None = rows.filter(pk=redemption_id).first() if 0 < redemption_id <= LARGEST else None
    if found is None:
        raise NotFound
    return found


def vouchers_by_codes(codes: Collection[str], *, by_purchase: bool) -> list[Redemption]:
    """The vouchers of these codes, in any letter case and digits: of those that a purchase uses, or of the others."""
    keys = [key for key in map(coupon_key, codes) if key and "\x00" not in key]
    rows = Redemption.objects.select_related("member", "reward").filter(code__in=keys)
    return list(rows.filter(coupon__isnull=not by_purchase).order_by("pk"))


def vouchers(
    *,
    at: datetime,
    status: str = "",
    reward: int | None = None,
    grant: int | None = None,
    member: int | None = None,
) -> QuerySet[Redemption]:
    """The vouchers of a state (`expired` is one), of a reward, a list or a member, the newest first."""
    rows: QuerySet[Redemption] = Redemption.objects.select_related("member", "reward")
    wanted = {"reward": reward, "grant": grant, "member": member}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return rows.filter(in_state(status, at)).order_by("-pk") if status else rows.order_by("-pk")


def in_state(status: str, at: datetime) -> Q:
    """The rows that are in a state at the moment."""
    if status == "expired":
        return Q(status=ISSUED, expires_at__lte=at)
    if status == ISSUED:
        return Q(status=ISSUED) & (Q(expires_at=None) | Q(expires_at__gt=at))
    return Q(status=status)


def open_vouchers(member_id: int, *, at: datetime) -> list[Redemption]:
    """What the member may still use, the soonest end first."""
    rows = Redemption.objects.filter(in_state(ISSUED, at), member=member_id)
    return list(rows.select_related("reward").order_by(F("expires_at").asc(nulls_last=True), "pk"))


def closed_vouchers(member_id: int, *, at: datetime, limit: int) -> list[Redemption]:
    """What the member used, gave back or let go by, the newest first."""
    rows = Redemption.objects.filter(member=member_id).exclude(in_state(ISSUED, at))
    return list(rows.order_by("-pk")[:limit])


def times_taken(member_id: int) -> dict[int, int]:
    """By reward, how often the member has it for points, as its limit for each member counts."""
    rows = Redemption.objects.filter(member=member_id, points__gt=0, reward__isnull=False).exclude(status=CANCELLED)
    return dict(rows.values_list("reward").annotate(times=Count("pk")))


def states_of_grant(grant_id: int, *, at: datetime) -> dict[str, int]:
    """How many vouchers of a gift to a list are in each state: issued (open), used, expired, cancelled."""
    counts = {str(state): Count("pk", filter=in_state(state, at)) for state in STATES}
    found: dict[str, int] = Redemption.objects.filter(grant=grant_id).aggregate(**counts)
    return found


@dataclass(frozen=True)
class Line:
    """What became of one reward, or (`reward` None) of gifts of their own name."""

    reward: int | None
    name: str
    for_points: int
    granted: int
    open: int
    used: int
    expired: int
    cancelled: int
    points: int
    worth: int

    @property
    def issued(self) -> int:
        """How many vouchers were handed out in all."""
        return self.for_points + self.granted


def report(*, at: datetime, since: datetime | None = None, until: datetime | None = None) -> list[Line]:
    """Reward by reward what was issued in that time and what became of it; one query.

    `points` and `worth` are of what was not cancelled.
    """
    rows = Redemption.objects.all()
    if since:
        rows = rows.filter(occurred_at__gte=since)
    if until:
        rows = rows.filter(occurred_at__lt=until)
    kept = ~Q(status=CANCELLED)
    found: Any = (
        rows.values("reward", "reward__name")
        .annotate(
            for_points=Count("pk", filter=Q(points__gt=0)),
            granted=Count("pk", filter=Q(points=0)),
            open=Count("pk", filter=in_state(ISSUED, at)),
            used=Count("pk", filter=Q(status=USED)),
            expired=Count("pk", filter=in_state("expired", at)),
            cancelled=Count("pk", filter=Q(status=CANCELLED)),
            spent=Sum("points", filter=kept, default=0),
            value=Sum("worth", filter=kept, default=0),
        )
        .order_by("-spent", "reward")
    )
    counts = ("for_points", "granted", "open", "used", "expired", "cancelled")
    return [
        Line(
            reward=row["reward"],
            name=row["reward__name"] or "",
            points=row["spent"],
            worth=row["value"],
            **{name: row[name] for name in counts},
        )
        for row in found
    ]
