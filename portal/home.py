"""What a member sees first: value, when it ends and begins, the way to the next tier."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from club.gift_cards.models import GiftCard
from club.gift_cards.selectors import spendable_cards
from club.ledger.models import Unit
from club.ledger.selectors import Balances, Ending, balances, next_ending, not_yet_usable
from club.members.models import Member, Segment, TierChange
from club.members.selectors import badges_of
from club.programme.rules import Programme
from club.programme.selectors import programme_at
from club.rewards.models import Redemption
from club.rewards.nearest import Nearest, nearest_reward, within_reach
from club.rewards.selectors import open_vouchers
from club.tiers.ladder import Step, next_step, step_of
from club.tiers.selectors import TierEnd, end_of_tier, ladder
from core.jalali import last_day, local_date
from core.tenancy.scope import current_club
from offers.pictures import icon_of
from portal.models import Congratulated
from portal.statement import Happening, latest

CONGRATULATE_WITHIN = timedelta(days=90)
LATEST = 5
AT_HAND = 3
"""So many vouchers and cards stand on the first page."""


@dataclass(frozen=True)
class Portion:
    """A part of a wallet with a day of its own: the last day it is good for, or the day it begins."""

    amount: int
    is_points: bool
    day: date
    is_all: bool = False
    is_idle: bool = False
    """Whether each purchase moves its end."""


@dataclass(frozen=True)
class Ladder:
    """Where the member stands: the tier held, the next one, what is reached and missing of its metric."""

    held: Step | None
    following: Step | None
    reached: int = 0
    missing: int = 0
    ends: TierEnd | None = None
    """Where the tier held is not reached by the figures: when it ends, and what keeps it."""

    @property
    def in_money(self) -> bool:
        """Whether the next tier is reached by what was bought."""
        return self.following is not None and self.following.metric == "spent"

    @property
    def in_points(self) -> bool:
        """Whether the next tier is reached by points."""
        return self.following is not None and self.following.metric == "points"


@dataclass(frozen=True)
class Home:
    """Everything the first page shows, ready."""

    balances: Balances
    worth: int | None
    """What the points that can be spent now pay for; None where points pay for nothing."""
    points_end: Portion | None
    credit_end: Portion | None
    waiting: list[Portion]
    ladder: Ladder
    reward: Nearest | None
    in_reach: int
    """How many rewards the points reach."""
    vouchers: list[tuple[Redemption, str]]
    gift_cards: list[GiftCard]
    latest: list[Happening]
    badges: list[Segment] = field(default_factory=list)


def home_of(member: Member, now: datetime) -> Home:
    """What to show the member at the moment."""
    has, programme = balances(member.pk, now), programme_at(now)
    ends = next_ending(member.pk, now)
    return Home(
        balances=has,
        worth=_worth(has.usable_points, programme),
        points_end=_last_day(ends.get(Unit.POINTS), has.points),
        credit_end=_last_day(ends.get(Unit.CREDIT), has.credit),
        waiting=waiting_of(member.pk, now),
        ladder=standing(member, now),
        reward=nearest_reward(has.usable_points),
        in_reach=within_reach(has.usable_points),
        vouchers=[(row, icon_of(row.kind)) for row in open_vouchers(member.pk, at=now)[:AT_HAND]],
        gift_cards=spendable_cards(member.pk, at=now)[:AT_HAND],
        latest=latest(member.pk, limit=LATEST),
        badges=badges_of(member.pk),
    )


def standing(member: Member, now: datetime) -> Ladder:
    """The member's place on the club's tiers; empty where the club has none."""
    steps = ladder(member.pk, now)
    held, following = step_of(steps, member.tier_code), next_step(steps, member.tier_code)
    ends = end_of_tier(member.pk, steps, member.tier_code, member.tier_floor)
    if following is None:
        return Ladder(held, None, ends=ends)
    reached = max(0, min(following.reached, following.threshold))
    return Ladder(held, following, reached, following.threshold - reached, ends)


def congratulate(member: Member, now: datetime) -> Step | None:
    """The tier the member rose to and was not told of yet, told now: the next call answers None."""
    change = TierChange.objects.filter(member=member).order_by("-at", "-id").first()
    if change is None or change.to_code != member.tier_code or change.at < now - CONGRATULATE_WITHIN:
        return None
    steps = ladder(member.pk, now)
    before, after = step_of(steps, change.from_code), step_of(steps, change.to_code)
    if before is None or after is None or after.rank <= before.rank:
        return None
    told, is_new = Congratulated.objects.get_or_create(member=member, defaults={"tier_change_id": change.pk})
    if is_new:
        return after
    # Of two devices that ask at once, one changes the row.
    rows = Congratulated.objects.filter(pk=told.pk, tier_change_id__lt=change.pk)
    return after if rows.update(tier_change_id=change.pk) else None


def _worth(points: int, programme: Programme) -> int | None:
    return points * programme.point_worth if programme.points_spendable and programme.point_worth else None


def _last_day(ending: Ending | None, balance: int) -> Portion | None:
    if ending is None:
        return None
    day = last_day(ending.expires_at, current_club().time_zone)
    is_all = ending.amount >= balance
    return Portion(ending.amount, ending.unit == Unit.POINTS, day, is_all=is_all, is_idle=ending.is_idle)


def waiting_of(member_id: int, now: datetime) -> list[Portion]:
    """What cannot be spent yet, with its day; what begins on the same day is said together."""
    sums: dict[tuple[date, bool], int] = defaultdict(int)
    for part in not_yet_usable(member_id, now):
        day = local_date(part.expires_at, current_club().time_zone)
        sums[day, part.unit == Unit.POINTS] += part.amount
    return [Portion(amount, is_points, day) for (day, is_points), amount in sorted(sums.items())]
