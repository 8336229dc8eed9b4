"""Leads follow their people: who joins, who buys, who is merged and who is erased."""

from django.utils import timezone

from accounts.services import ROLE_ENDED
from club.members.models import Member
from club.members.selectors import member_by_phone, records_of
from core.events import consumer
from core.models import DomainEvent
from crm.agents.contracts import CONTRACT_ENDED
from crm.leads.converting import bought, joined
from crm.leads.forgetting import forget_people, hand_over
from crm.leads.handing_on import hand_on
from crm.leads.models import Lead
from crm.leads.services import REGISTERED
from crm.leads.taking import let_go_of


@consumer("leads.people", kinds=["member.enrolled", "purchase.recorded", REGISTERED])
def followed(event: DomainEvent) -> None:
    """A lead whose phone has joined is that member's; the first purchase makes a customer of it."""
    member_id = _owner(event.member_id or _of_lead(event))
    if member_id is None:
        return
    if event.kind == "purchase.recorded":
        purchase_id = int(event.document.partition(":")[2])
        told = {"is_first": bool(event.data.get("first")), "imported": bool(event.data.get("imported"))}
        bought(member_id, purchase_id, **told, occurred_at=event.occurred_at)
    else:
        joined(member_id, now=timezone.now())


@consumer("leads.merging", kinds=["member.merged"])
def merged(event: DomainEvent) -> None:
    """What leads say of the one record, they say of the other."""
    if event.member_id:
        hand_over(event.data["source"], event.member_id)


@consumer("leads.erasure", kinds=["member.erased"])
def erased(event: DomainEvent) -> None:
    """Nothing is left of who the lead was."""
    if event.member_id:
        forget_people(records_of(event.member_id), now=timezone.now())


@consumer("leads.experts", kinds=[ROLE_ENDED])
def left(event: DomainEvent) -> None:
    """The open leads of who works on none any more wait for somebody else."""
    let_go_of(event.data["user"], actor="system")


@consumer("leads.agents", kinds=[CONTRACT_ENDED, REGISTERED])
def agent_left(event: DomainEvent) -> None:
    """The open leads of an agent who is gone go to experts, also one that was being registered at that moment."""
    if event.kind == CONTRACT_ENDED:
        hand_on(event.data["agent"], now=timezone.now())
    elif event.data["channel"] == Lead.Channel.AGENT:
        lead = Lead.objects.filter(pk=int(event.document.partition(":")[2])).first()
        if lead is not None and lead.agent_id is not None:
            hand_on(lead.agent_id, now=timezone.now())


def _owner(member_id: int | None) -> int | None:
    """Who has taken the record over since, or itself."""
    rows = Member.objects.filter(pk=member_id or 0, merged_into__isnull=False)
    return rows.values_list("merged_into_id", flat=True).first() or member_id


def _of_lead(event: DomainEvent) -> int | None:
    """Who joined with the phone while the lead was being written."""
    if event.kind != "lead.registered":
        return None
    lead = Lead.objects.filter(pk=int(event.document.partition(":")[2])).first()
    member = member_by_phone(lead.phone) if lead and lead.phone else None
    return member.pk if member else None
