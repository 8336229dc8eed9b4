"""The facts of a purchase, read in one statement, and the catalogue that its lines name, in another."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from club.members.selectors import SEGMENTS_OF_M
from club.missions.rules import read_rules
from club.missions.selectors import LIVE_RULES
from club.programme.rules import Programme
from club.purchases.facts import Facts, GroupFacts, MemberFacts, ProductFacts
from club.purchases.orders import OrderLine
from club.tiers.ladder import Step
from club.tiers.selectors import LADDER
from core.jalali import day_bounds, local_date
from core.tenancy.scope import current_club, current_club_id

_plan_is_kept: ContextVar[bool] = ContextVar("plan_is_kept", default=False)


def read_facts(member_id: int | None, *, at: datetime, external_id: str | None = None) -> Facts:
    """The facts as of the moment, in one statement; a statement of its own after the wallets were locked.

    Rows merely joined to a locked one would keep the snapshot from before the wait, and two purchases of one member
    at once would both be visit n.
    """
    zone = current_club().time_zone
    start, end = day_bounds(local_date(at, zone), zone)
    with connection.cursor() as cursor:
        cursor.execute(
            KEPT_FACTS if _plan_is_kept.get() else FACTS,
            {
                "club": current_club_id(),
                "member": member_id,
                "at": at,
                "day": start,
                "day_end": end,
                "external_id": external_id,
            },
        )
        purchase_id, settings, steps, known, offers_version, missions, *member = cursor.fetchone()
    return Facts(
        at=at,
        zone=zone,
        programme=_programme(settings),
        purchase_id=purchase_id,
        steps=tuple(Step(**{**step, "reached": int(step["reached"] or 0)}) for step in _json(steps) or []),
        member=_member(member) if member[0] is not None else None,
        first_with_external_id=known,
        offers_version=offers_version,
        missions=read_rules(missions),
    )


@contextmanager
def kept_plan() -> Iterator[None]:
    """Inside the block, which lies in one transaction, the statement of the facts is planned once and not each time.

    Planning takes three times as long as running it: worth it for many purchases in a row. The plan is made for the
    connection that the transaction has, and left there for the next one that finds it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_prepared_statements WHERE name = %s", [PLAN])
        if cursor.fetchone() is None:
            cursor.execute(PREPARE_FACTS)
    token = _plan_is_kept.set(True)
    try:
        yield
    finally:
        _plan_is_kept.reset(token)


def read_catalogue(lines: tuple[OrderLine, ...]) -> tuple[dict[str, ProductFacts], dict[str, GroupFacts]]:
    """The products and groups that the lines name, by code, in one statement (none when no code is named)."""
    products = sorted({line.product for line in lines if line.product})
    groups = sorted({line.group for line in lines if line.group})
    if not products and not groups:
        return {}, {}
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE, {"club": current_club_id(), "products": products, "groups": groups})
        found_products, found_groups = map(_json, cursor.fetchone())
    return (
        {
            row["code"]: ProductFacts(**{**row, "groups": tuple(GroupFacts(**group) for group in row["groups"] or [])})
            for row in found_products or []
        },
        {row["code"]: GroupFacts(**row) for row in found_groups or []},
    )


@lru_cache(maxsize=256)
def _programme(settings: str | None) -> Programme:
    return Programme.from_json(_json(settings) or {})


def _member(columns: list[Any]) -> MemberFacts:
    values = dict(zip((field.name for field in fields(MemberFacts)), columns, strict=True))
    return MemberFacts(**{**values, "tags": _json(values["tags"]), "custom": _json(values["custom"])})


def _json(text: str | None) -> Any:
    """Django leaves jsonb to its own field: a bare cursor answers the text."""
    return json.loads(text) if text else None


