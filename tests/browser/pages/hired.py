"""The agents that pages are looked at with: those of the demo, one who has only begun, and one whose contract is over."""

from typing import Any

from django.utils import timezone

from core.jalali import local_date
from crm.agents.commission import ALL
from crm.agents.contracts import Draft, NewAgent, end_contract, invite_agent
from crm.agents.models import Agent, Payout

NEW_AGENT, FORMER_AGENT = "09130000031", "09130000032"


def hire_more(actor: str) -> dict[str, Any]:
    """Their ids, with those of what the demo's agents were paid."""
    now = timezone.now()
    terms = Draft(percent_bp=750, basis=ALL, hold_days=7, starts_on=local_date(now), cap_month=50_000_000)
    for name, phone in (("آیدا نوری", NEW_AGENT), ("محمدمهدی پورمحمدی شهرضایی نیک‌نام", FORMER_AGENT)):
        made = invite_agent(NewAgent(name, phone, "marketer"), terms, actor=actor, now=now)
    end_contract(made.pk, reason="از شهر رفت", actor=actor, now=now)
    paid = Payout.objects.filter(status="paid").select_related("agent").order_by("pk")[0]
    waiting = Payout.objects.filter(status="open").order_by("pk")[0]
    return {
        "agent_id": paid.agent_id,
        "agent_phone": paid.agent.phone,
        "payout_id": paid.pk,
        "payout_run_id": paid.run_id,
        "open_run": waiting.run_id,
        "applicant": Agent.objects.get(status="applied").pk,
        "former_agent": made.pk,
    }
