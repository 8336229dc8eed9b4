"""Leads in one line."""

from typing import Any

from crm.leads.models import Lead, StageChange
from crm.leads.services import NewLead, register_lead, update_lead
from tests.accounts.cast import fresh_phone
from tests.shop import NOON


def lead(phone: str = "", name: str = "مینا راد", **more: Any) -> Lead:
    to = {key: more.pop(key) for key in ("agent_id", "referrer_id", "knowingly", "actor", "now") if key in more}
    new = NewLead(phone=phone or fresh_phone(), name=name, **more)
    return register_lead(new, **{"actor": "user:1", "now": NOON, **to})


def nobodys(**more: Any) -> Lead:
    """The same, belonging to nobody."""
    return update_lead(lead(**more).pk, {"owner_id": None}, actor="user:1")


def history(one: Lead) -> list[tuple[str, str]]:
    """The stages and states that a lead has gone through, the first first."""
    rows = StageChange.objects.filter(lead=one).order_by("pk")
    return [(row.to_stage.code, row.to_status) for row in rows.select_related("to_stage")]
