"""Value that ends after so many days without a purchase: each purchase of its member moves the day.

What ended so has ended: a purchase afterwards does not bring it back. A purchase that is wholly refunded never was one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from core.tenancy.scope import club_zone, current_club_id


def idle_end(begin: str, bought: str, days: str) -> str:
    """SQL: the end of the local day `days` after the later of the begin and the member's last purchase."""
    since = f"greatest({begin}, {bought})"
    return f"((({since} AT TIME ZONE %(zone)s)::date + {days} + 1)::timestamp AT TIME ZONE %(zone)s)"


# The last purchase of the member whose wallet it is.
LAST_PURCHASE = """(SELECT m.last_purchase_at FROM ledger_wallet iw
            JOIN members_member m ON m.club_id = iw.club_id AND m.id = iw.member_id
            WHERE iw.club_id = %(club)s AND iw.id = {wallet})"""
BOUGHT = LAST_PURCHASE.format(wallet="l.wallet_id")
# What was wholly spent followed no purchase; what comes back of it counts from the last one, unless it ended meanwhile.
COME_BACK = f"""CASE WHEN l.idle_days IS NOT NULL AND l.remaining = 0 AND r.r > 0 AND NOT EXISTS (
            SELECT FROM ledger_allocation ia JOIN ledger_entry ie ON ie.club_id = ia.club_id AND ie.id = ia.entry_id
            WHERE ia.club_id = %(club)s AND ia.lot_id = l.id AND ie.kind = 'expire')
        THEN greatest(l.idle_ends_at, {idle_end("l.usable_from", BOUGHT, "l.idle_days")})
        ELSE l.idle_ends_at END"""
# The lots of the members as of their last purchase. Later only what has not ended by the moment; what a refund makes
# earlier in any case.
FOLLOW = f"""
UPDATE ledger_lot l SET idle_ends_at = n.ends_at
FROM ledger_wallet w JOIN members_member m ON m.club_id = w.club_id AND m.id = w.member_id
CROSS JOIN LATERAL (
    SELECT o.id, {idle_end("o.usable_from", "{bought}", "o.idle_days")} AS ends_at FROM ledger_lot o
    WHERE o.club_id = %(club)s AND o.wallet_id = w.id AND o.remaining > 0 AND o.idle_days IS NOT NULL
) n
WHERE w.club_id = %(club)s AND w.member_id = {{member}} AND w.unit IN ('points', 'credit')
  AND l.club_id = %(club)s AND l.id = n.id AND l.idle_ends_at <> n.ends_at
  AND (l.idle_ends_at > {{at}} OR n.ends_at < l.idle_ends_at)
"""  # noqa: S608 - a fragment of our own
FOLLOW_MEMBERS = FOLLOW.format(bought="m.last_purchase_at", member="ANY(%(members)s)", at="%(at)s")
FOLLOW_PURCHASE = FOLLOW.format(
    bought="greatest(m.last_purchase_at, %(occurred_at)s)", member="%(member)s", at="%(occurred_at)s"
)
"""As a part of the statement that records a purchase: the member's row is read as it was before."""


def follow_purchases(member_ids: Sequence[int], *, at: datetime) -> None:
    """Have the idle ends of the members' value follow their last purchase, after that was changed."""
    values: dict[str, Any] = {"club": current_club_id(), "zone": club_zone(), "members": list(member_ids), "at": at}
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW_MEMBERS, values)
