"""The tiers' part of `batch.py`: the nightly review beside one plain statement and beside a loop member by member."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

# By what was bought within a year: everybody of the club fits gold. One in fifty is to rise, one in fifty to fall, and
# one in a hundred begins a grace.
LADDER = (
    ("bronze", 0, 0, "never", 0),
    ("silver", 1, 5_000_000, "never", 0),
    ("gold", 2, 9_000_000, "to_fitting", 0),
    ("diamond", 3, 15_000_000, "to_fitting", 0),
    ("crown", 4, 30_000_000, "to_fitting", 60),
)
STAND = """
UPDATE members_member SET tier_code = CASE WHEN last_name::int %% 50 = 1 THEN 'silver'
    WHEN last_name::int %% 50 = 2 THEN 'diamond' WHEN last_name::int %% 100 = 3 THEN 'crown' ELSE 'gold' END
WHERE club_id = %(club)s
"""
# The same rows as the review leaves: tiers, history, events, graces, and the SMS of who falls.
REVIEW = """
WITH reached AS (
    SELECT member_id, sum(net - refunded) AS amount FROM purchases_purchase
    WHERE club_id = %(club)s AND member_id IS NOT NULL AND occurred_at > %(now)s::timestamptz - interval '365 days'
    GROUP BY 1
), stood AS (
    SELECT m.id, m.phone, m.first_name, m.tier_code AS held, h.rank AS held_rank, h.grace_days, f.code, f.rank
    FROM members_member m LEFT JOIN reached r ON r.member_id = m.id
    LEFT JOIN tiers_tier h ON h.club_id = %(club)s AND h.code = m.tier_code
    CROSS JOIN LATERAL (SELECT t.code, t.rank FROM tiers_tier t WHERE t.club_id = %(club)s
        AND t.threshold <= coalesce(r.amount, 0) ORDER BY t.rank DESC LIMIT 1) f
    WHERE m.club_id = %(club)s AND m.status <> 'erased' AND f.code <> m.tier_code
), moved AS (
    UPDATE members_member m SET tier_code = s.code, updated_at = now() FROM stood s
    WHERE m.club_id = %(club)s AND m.id = s.id AND (s.rank > s.held_rank OR s.grace_days = 0)
    RETURNING m.id, m.phone, m.first_name, s.held, s.code, s.rank < s.held_rank AS fell
), history AS (
    INSERT INTO members_tierchange (club_id, member_id, from_code, to_code, document, at)
    SELECT %(club)s, id, held, code, 'tier_review:1', %(now)s FROM moved
), told AS (
    INSERT INTO core_domainevent (club_id, kind, member_id, document, data, occurred_at)
    SELECT %(club)s, 'tier.changed', id, 'tier_review:1', jsonb_build_object('from', held, 'to', code), %(now)s
    FROM moved
), graces AS (
    INSERT INTO tiers_grace (club_id, member_id, code, began_at, falls_at, outcome)
    SELECT %(club)s, id, held, %(now)s, %(now)s::timestamptz + interval '60 days', 'open' FROM stood
    WHERE rank < held_rank AND grace_days > 0
), letters AS (
    INSERT INTO sms_outboxmessage (club_id, kind, message_class, phone, context, text, localid, status, parts,
        cost_rial, attempts, in_doubt, polls, error_code, error_text, member_id, document)
    SELECT %(club)s, 'tier_changed', 'service', phone, jsonb_build_object('name', first_name, 'old_tier', held), '',
        (random() * 1000000000000)::bigint, 'queued', 0, 0, 0, false, 0, '', '', id, 'tier_review:1' FROM moved
    WHERE fell
)
SELECT count(*) FROM moved
"""


def make_ladder(club: int) -> None:
    """The tiers, and where the members stand before the review."""
    from django.db import connection, transaction

    from club.tiers.models import Tier

    for code, rank, threshold, down, grace in LADDER:
        Tier.objects.create(
            code=code, name=code, rank=rank, threshold=threshold, window_days=365, downgrade=down, grace_days=grace
        )
    with connection.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(STAND, {"club": club})
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM ANALYZE members_member")
        cursor.execute("RESET statement_timeout")


def tier_work(
    club: int, now: datetime, executed: Callable[[str, dict[str, Any]], object]
) -> tuple[Callable[[], object], Callable[[], object], Callable[[int], object]]:
    """The review, its plain SQL and the loop."""
    from club.tiers.review import review

    return (
        lambda: review(at=now),
        lambda: executed(REVIEW, {"club": club, "now": now}),
        lambda part: one_by_one(part, now),
    )


def one_by_one(part: int, now: datetime) -> None:
    """Of each member the sum of the year, the tier that it reaches, and what is then to be written."""
    from django.db.models import F, Sum

    from club.members.models import Member, TierChange
    from club.purchases.models import Purchase
    from club.tiers.models import Tier
    from core import events

    ladder = list(Tier.objects.order_by("rank"))
    ranks = {tier.code: tier.rank for tier in ladder}
    for member in Member.objects.order_by("pk")[:part]:
        bought = Purchase.objects.filter(member=member, occurred_at__gt=now - timedelta(days=365))
        reached = bought.aggregate(sum=Sum(F("net") - F("refunded")))["sum"] or 0
        fits = next(tier for tier in reversed(ladder) if tier.threshold <= reached)
        held = next(tier for tier in ladder if tier.code == member.tier_code)
        if fits.code != held.code and (ranks[fits.code] > held.rank or not held.grace_days):
            TierChange.objects.create(
                member=member, from_code=held.code, to_code=fits.code, document="tier_review:1", at=now
            )
            data = {"from": held.code, "to": fits.code}
            events.emit("tier.changed", document="tier_review:1", occurred_at=now, member_id=member.pk, data=data)
            member.tier_code = fits.code
            member.save(update_fields=["tier_code", "updated_at"])
