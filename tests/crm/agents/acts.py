"""Agents as tests need them: taken on in a line, and bringing members by their code."""

from datetime import date, datetime
from typing import Any

from club.members.models import AgentCode, Member
from club.members.services import set_referrer
from club.purchases.proof import verify_value
from core import events
from crm.agents.commission import FIRST
from crm.agents.contracts import Draft, NewAgent, invite_agent
from crm.agents.models import Account, Agent
from tests.accounts.cast import fresh_phone
from tests.shop import NOON, Shop

IBAN = "IR062960000000100324200001"


def draft(**changes: Any) -> Draft:
    values = {"percent_bp": 1_000, "basis": FIRST, "hold_days": 14, "starts_on": date(2026, 1, 1), **changes}
    return Draft(**values)


def agent(*, name: str = "سارا رادان", phone: str = "", iban: str = IBAN, now: datetime = NOON, **terms: Any) -> Agent:
    new = NewAgent(name=name, phone=phone or fresh_phone(), kind="agent")
    made = invite_agent(new, draft(**terms), actor="user:1", now=now)
    Agent.objects.filter(pk=made.pk).update(iban=iban)
    made.refresh_from_db()
    return made


def brings(shop: Shop, agent: Agent, **person: Any) -> Member:
    """A new member who came by the agent's code."""
    member = shop.member(**person)
    set_referrer(member.pk, AgentCode.objects.get(agent_id=agent.pk).code, actor="system")
    return member


def pots(agent: Agent) -> dict[str, int]:
    """The sums of the agent's account that are not nothing, after all events were read."""
    events.consume_all()
    account = Account.objects.filter(agent=agent).first() or Account()
    found = {name: getattr(account, name) for name in ("pending", "due", "paying", "paid", "reversed")}
    return {name: amount for name, amount in found.items() if amount}


def verify_agents() -> list[str]:
    """What the nightly proof has to say of accounts and payouts."""
    return [str(fault) for fault in verify_value() if fault.what.startswith(("agent ", "payout "))]
