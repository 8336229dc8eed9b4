"""How often offers with limits have been given so far: to a member from the awards, in all from the counters."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from core.jalali import day_bounds, local_date, month_bounds, to_jalali
from core.tenancy.scope import club_zone, current_club_id
from offers.counters import month_of
from offers.engine import Used
from offers.rules import Limits, LiveOffer

NO_LIMITS = Limits()


def uses_so_far(offers: Sequence[LiveOffer], *, member_id: int, at: datetime) -> dict[int, Used]:
    """Of those that have a limit; one query, or none where no offer has one.

    What is counted for the member holds while the member's wallets are locked; what all share is a guess until it is
    taken (`offers.counters`).
    """
    return uses_of_many(offers, member_ids=[member_id], at=at).get(member_id, {})


def uses_of_many(offers: Sequence[LiveOffer], *, member_ids: Sequence[int], at: datetime) -> dict[int, dict[int, Used]]:
    """The same of many members, by member and offer, in one query as well."""
    limited = [offer.id for offer in offers if offer.terms.limits != NO_LIMITS]
    if not limited or not member_ids:
        return {}
    zone = club_zone()
    day = local_date(at, zone)
    year, month, _day = to_jalali(day)
    (day_from, day_to), (month_from, month_to) = day_bounds(day, zone), month_bounds(year, month, zone)
    sent: dict[str, Any] = {
        "club": current_club_id(),
        "members": list(member_ids),
        "offers": limited,
        "period": month_of(at),
        "day_from": day_from,
        "day_to": day_to,
        "month_from": month_from,
        "month_to": month_to,
    }
    with connection.cursor() as cursor:
        cursor.execute(USES, sent)
        found: dict[int, dict[int, Used]] = {}
        for member_id, offer_id, *counts in cursor.fetchall():
            found.setdefault(member_id, {})[offer_id] = Used(*counts)
    return found


def is_used_up(offer: LiveOffer, used: Used) -> bool:
    """Whether a limit of the offer leaves nothing more to give, to this member or to anybody."""
    limits = offer.terms.limits
    pairs = (
        (used.by_member, limits.per_member),
        (used.by_member_today, limits.per_member_per_day),
        (used.by_member_this_month, limits.per_member_per_month),
        (used.total, limits.total),
        (used.spent, limits.budget),
        (used.spent_this_month, limits.budget_per_month),
    )
    return any(most is not None and count >= most for count, most in pairs)


USES = """
SELECT m.id, o.id, a.all_times, a.this_day, a.this_month, coalesce(ever.used, 0), coalesce(ever.spent, 0),
    coalesce(month.spent, 0)
FROM unnest(%(members)s::bigint[]) AS m(id) CROSS JOIN unnest(%(offers)s::bigint[]) AS o(id)
CROSS JOIN LATERAL (
    SELECT count(*) AS all_times,
        count(*) FILTER (WHERE occurred_at >= %(day_from)s AND occurred_at < %(day_to)s) AS this_day,
        count(*) FILTER (WHERE occurred_at >= %(month_from)s AND occurred_at < %(month_to)s) AS this_month
    FROM awards_award w
    WHERE w.club_id = %(club)s AND w.member_id = m.id AND w.offer_id = o.id AND NOT w.given_back
) a
LEFT JOIN offers_offercounter ever ON ever.club_id = %(club)s AND ever.offer_id = o.id AND ever.period = ''
LEFT JOIN offers_offercounter month
    ON month.club_id = %(club)s AND month.offer_id = o.id AND month.period = %(period)s
"""
