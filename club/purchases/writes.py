"""The rows of a purchase, sent as one statement: number, purchase, lines, member's figures, tier change."""

import json
from typing import Any

from django.db import connection

from club.ledger.idling import FOLLOW_PURCHASE
from club.purchases.pricing import Line
from core.tenancy.scope import club_zone


def write_purchase(row: dict[str, Any], lines: tuple[Line, ...]) -> int:
    """Insert the purchase with its lines and bring the member's figures up to it; the number it was given.

    The number's row stays locked until commit, so this is the last of the writes but for the answer.
    """
    sent = {
        **row,
        "zone": club_zone(),
        "facts": json.dumps(row["facts"], ensure_ascii=False),
        "awards": json.dumps(row["awards"], ensure_ascii=False),
        "considered": json.dumps(row["considered"], ensure_ascii=False),
        "next_tier": json.dumps(row["next_tier"]) if row["next_tier"] else None,
        "lines": json.dumps([_line(line) for line in lines], ensure_ascii=False),
    }
    with connection.cursor() as cursor:
        cursor.execute(PURCHASE, sent)
        return int(cursor.fetchone()[0])


def _line(line: Line) -> dict[str, Any]:
    return {
        "i": line.index,
        "p": line.product,
        "n": line.name,
        "g": list(line.groups),
        "q": line.quantity,
        "u": line.unit_price,
        "v": line.vat_bp,
        "gross": line.gross,
        "d": line.discount,
        "net": line.net,
        "pe": line.points_earned,
        "ce": line.credit_earned,
    }


PURCHASE = f"""
WITH counter AS (
    INSERT INTO purchases_purchasecounter AS c (club_id, last_number) VALUES (%(club)s, 1)
    ON CONFLICT (club_id) DO UPDATE SET last_number = c.last_number + 1 RETURNING last_number
), purchase AS (
    INSERT INTO purchases_purchase (id, club_id, number, member_id, branch_id, channel, payment_method, external_id,
        gross, discount, net, vat, paid_by_credit, paid_by_points, points_spent, point_worth, paid_by_gift_card,
        gift_card_id, payable, points_earned,
        points_cut, credit_earned, refunded, fully_refunded, visit_number, facts, awards, considered, tier_before,
        tier_after, next_tier, actor, imported, occurred_at)
    SELECT %(id)s, %(club)s, last_number, %(member)s, %(branch)s, %(channel)s, %(payment_method)s, %(external_id)s,
        %(gross)s, %(discount)s, %(net)s, %(vat)s, %(paid_by_credit)s, %(paid_by_points)s, %(points_spent)s,
        %(point_worth)s, %(paid_by_gift_card)s, %(gift_card)s,
        %(payable)s, %(points_earned)s, %(points_cut)s, %(credit_earned)s, 0, false, %(visit_number)s,
        %(facts)s::jsonb, %(awards)s::jsonb, %(considered)s::jsonb, %(tier_before)s, %(tier_after)s,
        %(next_tier)s::jsonb, %(actor)s, %(imported)s, %(occurred_at)s
    FROM counter RETURNING number
), lines AS (
    INSERT INTO purchases_purchaseline (club_id, purchase_id, index, product_code, name, group_codes, quantity,
        unit_price, vat_bp, gross, discount, net, points_earned, credit_earned, refunded_quantity, refunded_net)
    SELECT %(club)s, %(id)s, i, p, n, g, q, u, v, gross, d, net, pe, ce, 0, 0 FROM jsonb_to_recordset(%(lines)s::jsonb)
        AS r(i smallint, p text, n text, g jsonb, q integer, u bigint, v integer, gross bigint, d bigint, net bigint,
             pe bigint, ce bigint)
), idle AS (
{FOLLOW_PURCHASE}
), figures AS (
    UPDATE members_member SET visits = visits + 1, spent_rial = spent_rial + %(net)s, tier_code = %(tier_after)s,
        first_purchase_at = least(first_purchase_at, %(occurred_at)s),
        last_purchase_at = greatest(last_purchase_at, %(occurred_at)s), updated_at = now()
    WHERE club_id = %(club)s AND id = %(member)s
), tier AS (
    INSERT INTO members_tierchange (club_id, member_id, from_code, to_code, document, at)
    SELECT club_id, id, %(tier_before)s, %(tier_after)s, 'purchase:' || %(id)s,
        greatest(last_purchase_at, %(occurred_at)s) -- a late purchase lifts from what came after it
    FROM members_member WHERE club_id = %(club)s AND id = %(member)s AND %(tier_before)s <> %(tier_after)s
    RETURNING document, from_code, to_code
), told AS (
    INSERT INTO core_domainevent (club_id, kind, member_id, document, data, occurred_at)
    SELECT %(club)s, 'tier.changed', %(member)s, document,
        jsonb_build_object('from', from_code, 'to', to_code, 'imported', %(imported)s), %(occurred_at)s
    FROM tier
)
SELECT number FROM purchase
"""  # noqa: S608 - a fragment of our own
