"""Reads of tiers: the ladder with a member's own figures, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from club.tiers.ladder import Step, next_step, step_of
from club.tiers.models import Grace, Tier, TierGrant
from core.errors import NotFound
from core.tenancy.scope import current_club_id

# What a member has of each tier's metric within its window that ends at %(at)s. A tier without a window reads the
# member's own figures. Kept as a fragment so that the purchase reads it together with its other facts.
LADDER = """
SELECT t.code, t.name, t.rank, t.metric, t.threshold, t.points_factor_bp, t.extra_credit_bp, CASE
    WHEN t.metric = 'points' THEN coalesce((
        SELECT sum(e.delta) FROM ledger_entry e JOIN ledger_wallet w ON w.club_id = e.club_id AND w.id = e.wallet_id
        WHERE w.club_id = t.club_id AND w.unit = 'points' AND w.member_id IN (SELECT %(member)s::bigint UNION ALL
            SELECT old.id FROM members_member old WHERE old.club_id = t.club_id AND old.merged_into_id = %(member)s)
          AND (e.kind IN ('opening', 'earn', 'take_back') OR e.kind = 'reverse' AND EXISTS (
            SELECT FROM ledger_entry o WHERE o.club_id = e.club_id AND o.id = e.reverses_id
              AND o.kind IN ('opening', 'earn', 'take_back')))
          AND (t.window_days IS NULL OR e.occurred_at > %(at)s - make_interval(days => t.window_days))), 0)
    WHEN t.window_days IS NULL AND t.metric = 'visits' THEN m.visits
    WHEN t.window_days IS NULL THEN m.spent_rial
    ELSE coalesce((
        SELECT CASE t.metric WHEN 'visits' THEN count(*) FILTER (WHERE NOT p.fully_refunded)
                             ELSE sum(p.net - p.refunded) END
        FROM purchases_purchase p WHERE p.club_id = t.club_id AND p.member_id = %(member)s
          AND p.occurred_at > %(at)s - make_interval(days => t.window_days)), 0)
    END::bigint AS reached, t.window_days
FROM tiers_tier t LEFT JOIN members_member m ON m.club_id = t.club_id AND m.id = %(member)s
WHERE t.club_id = %(club)s ORDER BY t.rank
"""
# The same for many members at once: one row for each member and tier.
LADDERS = (
    LADDER.replace("SELECT t.code", "SELECT m.id, t.code", 1)
    .replace(
        "LEFT JOIN members_member m ON m.club_id = t.club_id AND m.id = %(member)s",
        "JOIN members_member m ON m.club_id = t.club_id AND m.id = ANY(%(members)s)",
    )
    .replace("%(member)s", "m.id")
)


def ladder(member_id: int | None, at: datetime) -> list[Step]:
    """The club's tiers from the lowest, with what the member has of each one's metric at the moment."""
    with connection.cursor() as cursor:
        cursor.execute(LADDER, {"club": current_club_id(), "member": member_id, "at": at})
        return [Step(*row) for row in cursor.fetchall()]


def ladders(member_ids: list[int], at: datetime) -> dict[int, list[Step]]:
    """The ladder of each member, in one query."""
    steps: dict[int, list[Step]] = {member_id: [] for member_id in member_ids}
    with connection.cursor() as cursor:
        cursor.execute(LADDERS, {"club": current_club_id(), "members": member_ids, "at": at})
        for member_id, *row in cursor.fetchall():
            steps[member_id].append(Step(*row))
    return steps


def get_tier(code: str, *, lock: bool = False) -> Tier:
    """The tier with this code; NotFound for an unknown one."""
    tiers = Tier.objects.select_for_update() if lock else Tier.objects
    tier: Tier | None = tiers.filter(code=code).first() if "\x00" not in code else None
    if tier is None:
        raise NotFound
    return tier


def any_counts_points() -> bool:
    """Whether points alone can lift somebody: a tier of the club counts them."""
    return Tier.objects.filter(metric=Tier.Metric.POINTS).exists()


@dataclass(frozen=True)
class TierEnd:
    """The moment to which a tier is held that the figures do not reach: its grace, or for how long it was given."""

    until: datetime
    is_grace: bool
    missing: int
    metric: str


def end_of_tier(member_id: int, steps: Sequence[Step], held: str, floor: str = "") -> TierEnd | None:
    """When the tier held ends as things stand, and what keeps it; None where nothing ends it.

    `steps` as `ladder` answers them. A tier that is reached has no end here, nor one above which a floor stands.
    """
    step, least = step_of(steps, held), step_of(steps, floor)
    if step is None or step.reached >= step.threshold or (least and least.rank >= step.rank):
        return None
    missing = step.threshold - step.reached
    given = TierGrant.objects.filter(member=member_id, code=held, ended=False).order_by("-until").first()
    if given is not None:
        return TierEnd(given.until, is_grace=False, missing=missing, metric=step.metric)
    grace = Grace.objects.filter(member=member_id, code=held, outcome=Grace.Outcome.OPEN).first()
    return TierEnd(grace.falls_at, is_grace=True, missing=missing, metric=step.metric) if grace else None


def progress(member_id: int, held: str, at: datetime) -> tuple[Step | None, int]:
    """The next tier for the member and how much of its metric is missing (0 at the top)."""
    step = next_step(ladder(member_id, at), held)
    return (step, max(0, step.threshold - step.reached)) if step else (None, 0)


def tiers() -> QuerySet[Tier]:
    """The tiers of the club, for lists."""
    rows: QuerySet[Tier] = Tier.objects.all()
    return rows
