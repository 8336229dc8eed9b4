"""A new offer told to those whom it is for: a draft with its summary, for somebody to look at and send."""

from datetime import datetime

from django.utils.translation import gettext as _

from club.members.segment_models import Segment
from core.languages import clubs_language
from core.tenancy.scope import club_zone
from crm.campaigns.drafting import LONGEST_NAME, create_draft
from crm.campaigns.models import Campaign
from offers.models import Offer
from offers.parsing import parse
from offers.rules import necessary
from offers.selectors import get_offer


def announce(offer_id: int, *, actor: str, now: datetime) -> Campaign:
    """A draft that tells of the offer, to the segment it names or to everybody; with a personal code if it needs one.

    Raises NotFound.
    """
    offer = get_offer(offer_id)
    terms = parse(offer.terms, zone=club_zone)
    named = [one.value for one in necessary(terms.when) if one.fact == "segment" and one.op == "eq"]
    segment = Segment.objects.filter(code__in=named, archived_at=None).first() if len(named) == 1 else None
    gives = Campaign.Gives.COUPON if offer.code_required else Campaign.Gives.NOTHING
    with clubs_language():
        name = _("خبر «%(name)s»") % {"name": offer.name}
    return create_draft(
        {
            "name": name[:LONGEST_NAME],
            "audience": Campaign.Audience.SEGMENT if segment else Campaign.Audience.ALL,
            "segment_id": segment.pk if segment else None,
            "text": text_of(offer, terms.summary or terms.name),
            "gives": gives,
            "valid_days": 14 if offer.code_required else None,
            "offer_id": offer.pk,
        },
        actor=actor,
    )


def text_of(offer: Offer, summary: str) -> str:
    """The words that it begins with: the club, the reader, the offer in a sentence, and its code."""
    with clubs_language():
        text = "{club}\n" + _("[[{name} عزیز، ]]%(summary)s") % {"summary": summary.replace("{", "(").replace("}", ")")}
        if offer.code_required:
            text += "\n" + _("کد تو: {code}")
        return text
