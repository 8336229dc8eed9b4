"""The ladder as a whole: a tier put in between, moved, taken off with its holders; several thresholds at once."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from club.members.models import Member, TierChange
from club.tiers.forecast import holders, rungs
from club.tiers.models import Tier
from club.tiers.services import LIMITS, NewTier, check_order, create_tier, describe
from core import audit
from core.errors import NotFound, Text, ValidationFailed
from core.rows import insert_rows
from core.tenancy.scope import current_club_id

FITTING = "*"
"""In place of a tier's code: to each holder the tier that fits."""
MOST_RANK = LIMITS["rank"][1]
AT_ONCE = 5_000


@transaction.atomic
def insert_tier(new: NewTier, *, above: str, actor: str) -> Tier:
    """Add a tier right above another (none: as the lowest); those higher move up by a place. Its `rank` is not asked.

    Raises as `create_tier` does.
    """
    ladder = _locked()
    rank = next((tier.rank + 1 for tier in ladder if tier.code == above), 0)
    if any(tier.rank == rank for tier in ladder):
        for tier in reversed([tier for tier in ladder if tier.rank >= rank]):
            _put(tier, tier.rank + 1)
    return create_tier(NewTier(**{**vars(new), "rank": rank}), actor=actor)


@transaction.atomic
def move_tier(code: str, *, up: bool, actor: str) -> None:
    """Change places with the neighbour. A place keeps its threshold where both are counted alike.

    At an end of the ladder nothing happens. Raises NotFound, ValidationFailed where a third tier forbids it.
    """
    ladder = _locked()
    place = _place(ladder, code)
    other = place + (1 if up else -1)
    if not 0 <= other < len(ladder):
        return
    one, two = ladder[place], ladder[other]
    before = {tier.code: tier.rank for tier in (one, two)}
    ranks = one.rank, two.rank
    if (one.metric, one.window_days) == (two.metric, two.window_days):
        one.threshold, two.threshold = two.threshold, one.threshold
    _put(one, max(tier.rank for tier in ladder) + 1)
    _put(two, ranks[0])
    _put(one, ranks[1])
    for tier in (one, two):
        check_order(tier)
    after = {tier.code: tier.rank for tier in (one, two)}
    audit.record("tier.move", actor=actor, target=f"tier:{one.pk}", before=before, after=after)


@transaction.atomic
def set_thresholds(thresholds: Mapping[str, int], *, actor: str) -> None:
    """Change several thresholds together. Raises NotFound, ValidationFailed by the tier's code."""
    ladder = {tier.code: tier for tier in _locked()}
    changed = []
    for code, threshold in thresholds.items():
        if code not in ladder:
            raise NotFound
        tier = ladder[code]
        if threshold != tier.threshold:
            changed.append((tier, tier.threshold))
            tier.threshold = threshold
            tier.save(update_fields=["threshold", "updated_at"])
    for tier, before in changed:
        try:
            check_order(tier)
        except ValidationFailed as refused:
            texts: list[Text] = list(refused.errors["threshold"])
            raise ValidationFailed({tier.code: texts}) from refused
        was, now = {"threshold": before}, {"threshold": tier.threshold}
        audit.record("tier.update", actor=actor, target=f"tier:{tier.pk}", before=was, after=now)


def where_to(code: str, into: str, *, at: datetime) -> dict[str, int]:
    """How many holders of the tier would come to which tier when it is taken off; "" is none."""
    return dict(Counter(_targets(code, into, at=at).values()))


@transaction.atomic
def remove_tier(code: str, *, into: str, actor: str, at: datetime) -> int:
    """Take a tier off the ladder and its holders to another one, or each to what fits; how many moved.

    Whose floor it was has that other one as floor, or none. A purchase that is being recorded right now may still
    write the old code: it counts as none, and the next purchase puts it right. Raises NotFound, ValidationFailed.
    """
    ladder = _locked()
    tier = ladder[_place(ladder, code)]
    if into not in {FITTING, *(one.code for one in ladder if one.pk != tier.pk)} and len(ladder) > 1:
        raise ValidationFailed({"into": [_("چنین سطحی در باشگاه نیست.")]})
    targets = _targets(code, into, at=at)
    _move(tier, targets, at=at)
    Member.objects.filter(tier_floor=code).update(tier_floor="" if into == FITTING else into)
    after = {"moved": len(targets), **{target or "-": count for target, count in Counter(targets.values()).items()}}
    audit.record("tier.delete", actor=actor, target=f"tier:{tier.pk}", before=describe(tier), after=after)
    tier.delete()
    return len(targets)


def _targets(code: str, into: str, *, at: datetime) -> dict[int, str]:
    """Where each holder goes; the fitting one is looked for on the ladder without the tier."""
    left = [rung for rung in rungs(list(Tier.objects.all())) if rung.code != code]
    fitting = holders(code, left, at=at)
    return fitting if into == FITTING else dict.fromkeys(fitting, into if left else "")


def _move(tier: Tier, targets: Mapping[int, str], *, at: datetime) -> None:
    """Write the new tiers, so many in a statement that each is done long before its time is out."""
    moves = sorted(targets.items())
    for start in range(0, len(moves), AT_ONCE):
        some = moves[start : start + AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE members_member m SET tier_code = n.code, updated_at = now()"
                " FROM unnest(%s::bigint[], %s::text[]) AS n (id, code) WHERE m.club_id = %s AND m.id = n.id",
                [[member_id for member_id, _target in some], [target for _id, target in some], current_club_id()],
            )
        insert_rows(
            TierChange,
            ("member_id", "from_code", "to_code", "document", "at"),
            [(member_id, tier.code, target, f"tier:{tier.pk}", at) for member_id, target in some],
        )


def _locked() -> list[Tier]:
    return list(Tier.objects.select_for_update().order_by("rank"))


def _place(ladder: list[Tier], code: str) -> int:
    place = next((place for place, tier in enumerate(ladder) if tier.code == code), None)
    if place is None:
        raise NotFound
    return place


def _put(tier: Tier, rank: int) -> None:
    if rank > MOST_RANK:
        raise ValidationFailed({"rank": [_("این عدد از اندازهٔ پذیرفتنی بیرون است.")]})
    tier.rank = rank
    tier.save(update_fields=["rank", "threshold", "updated_at"])
