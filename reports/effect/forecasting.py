"""What an offer was expected to cost on the day it was first published, kept to stand beside what it did cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from club.awards.naming import known_codes
from club.purchases.overlooking import club_of, others_live
from offers.cost import worst_cost
from offers.models import Offer
from offers.services import checked, move_offer
from reports.models import OfferForecast


@transaction.atomic
def publish_offer(offer_id: int, *, actor: str, now: datetime) -> Offer:
    """Publish an offer and, the first time, keep what it may cost. Raises as `move_offer` does."""
    offer = move_offer(offer_id, "publish", actor=actor, now=now)
    if offer.version == 1:
        known = known_codes()
        terms = checked(offer.terms, known)[1]
        others = [other for other in others_live(now) if other.id != offer.pk]
        most = worst_cost(terms, club_of(terms, others, now=now, known=known)).rial
        OfferForecast.objects.create(offer=offer, most=most, made_at=now)
    return offer


def forecasts_of(offers: Iterable[int]) -> dict[int, OfferForecast]:
    """The forecasts of these offers, by the offer's number: one query."""
    return {row.offer_id: row for row in OfferForecast.objects.filter(offer__in=list(offers))}
