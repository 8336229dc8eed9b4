"""What whoever answers should know of the member, beside the thread."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from accounts.rights import Person
from club.ledger.selectors import Balances, balances_of
from club.members.models import Member
from club.purchases.models import Purchase
from club.purchases.selectors import favourite_group, member_purchases
from club.tiers.models import Tier
from tickets.models import Ticket
from tickets.selectors import others_of

LAST_PURCHASES = 5


@dataclass(frozen=True)
class Facts:
    """The member with tier and balances, the last purchases, the favourite group, and the other open matters."""

    member: Member
    tier: str
    balances: Balances
    purchases: list[Purchase]
    favourite: str
    others: list[Ticket]


def facts_of(ticket: Ticket, user: Person) -> Facts:
    """The facts about the member of a ticket, and the other tickets that one may see."""
    member = ticket.member
    tier = Tier.objects.filter(code=member.tier_code).first() if member.tier_code else None
    return Facts(
        member=member,
        tier=tier.name if tier else "",
        balances=balances_of([member.pk], timezone.now()).get(member.pk, Balances()),
        purchases=member_purchases(member.pk, limit=LAST_PURCHASES),
        favourite=favourite_group(member.pk),
        others=others_of(ticket, user),
    )
