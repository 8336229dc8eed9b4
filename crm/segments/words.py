"""The rules of segments in words, and what hangs on a segment."""

from collections.abc import Sequence
from dataclasses import replace

from club.awards.naming import names_for
from club.members.models import Segment
from club.members.scores import RfmClass
from core.errors import AppError
from core.tenancy.scope import club_zone
from crm.campaigns.models import Campaign
from offers.models import Offer
from offers.parsing import parse
from offers.rules import Benefit, Group, Terms, conditions
from offers.selectors import offers
from offers.words import Words

MOST_CAMPAIGNS = 10
NOTHING = Benefit("free_delivery")


def in_words(groups: Sequence[Group]) -> list[str]:
    """What each of the rules asks, in a sentence; their names read once for all."""
    terms = [Terms("", "purchase", NOTHING, when=group) for group in groups]
    words = Words(replace(names_for(terms), scores=dict(RfmClass.choices)))
    return [words.group(group) for group in groups]


def offers_on(segment: Segment) -> list[Offer]:
    """The offers, not ended, whose conditions name the segment."""
    kept = offers().exclude(status=Offer.Status.ENDED).order_by("-pk")
    return [offer for offer in kept if segment.code in _segments_of(offer)]


def campaigns_to(segment: Segment) -> list[Campaign]:
    """The last campaigns to the segment, the newest first."""
    return list(Campaign.objects.filter(segment=segment).order_by("-pk")[:MOST_CAMPAIGNS])


def _segments_of(offer: Offer) -> set[str]:
    zone = club_zone()
    try:
        terms = parse(offer.terms, zone=lambda: zone)
    except AppError:
        return set()
    asked = (one.value for one in conditions(terms.when) if one.fact == "segment")
    return {str(code) for value in asked for code in (value if isinstance(value, tuple) else (value,))}
