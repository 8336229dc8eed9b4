"""Purchases and refunds of those whom an agent brought, read in order; the same event again does nothing more."""

from datetime import datetime

from django.utils import timezone

from club.members.models import Member
from club.purchases.models import Purchase, Refund
from core.events import consumer
from core.models import DomainEvent
from crm.agents.commissions import earn, take_back
from crm.agents.models import Agent


@consumer("agents.commissions", kinds=["purchase.recorded", "purchase.refunded"])
def happened(event: DomainEvent) -> None:
    """A purchase brings its agent what the contract says, a refund takes its share of that back."""
    number = int(event.document.partition(":")[2])
    if event.kind == "purchase.refunded":
        take_back(Refund.objects.get(pk=number))
    elif not event.data.get("imported"):
        bought(Purchase.objects.get(pk=number), is_first=bool(event.data.get("first_standing")), now=timezone.now())


def bought(purchase: Purchase, *, is_first: bool, now: datetime) -> None:
    """Give whoever brought the buyer their commission, if anybody did."""
    agent = agent_of(purchase.member_id)
    if agent is not None:
        earn(agent, purchase, is_first=is_first, now=now)


def agent_of(member_id: int | None) -> Agent | None:
    """Who brought the member by an agent's code; of a merged record, who brought the one that took it over."""
    if member_id is None:
        return None
    member = Member.objects.select_related("merged_into__agent_code", "agent_code").get(pk=member_id)
    code = (member.merged_into or member).agent_code
    return Agent.objects.filter(pk=code.agent_id).first() if code else None
