"""Open leads of an agent whose contract has ended go on with the experts; who brought them stays noted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import audit
from crm.agents.models import Agent
from crm.agents.selectors import is_at_work
from crm.leads.assigning import Sharing
from crm.leads.models import Lead
from crm.notices.services import notify_staff

SYSTEM = "system"


@transaction.atomic
def hand_on(agent_id: int, *, now: datetime) -> int:
    """Give the open leads that an agent had to experts, each by the rules, else to nobody; how many that were.

    What the agent has while at work stays the agent's, and what somebody was given already stays theirs.
    """
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None or is_at_work(agent, now=now):
        return 0
    held = Lead.objects.select_for_update(of=("self",), no_key=True).filter(agent=agent, status=Lead.Status.OPEN)
    leads = list(held.filter(owner=F("agent__user")).order_by("pk"))
    if not leads:
        return 0
    sharing = Sharing()
    for lead in leads:
        owner = sharing.owner_for(source=lead.source, kind=lead.kind)
        Lead.objects.filter(pk=lead.pk).update(owner=owner, updated_at=Now())
    audit.record("lead.hand_on", actor=SYSTEM, target=agent.document, before={"leads": len(leads)}, after={"leads": 0})
    text = _("قرارداد عامل «%(name)s» پایان یافت؛ سرنخ‌های بازش به کارشناسان رسید.") % {"name": agent.name}
    document, link = f"lead:{leads[0].pk}:handed_on", f"/desk/leads/list/?agent={agent.pk}"
    notify_staff(text, document=document, now=now, right="manage_leads", link=link)
    return len(leads)
