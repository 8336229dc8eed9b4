"""A purchase as the offers see it: the basket, the moment, the member. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from club.purchases.facts import Facts, MemberFacts
from club.purchases.orders import PurchaseOrder
from club.purchases.pricing import Line
from core.jalali import local_date
from offers.situation import Basket, Person, Situation
from offers.situation import Line as OfferLine


def situation_of(facts: Facts, lines: Sequence[Line], order: PurchaseOrder) -> Situation:
    """The situation of a purchase that is being reckoned."""
    return Situation(
        at=facts.at,
        zone=facts.zone,
        person=_person(facts, facts.member) if facts.member else Person(),
        basket=Basket(
            lines=tuple(_line(line) for line in lines),
            payment_method=order.payment_method or None,
            channel=order.channel,
            branch=order.branch or None,
            delivery_price=order.delivery_price or 0,
        ),
        ranks={step.code: step.rank for step in facts.steps},
        named_days=facts.named_days,
    )


def _line(line: Line) -> OfferLine:
    return OfferLine(line.product, line.groups, line.quantity, line.unit_price, line.discountable)


def _person(facts: Facts, member: MemberFacts) -> Person:
    figures = facts.figures
    return Person(
        id=member.id,
        visit_number=member.visits_before + 1,
        is_first_purchase=member.ever_before == 0,
        tier=member.tier_code,
        segments=frozenset(member.segments),
        tags=frozenset(member.tags),
        birth_date=member.birth_date,
        last_purchase=member.last_purchase_at and local_date(member.last_purchase_at, facts.zone),
        enrolled=local_date(member.enrolled_at, facts.zone),
        gender=member.gender,
        referred=member.referred,
        source=member.source,
        custom=member.custom,
        spent=figures.spent,
        visits=figures.visits,
        mean_basket=figures.mean_basket,
        usual_gap=figures.usual_gap,
    )


def as_kept(here: Situation) -> dict[str, Any]:
    """The basket's and the member's facts that no column of the purchase holds, for looking at it later."""
    person, basket = here.person, here.basket
    kept: Mapping[str, Any] = {
        "spent_in_days": {str(days): rial for days, rial in person.spent.items()},
        "visits_in_days": {str(days): count for days, count in person.visits.items()},
        "mean_basket": person.mean_basket,
        "usual_gap": person.usual_gap,
        "ranks": dict(here.ranks),
        "delivery_price": (basket and basket.delivery_price) or None,
        "named_days": None if here.named_days is None else sorted(here.named_days),
    }
    return {name: value for name, value in kept.items() if value is not None and value != {}}


def rules_kept(lines: Sequence[Line]) -> dict[str, Any]:
    """How the lines earned and were paid for, where that was not as usual."""
    usual = Line(0, "", "", (), 1, 0)
    names = ("earns", "rial_per_point", "credit_bp", "payable_by_value", "discountable")
    rules = [
        {name: getattr(line, name) for name in names if getattr(line, name) != getattr(usual, name)} for line in lines
    ]
    return {"rules": rules} if any(rules) else {}
