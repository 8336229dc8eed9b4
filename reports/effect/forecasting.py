"""What an offer was expected to cost on the day it was first published, kept to stand beside what it did cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from club.awards.naming import known_codes
from club.purchases.overlooking import club_of, others_live
from core.tenancy.scope import club_zone
from offers.cost import worst_cost
from offers.models import Offer
from offers.parsing import parse
from offers.selectors import get_offer
from offers.services import move_offer
from reports.back_test.steps import TRIGGER, first_look, last_days
from reports.models import OfferForecast


def publish_offer(offer_id: int, *, actor: str, now: datetime) -> Offer:
    """Publish an offer and, the first time, keep what it is expected to cost. Raises as `move_offer` does."""
    offer = get_offer(offer_id)
    # Reckoned before the offer is locked: others read it meanwhile.
    forecast = _forecast(offer, now) if offer.version == 0 and offer.status == Offer.Status.DRAFT else None
    with transaction.atomic():
        offer = move_offer(offer_id, "publish", actor=actor, now=now)
        if forecast:
            forecast.save()
    return offer


def _forecast(offer: Offer, now: datetime) -> OfferForecast:
    """The most by its limits, and by the purchases of the last 90 days, or a sample of them, what is to be expected."""
    terms = parse(offer.terms, zone=club_zone)
    most = worst_cost(terms, club_of(terms, others_live(now), now=now, known=known_codes())).rial
    forecast = OfferForecast(offer=offer, most=most, made_at=now)
    if terms.trigger == TRIGGER:
        span = last_days(now)
        found = first_look(terms, None, span, now=now).figures
        if found and found.looked_at:
            forecast.expected, forecast.days = found.cost, span.days
    return forecast


def forecasts_of(offers: Iterable[int]) -> dict[int, OfferForecast]:
    """The forecasts of these offers, by the offer's number: one query."""
    return {row.offer_id: row for row in OfferForecast.objects.filter(offer__in=list(offers))}
