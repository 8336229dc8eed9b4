"""A gift card that whoever brought a member has paid by, or owns: then who brought them is doubtful."""

from dataclasses import replace

from club.gift_cards.models import GiftCard
from club.members.models import Member
from club.members.selectors import records_of
from club.purchases.facts import Facts
from club.purchases.models import Purchase


def is_of(card_id: int, member_id: int) -> bool:
    """Whether the card is the member's, or paid a purchase of theirs, under any of their records."""
    records = records_of(member_id)
    owned = GiftCard.objects.filter(pk=card_id, member__in=records)
    return owned.exists() or Purchase.objects.filter(gift_card=card_id, member__in=records).exists()


def without_doubtful_referrer(facts: Facts, card_id: int) -> Facts:
    """The facts of a purchase that is paid by the card: a first one by the referrer's is not of somebody referred.

    Asks nothing of any other purchase.
    """
    member = facts.member
    if member is None or not member.referred or member.visits_before:
        return facts
    referrer = Member.objects.filter(pk=member.id).values_list("referred_by_id", flat=True).first()
    if not referrer or not is_of(card_id, referrer):
        return facts
    return replace(facts, member=replace(member, referred=False))
