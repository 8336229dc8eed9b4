"""What whoever answers should know of the member, beside the thread."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.rights import Person
from club.members.models import Member
from club.purchases.models import Purchase
from club.purchases.selectors import favourite_group, member_purchases
from tickets.models import Ticket
from tickets.selectors import others_of

LAST_PURCHASES = 5


@dataclass(frozen=True)
class Facts:
    """The member with the last purchases, the favourite group, and the other matters that are open."""

    member: Member
    purchases: list[Purchase]
    favourite: str
    others: list[Ticket]


def facts_of(ticket: Ticket, user: Person) -> Facts:
    """The facts about the member of a ticket, and the other tickets that one may see."""
    member = ticket.member
    return Facts(
        member=member,
        purchases=member_purchases(member.pk, limit=LAST_PURCHASES),
        favourite=favourite_group(member.pk),
        others=others_of(ticket, user),
    )
