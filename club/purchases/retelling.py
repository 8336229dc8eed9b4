"""Why offers applied to a recorded purchase or not: what matched as it was kept, the rest worked out again.

From the facts and the offer versions that the purchase was judged by, so that it says tomorrow what it says today.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from club.purchases.explaining import considered
from club.purchases.models import Purchase, PurchaseLine
from core.jalali import local_date
from core.tenancy.scope import club_zone
from offers.engine import is_held_out
from offers.live import LiveNow, current_live_offers
from offers.situation import Basket, Line, Person, Situation
from offers.vocabulary import FACTS

BY_VISITS = frozenset({"visit_number", "visits_in_days"})
MOST_NEARLY = 3


def considered_of(row: Purchase, lines: Sequence[PurchaseLine]) -> list[dict[str, Any]]:
    """What became of every offer that was live then. Needs the purchase with its branch; two queries at most."""
    if not row.member_id or row.facts.get("is_settled"):
        return []
    live = live_then(row)
    if not live.by_id:
        return []
    return considered(row.considered, situation_then(row, lines), live)


def live_then(row: Purchase) -> LiveNow:
    """The offers that the purchase was judged by."""
    return current_live_offers().at(row.occurred_at, told=row.created_at)


def nearly_had(row: Purchase, lines: Sequence[PurchaseLine]) -> list[dict[str, Any]]:
    """The nearest misses that may be told to the member: another basket, or more visits, would have brought them.

    Nothing of offers that ask who somebody is, and of none from which the member is held back.
    """
    if not row.member_id:
        return []
    live, member = live_then(row), row.member_id
    found = [one for one in considered_of(row, lines) if all(map(_is_tellable, one.get("failed") or [{"fact": ""}]))]
    open_to = [one for one in found if not is_held_out(one["offer"], member, live.by_id[one["offer"]].terms.control_bp)]
    return open_to[:MOST_NEARLY]


def _is_tellable(failed: dict[str, Any]) -> bool:
    fact = FACTS.get(failed["fact"])
    return fact is not None and (fact.place == "purchase" or failed["fact"] in BY_VISITS)


def situation_then(row: Purchase, lines: Sequence[PurchaseLine]) -> Situation:
    """The situation in which the purchase was recorded."""
    facts = row.facts
    rules = facts.get("rules") or [{}] * len(lines)
    ordered = sorted(lines, key=lambda line: line.index)
    return Situation(
        at=row.occurred_at,
        zone=club_zone(),
        person=_person(row),
        basket=Basket(
            lines=tuple(_line(line, rule) for line, rule in zip(ordered, rules, strict=True)),
            payment_method=row.payment_method or None,
            channel=row.channel,
            branch=row.branch.code if row.branch else None,
            delivery_price=facts.get("delivery_price", 0),
        ),
        ranks=facts.get("ranks", {}),
        named_days=frozenset(facts["named_days"]) if "named_days" in facts else None,
    )


def _line(line: PurchaseLine, rule: dict[str, Any]) -> Line:
    discountable = rule.get("discountable", True)
    return Line(line.product_code, tuple(line.group_codes), line.quantity, line.unit_price, discountable)


def _person(row: Purchase) -> Person:
    facts, today = row.facts, local_date(row.occurred_at, club_zone())
    return Person(
        id=row.member_id or 0,
        visit_number=facts.get("visit_number", 1),
        is_first_purchase=facts.get("is_first_purchase", False),
        tier=facts.get("tier", ""),
        segments=frozenset(facts.get("segments", ())),
        tags=frozenset(facts.get("tags", ())),
        birth_date=date.fromisoformat(facts["birth_date"]) if facts.get("birth_date") else None,
        last_purchase=_days_before(today, facts.get("days_since_last_purchase")),
        enrolled=_days_before(today, facts.get("member_for_days")),
        gender=facts.get("gender", ""),
        referred=facts.get("referred", False),
        source=facts.get("source", ""),
        custom=facts.get("custom", {}),
        spent={int(days): rial for days, rial in facts.get("spent_in_days", {}).items()},
        visits={int(days): count for days, count in facts.get("visits_in_days", {}).items()},
        mean_basket=facts.get("mean_basket"),
        usual_gap=facts.get("usual_gap"),
    )


def _days_before(today: date, days: int | None) -> date | None:
    return None if days is None else today - timedelta(days=days)
