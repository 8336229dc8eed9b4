"""Recorded purchases as their receipts, for programs that read them later."""

from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from club.ledger.selectors import Balances, Written, balances_after
from club.lotteries.selectors import chances_by
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.retelling import considered_of
from club.purchases.selectors import filled_by
from core.errors import NotFound

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
    """What the receipts said that is kept, with what was refunded since; a handful of queries for any number of rows.

    `balances` are those right after the purchase.
    """
    return _receipts(rows, _lines_of(rows))


def receipt_of(row: Purchase) -> dict[str, Any]:
    """The same of one purchase, with what became of every offer then, worked out again: two queries more."""
    lines = _lines_of([row])
    return {**_receipts([row], lines)[0], "considered": considered_of(row, lines[row.pk])}


def _receipts(rows: list[Purchase], lines: dict[int, list[PurchaseLine]]) -> list[dict[str, Any]]:
    also = filled_by(rows)
    had = balances_after(
        [
            Written(row.member_id, row.document, row.created_at, also.get(row.document, ()))
            for row in rows
            if row.member_id
        ]
    )
    chances = chances_by([row.document for row in rows if row.awards])
    return [
        _receipt(row, lines[row.pk], had.get(row.document, Balances()), chances.get(row.document, [])) for row in rows
    ]


def _lines_of(rows: list[Purchase]) -> dict[int, list[PurchaseLine]]:
    lines: dict[int, list[PurchaseLine]] = {row.pk: [] for row in rows}
    for line in PurchaseLine.objects.filter(purchase__in=lines).order_by("purchase", "index"):
        lines[line.purchase_id].append(line)
    return lines


def _receipt(
    row: Purchase, lines: list[PurchaseLine], had: Balances, chances: list[dict[str, object]]
) -> dict[str, Any]:
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
        "paid_by_gift_card": row.paid_by_gift_card,
        "payable": row.payable,
        "points_earned": row.points_earned,
        "points_cut": row.points_cut,
        "credit_earned": row.credit_earned,
        "balances": {"points": had.points, "credit": had.credit},
        "tier": row.tier_after or None,
        "tier_changed": row.tier_after != row.tier_before,
        "next_tier": row.next_tier,
        "lines": [_line(line) for line in lines],
        "awards": row.awards,
        "chances": chances,
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
