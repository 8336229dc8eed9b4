"""The lots that a purchase earned and was paid with, also where they were a record's that has been merged since."""

from django.db import connection
from django.db.models import Sum

from club.ledger.returning import SpentLot
from club.purchases.models import Purchase, Refund
from club.purchases.shares import Paid, Returned
from core.tenancy.scope import current_club_id


def spent_lots(purchase: Purchase) -> list[SpentLot]:
    """Soonest end last, so that what has longest to live comes back first."""
    with connection.cursor() as cursor:
        named = {
            "club": current_club_id(),
            "purchase": purchase.pk,
            "member": purchase.member_id,
            "card": purchase.gift_card.wallet_id if purchase.gift_card else None,
        }
        cursor.execute(SPENT_LOTS, named)
        return [SpentLot(*row) for row in cursor.fetchall()]


def paid_of(purchase: Purchase) -> Paid:
    """What the purchase was paid with."""
    return Paid(
        net=purchase.net,
        credit=purchase.paid_by_credit,
        points=purchase.points_spent,
        point_worth=purchase.point_worth,
        payable=purchase.payable,
        gift=purchase.paid_by_gift_card,
    )


def given_before(purchase: Purchase) -> Returned:
    """What its refunds so far have given back."""
    sums = Refund.objects.filter(purchase=purchase).aggregate(
        money=Sum("refunded"),
        credit=Sum("credit_returned"),
        points=Sum("points_returned"),
        gift=Sum("gift_card_returned"),
    )
    return Returned(**sums)


# By wallet, then document: no other index of entries begins with what a purchase is called.
SPENT_LOTS = """
WITH wallets AS MATERIALIZED (
    SELECT w.id FROM ledger_wallet w WHERE w.club_id = %(club)s AND w.member_id IN (
        SELECT %(member)s::bigint UNION ALL
        SELECT old.id FROM members_member old WHERE old.club_id = %(club)s AND old.merged_into_id = %(member)s)
    UNION ALL SELECT %(card)s::bigint WHERE %(card)s IS NOT NULL
), entries AS MATERIALIZED (
    SELECT e.id, e.delta, e.kind, e.cause FROM ledger_entry e
    WHERE e.club_id = %(club)s AND e.wallet_id = ANY(ARRAY(SELECT id FROM wallets)) AND e.kind IN ('spend', 'give_back')
        AND e.document = ANY(ARRAY(
            SELECT 'purchase:' || %(purchase)s UNION ALL
            SELECT 'refund:' || r.id FROM purchases_refund r
            WHERE r.club_id = %(club)s AND r.purchase_id = %(purchase)s))
), moved AS (
    SELECT a.lot_id, a.amount, e.id, e.kind FROM entries e
    JOIN ledger_allocation a ON a.club_id = %(club)s AND a.entry_id = e.id
    UNION ALL
    SELECT substr(e.cause, 9)::bigint, -e.delta, e.id, e.kind FROM entries e
    WHERE e.kind = 'give_back' AND e.cause LIKE 'payment:%%'
)
SELECT l.id, w.unit, l.document, l.usable_from, l.expires_at, l.idle_days,
    min(moved.id) FILTER (WHERE moved.kind = 'spend'), sum(moved.amount)::bigint FROM moved
JOIN ledger_lot l ON l.club_id = %(club)s AND l.id = moved.lot_id
JOIN ledger_wallet w ON w.club_id = l.club_id AND w.id = l.wallet_id
GROUP BY l.id, w.unit, l.document, l.usable_from, l.expires_at, l.idle_days HAVING sum(moved.amount) > 0
ORDER BY l.expires_at DESC NULLS FIRST, l.id
"""
