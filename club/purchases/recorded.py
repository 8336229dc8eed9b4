"""Recorded purchases as their receipts, for programs that read them later."""

import json
from datetime import UTC
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from club.purchases.models import Purchase, PurchaseLine
from core.errors import NotFound
from core.tenancy.scope import current_club_id

LARGEST = 2**63 - 1


def purchases(*, member_id: int | None = None) -> "QuerySet[Purchase]":
    """The purchases of the club, or of one member."""
    rows: QuerySet[Purchase] = Purchase.objects.select_related("branch")
    return rows if member_id is None else rows.filter(member=member_id)


def recorded_purchase(purchase_id: int) -> Purchase:
    """The purchase, NotFound for an unknown id (another club's too)."""
    row = purchases().filter(pk=purchase_id).first() if 0 < purchase_id <= LARGEST else None
    if row is None:
        raise NotFound
    return row


def receipts_of(rows: list[Purchase]) -> list[dict[str, Any]]:
    """What the receipts said that is kept, with what was refunded since; in two queries for any number of rows.

    `balances` are those right after the purchase.
    """
    lines: dict[int, list[dict[str, Any]]] = {row.pk: [] for row in rows}
    for line in PurchaseLine.objects.filter(purchase__in=lines).order_by("purchase", "index"):
        lines[line.purchase_id].append(_line(line))
    balances = _balances_after(list(lines))
    return [_receipt(row, lines[row.pk], balances.get(row.pk, {"points": 0, "credit": 0})) for row in rows]


def _receipt(row: Purchase, lines: list[dict[str, Any]], balances: dict[str, int]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "member": row.member_id,
        "occurred_at": row.occurred_at.astimezone(UTC).isoformat(),
        "gross": row.gross,
        "discount": row.discount,
        "net": row.net,
        "vat": row.vat,
        "paid_by_credit": row.paid_by_credit,
        "paid_by_points": row.paid_by_points,
        "paid_by_gift_card": 0,
        "payable": row.payable,
        "points_earned": row.points_earned,
        "points_cut": row.points_cut,
        "credit_earned": row.credit_earned,
        "balances": balances,
        "tier": row.tier_after or None,
        "tier_changed": row.tier_after != row.tier_before,
        "next_tier": row.next_tier,
        "lines": lines,
        "awards": row.awards,
        "considered": [],  # offers come later
        "chances": [],
        "branch": row.branch.code if row.branch else None,
        "channel": row.channel,
        "payment_method": row.payment_method,
        "external_id": row.external_id,
        "refunded": row.refunded,
    }


def _line(line: PurchaseLine) -> dict[str, Any]:
    return {
        "product": line.product_code or None,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "gross": line.gross,
        "discount": line.discount,
        "net": line.net,
    }


def _balances_after(purchase_ids: list[int]) -> dict[int, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(BALANCES_AFTER, {"club": current_club_id(), "purchases": purchase_ids})
        return {purchase_id: json.loads(found) for purchase_id, found in cursor.fetchall()}


# The last entry the purchase itself made in a wallet; where it made none, the last one that was there before it.
BALANCES_AFTER = """
SELECT p.id, jsonb_object_agg(w.unit, coalesce(
    (SELECT e.balance_after FROM ledger_entry e
     WHERE e.club_id = w.club_id AND e.document = 'purchase:' || p.id AND e.wallet_id IN (
         SELECT w.id UNION ALL SELECT ow.id FROM members_member old
         JOIN ledger_wallet ow ON ow.club_id = old.club_id AND ow.member_id = old.id AND ow.unit = w.unit
         WHERE old.club_id = p.club_id AND old.merged_into_id = p.member_id) -- when it was another record's
     ORDER BY e.id DESC LIMIT 1),
    (SELECT e.balance_after FROM ledger_entry e
     WHERE e.club_id = w.club_id AND e.wallet_id = w.id AND e.created_at <= p.created_at
     ORDER BY e.seq DESC LIMIT 1),
    0))
FROM purchases_purchase p
JOIN ledger_wallet w ON w.club_id = p.club_id AND w.member_id = p.member_id AND w.unit IN ('points', 'credit')
WHERE p.club_id = %(club)s AND p.id = ANY(%(purchases)s) GROUP BY p.id
"""