FACTS = f"""
SELECT nextval(pg_get_serial_sequence('purchases_purchase', 'id')),
    coalesce((SELECT settings FROM programme_programmeversion WHERE club_id = %(club)s AND effective_from <= %(at)s
              ORDER BY effective_from DESC, id DESC LIMIT 1),
             (SELECT v.settings FROM (SELECT id, effective_from FROM programme_programmeversion
                                      WHERE club_id = %(club)s ORDER BY id LIMIT 1) f
              JOIN programme_programmeversion v ON v.club_id = %(club)s AND v.effective_from = f.effective_from
                  AND (v.id = f.id OR v.changes <> '{{}}') ORDER BY v.id DESC LIMIT 1)),
    (SELECT jsonb_agg(to_jsonb(ladder)) FROM ({LADDER}) ladder),
    (SELECT number FROM purchases_purchase WHERE club_id = %(club)s AND external_id = %(external_id)s),
    (SELECT version FROM offers_offerset WHERE club_id = %(club)s),
    ({LIVE_RULES}),
    m.id, m.status, m.phone, m.first_name, m.last_name, m.spent_rial,
    CASE WHEN m.last_purchase_at > %(at)s THEN (
        SELECT max(occurred_at) FROM purchases_purchase p WHERE p.club_id = m.club_id AND p.member_id = m.id
          AND p.occurred_at <= %(at)s AND NOT p.fully_refunded) ELSE m.last_purchase_at END,
    CASE WHEN m.last_purchase_at > %(at)s THEN coalesce((
        SELECT to_code FROM members_tierchange t WHERE t.club_id = m.club_id AND t.member_id = m.id AND t.at <= %(at)s
        ORDER BY t.at DESC, t.id DESC LIMIT 1), m.tier_code) ELSE m.tier_code END,
    m.tier_code, m.tier_floor, m.birth_date, m.gender, m.source, m.enrolled_at, m.tags, m.custom,
    ((m.referred_by_id IS NOT NULL OR m.agent_code_id IS NOT NULL) AND NOT m.referral_held), m.sms_consent,
    CASE WHEN m.last_purchase_at > %(at)s THEN (
        SELECT count(*) FROM purchases_purchase p WHERE p.club_id = m.club_id AND p.member_id = m.id
          AND p.occurred_at <= %(at)s AND NOT p.fully_refunded) ELSE m.visits END,
    (SELECT count(*) FROM (SELECT 1 FROM purchases_purchase p WHERE p.club_id = m.club_id AND p.member_id = m.id
        AND p.occurred_at <= %(at)s LIMIT 1) ever),
    coalesce((SELECT sum(p.points_earned - coalesce((SELECT sum(r.points_taken_back) FROM purchases_refund r
            WHERE r.club_id = p.club_id AND r.purchase_id = p.id), 0))
        FROM purchases_purchase p WHERE p.club_id = m.club_id AND p.member_id = m.id
        AND p.occurred_at >= %(day)s AND p.occurred_at < %(day_end)s), 0)::bigint,
    m.merged_into_id, m.language, ({SEGMENTS_OF_M}),
    coalesce((SELECT sum(l.remaining) FROM ledger_lot l WHERE l.club_id = m.club_id AND l.remaining > 0
        AND (l.usable_from > %(at)s OR l.ends_at <= %(at)s)
        AND l.wallet_id = (SELECT w.id FROM ledger_wallet w
            WHERE w.club_id = m.club_id AND w.member_id = m.id AND w.unit = 'points')), 0)::bigint
FROM (SELECT 1) one LEFT JOIN members_member m ON m.club_id = %(club)s AND m.id = %(member)s
"""  # noqa: S608 - a fragment of our own
FACTS_PARAMETERS = {
    "club": "bigint",
    "member": "bigint",
    "at": "timestamptz",
    "day": "timestamptz",
    "day_end": "timestamptz",
    "external_id": "text",
}
# The name says which text was planned: a pooled connection may still have the plan of an older release.
PLAN = f"purchase_facts_{hashlib.sha256(FACTS.encode()).hexdigest()[:12]}"
PREPARE_FACTS = f"PREPARE {PLAN} ({', '.join(FACTS_PARAMETERS.values())}) AS " + FACTS % {
    name: f"${place}" for place, name in enumerate(FACTS_PARAMETERS, start=1)
}
KEPT_FACTS = f"EXECUTE {PLAN} ({', '.join(f'%({name})s' for name in FACTS_PARAMETERS)})"
GROUP_JSON = """
jsonb_build_object('code', g.code, 'earns', g.earns, 'rial_per_point', g.rial_per_point, 'credit_bp', g.credit_bp,
    'discountable', g.discountable, 'payable_by_value', g.payable_by_value)
"""
CATALOGUE = f"""
SELECT (
    SELECT jsonb_agg(jsonb_build_object('code', p.code, 'name', p.name, 'price', p.price_rial, 'vat_bp', p.vat_bp,
        'earns', p.earns, 'groups', (
            SELECT jsonb_agg({GROUP_JSON} ORDER BY g.code) FROM catalogue_productgroup pg
            JOIN catalogue_group g ON g.club_id = pg.club_id AND g.id = pg.group_id
            WHERE pg.club_id = p.club_id AND pg.product_id = p.id)))
    FROM catalogue_product p WHERE p.club_id = %(club)s AND p.code = ANY(%(products)s)
), (
    SELECT jsonb_agg({GROUP_JSON}) FROM catalogue_group g WHERE g.club_id = %(club)s AND g.code = ANY(%(groups)s)
)
"""  # noqa: S608 - a fragment of our own
