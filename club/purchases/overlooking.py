"""What an offer is looked over against before it is published: the club's worths, its tiers, and what people buy."""

from datetime import datetime
from typing import Any

from django.db import connection

from club.awards.naming import names_for
from club.awards.valuing import valuation
from club.members.models import Member
from club.programme.selectors import programme_at
from club.tiers.models import Tier
from core.tenancy.scope import club_zone, current_club_id
from offers.giving import Club, most_worth
from offers.known import Known
from offers.live import current_live_offers
from offers.made import check_made
from offers.models import Offer
from offers.ranges import Domains
from offers.rules import LiveOffer, Terms
from offers.words import Words

RECENT = 1_000
"""Of so many last purchases the usual one is found."""


def others_live(now: datetime) -> list[LiveOffer]:
    """The managers' own offers that are live now."""
    made = set(Offer.objects.exclude(made_for="").values_list("pk", flat=True))
    return [one for one in current_live_offers().at(now).by_id.values() if one.id not in made]


def club_of(terms: Terms, others: list[LiveOffer], *, now: datetime, known: Known) -> Club:
    """The club as an offer, and the live ones beside it, are looked at: as many queries for any of them."""
    programme = programme_at(now)
    every = [terms, *(other.terms for other in others)]
    return Club(
        words=Words(names_for(every)),
        now=now,
        zone=club_zone(),
        valuation=valuation(programme, [LiveOffer(0, terms), *others]),
        domains=Domains(dict(Tier.objects.values_list("code", "rank"))),
        known=known,
        typical_basket=typical_basket(),
        margin_bp=programme.margin_bp,
        rial_per_point=programme.rial_per_point,
        credit_bp=programme.credit_bp or 0,
        members=Member.objects.filter(status=Member.Status.ACTIVE).count(),
    )


def times_within(budget: int, name: str, benefit: dict[str, Any], *, known: Known, now: datetime) -> int | None:
    """How often a mission's gift fits into so many Rial, by what it is worth today; None where nothing bounds that."""
    terms = check_made(name, benefit, made_for=Offer.MadeFor.MISSION, known=known)
    most = most_worth(terms, club_of(terms, [], now=now, known=known))
    return budget // most if most else None


def typical_basket() -> int | None:
    """The gross that half of the last purchases do not exceed; None where nothing was bought yet."""
    with connection.cursor() as cursor:
        cursor.execute(TYPICAL, {"club": current_club_id(), "most": RECENT})
        row = cursor.fetchone()
    return int(row[0]) if row and row[0] is not None else None


TYPICAL = """
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY gross) FROM (
    SELECT gross FROM purchases_purchase WHERE club_id = %(club)s AND NOT fully_refunded ORDER BY id DESC LIMIT %(most)s
) recent
"""
