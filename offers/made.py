"""Offers that the programme makes for its own things, a reward or a mission, to carry out what these give.

What needs a basket comes with a code, and so the offer is live; what is given at once needs no live offer, so that no
purchase and no event ever finds it. What one says never changes: another benefit is another offer.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from offers.known import Known
from offers.models import Offer, OfferVersion
from offers.rules import Terms
from offers.services import DEFAULTS, LONGEST_AGO, checked, columns_of, say_changed
from offers.vocabulary import EVENT

AT_ONCE = frozenset({"credit_amount", "points_amount", "coupon", "chances", "tier"})
"""The benefits that need no basket."""


def check_made(name: str, benefit: dict[str, Any], *, made_for: Offer.MadeFor, known: Known) -> Terms:
    """What `make_offer` would make of this benefit, or raise, with nothing written."""
    _said, terms = checked(_wanted(name, benefit, made_for), known)
    return terms


@transaction.atomic
def make_offer(
    name: str, benefit: dict[str, Any], *, made_for: Offer.MadeFor, known: Known, actor: str, now: datetime
) -> Offer:
    """The offer that gives this benefit, hidden from every list. Raises ValidationFailed by path (`benefit.percent`).

    One of a basket is live from now on and needs a code (`code_required`); one that is given at once is never live.
    """
    at_once = benefit.get("kind") in AT_ONCE
    said, terms = checked(_wanted(name, benefit, made_for), known)
    status, version = (Offer.Status.DRAFT, 0) if at_once else (Offer.Status.LIVE, 1)
    offer: Offer = Offer.objects.create(
        terms=said, actor=actor, made_for=made_for, status=status, version=version, **columns_of(terms)
    )
    if not at_once:
        OfferVersion.objects.create(
            offer=offer, number=1, terms=said, live_from=LONGEST_AGO, actor=actor, created_at=now
        )
        say_changed()
    return offer


def _wanted(name: str, benefit: dict[str, Any], made_for: Offer.MadeFor) -> dict[str, Any]:
    at_once = benefit.get("kind") in AT_ONCE
    trigger = f"{EVENT}{made_for}" if at_once else "purchase"
    wanted = {"name": name, "trigger": trigger, "benefit": benefit, "stacking": "always", "code_required": not at_once}
    return {**DEFAULTS, **wanted}
