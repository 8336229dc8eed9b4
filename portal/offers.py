"""What is open to the member: offers with what is still missing, stamp cards, and the member's own codes."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import member_required
from club.members.models import Segment
from club.members.selectors import badges_of
from club.purchases.openings import OpenOffer, OwnCoupon, open_offers, own_coupons
from core.qr import qr_svg
from offers.judging import Miss
from offers.rules import Condition, conditions
from portal.access import member_of

BY_VISITS = frozenset({"visit_number", "visits_in_days"})
WITHIN = ("eq", "in", "has")
MOST_STAMPS = 10
MOST_CODES = 50


@dataclass(frozen=True)
class Stamps:
    """How many purchases of those that bring the gift are made; the last one is the gift's own."""

    done: int
    total: int

    @property
    def marks(self) -> list[int]:
        """The places before the gift, by number."""
        return list(range(1, self.total))

    @property
    def left(self) -> int:
        """The purchases to go, the gift's own among them."""
        return self.total - self.done

    @property
    def is_card(self) -> bool:
        """Whether each purchase has a stamp of its own; of more the part done is drawn."""
        return self.total <= MOST_STAMPS


@dataclass(frozen=True)
class Card:
    """An open offer as the member sees it."""

    open: OpenOffer
    stamps: Stamps | None


@dataclass(frozen=True)
class Code:
    """A code of the member's own with what the till reads."""

    own: OwnCoupon
    qr: SafeString


@never_cache
@member_required
@require_safe
def offers(request: HttpRequest) -> HttpResponseBase:
    """The page of offers and codes."""
    member, now = member_of(request), timezone.now()
    codes = [Code(own, qr_svg(own.code)) for own in own_coupons(member.pk, at=now)[:MOST_CODES]]
    special, cards = apart(cards_of(member.pk, now), badges_of(member.pk))
    return render(request, "portal/offers.html", {"special": special, "cards": cards, "codes": codes})


def apart(cards: list[Card], badges: list[Segment]) -> tuple[list[tuple[Segment, list[Card]]], list[Card]]:
    """What is for a segment with a badge, by the segment, and all the others; each offer once."""
    special, left = [], cards
    for badge in badges:
        own = [card for card in left if _is_for(card, badge.code)]
        left = [card for card in left if card not in own]
        special.append((badge, own))
    return special, left


def _is_for(card: Card, code: str) -> bool:
    asked = [each for each in conditions(card.open.offer.terms.when) if each.fact == "segment" and each.op in WITHIN]
    return any(code in (each.value if isinstance(each.value, tuple) else (each.value,)) for each in asked)


def cards_of(member_id: int, now: datetime) -> list[Card]:
    """The open offers of a member, what can be had at once first."""
    return [Card(one, stamps_of(one)) for one in open_offers(member_id, at=now)]


def stamps_of(one: OpenOffer) -> Stamps | None:
    """The way of an offer that so many purchases bring; None where something else is asked for as well."""
    others = [miss for miss in one.misses if miss.condition.fact not in BY_VISITS]
    missed = [miss for miss in one.misses if miss.condition.fact in BY_VISITS and miss.missing is not None]
    if others or len(missed) > 1:
        return None
    if missed:
        return _on_the_way(missed[0])
    due = [each for each in conditions(one.offer.terms.when) if _is_round(each)]
    return Stamps(int(str(due[0].value)) - 1, int(str(due[0].value))) if due and not one.misses else None


def _on_the_way(miss: Miss) -> Stamps:
    """`visit_number` counts the purchase to come as well, `visits_in_days` only those made."""
    made = miss.actual - (miss.condition.fact == "visit_number")
    total = int(str(miss.condition.value)) if miss.condition.op == "every" else made + (miss.missing or 0) + 1
    return Stamps(total - (miss.missing or 0) - 1, total)


def _is_round(condition: Condition) -> bool:
    return condition.fact == "visit_number" and condition.op == "every"
