"""The agents of a demo club: friends they brought, commissions in every state, a payout, and somebody who asks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import cycle

from django.db import transaction

from club.awards.enrolment import enrol_member
from club.members.models import AgentCode
from club.members.services import set_referrer
from club.purchases.models import Purchase, Refund
from club.purchases.orders import PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from config.demo.cast import DemoClub, Hired
from core.jalali import local_date
from core.money import UNITS, Rial
from core.tenancy.scope import club_zone, current_club
from crm.agents.commission import ALL, FIRST
from crm.agents.commissions import mature_commissions, take_back
from crm.agents.consumers import bought
from crm.agents.contracts import (
    Draft,
    NewAgent,
    apply_as_agent,
    change_settings,
    invite_agent,
    note_first_visit,
)
from crm.agents.models import Agent
from crm.agents.payouts import Transfer, mark_paid, start_run
from crm.agents.profile import change_own_profile
from crm.leads.models import Lead
from crm.leads.services import NewLead, lose_lead, move_lead, register_lead
from crm.leads.stages import open_stages
from crm.referrals.links import count_click, source_of

FIRST_FRIEND = 950  # beyond all who are in the story
HIRED_AGO, HOLD = 60, 14
# Of each agent: the friends with how many days ago they bought, for how much in the club's unit, and what came back.
FRIENDS = (
    (("نیلوفر", 48, 640_000, 0), ("سهراب", 41, 380_000, 190_000), ("ترانه", 22, 520_000, 0), ("یاشار", 4, 450_000, 0)),
    (("بهاره", 35, 900_000, 0), ("کیان", 3, 270_000, 90_000)),
)
LEADS = ("شرکت آوند", "سپیده مقدم", "دفتر وکالت دادگر", "یاشار کیانی", "مؤسسهٔ زبان نگاه")
TERMS = ((1_000, FIRST), (500, ALL))
PAID_AGO = 20
# Where the friends saw the link, and how often it is opened before somebody joins.
FROM_NETWORKS, OPENINGS = ("telegram", "instagram", "qr"), 3
ABOUT = """برای هر مشتری تازه که با پیوند شما بیاید، از خریدش پورسانت می‌گیرید.
- بی سرمایه و بی ساعت کار
- پرداخت هر ماه به حساب خودتان"""


def hire_agents(plan: DemoClub, *, actor: str, now: datetime) -> None:
    """Take them on; done once, however often the story is told."""
    if not plan.agents or Agent.objects.exists():
        return
    change_settings({"takes_applications": True, "about": ABOUT, "hold_days": HOLD}, actor=actor)
    hired = [
        _hire(who, *terms, actor, now - timedelta(days=HIRED_AGO))
        for who, terms in zip(plan.agents, TERMS, strict=True)
    ]
    number = plan.first_phone + FIRST_FRIEND
    brought = [
        (agent, friend, network)
        for agent, friends in zip(hired, FRIENDS, strict=True)
        for friend, network in zip(friends, cycle(FROM_NETWORKS))
    ]
    # The oldest first, and what was paid before the later ones came: a statement goes on in the order of its days.
    brought.sort(key=lambda one: -one[1][1])
    early = [one for one in brought if one[1][1] >= PAID_AGO]
    for place, (agent, friend, network) in enumerate(brought):
        if place == len(early):
            _pay(hired[0], actor, now - timedelta(days=PAID_AGO))
        _brings(agent, friend, network, f"0912000{number}", actor, now)
        number += 1
    _register_leads(hired, number + 1, actor, now)
    mature_commissions(now=now)
    start_run([hired[1].pk], minimum=1, actor=actor, now=now)
    asks = NewAgent("پویا رستگار", f"0912000{number}", "representative", "در دانشگاه شریف صد نفر را می‌شناسم.")
    apply_as_agent(asks, now=now)


def _pay(agent: Agent, actor: str, at: datetime) -> None:
    mature_commissions(now=at)
    run = start_run([agent.pk], minimum=1, actor=actor, now=at)
    mark_paid(run.pk, Transfer("140508170023", local_date(at, club_zone())), actor=actor, now=at)


def _register_leads(hired: Sequence[Agent], number: int, actor: str, now: datetime) -> None:
    """One in each stage, and one that was lost; those who bought were leads, too, and came by the link."""
    unit = UNITS[current_club().currency_unit].rial
    for place, (name, stage) in enumerate(zip(LEADS, open_stages(), strict=False)):
        agent = hired[place % len(hired)]
        said = NewLead(
            phone=f"0912000{number + place}",
            name=name,
            channel=Lead.Channel.AGENT,
            expected_rial=(place + 2) * 150_000 * unit,
        )
        lead = register_lead(said, actor=actor, now=now - timedelta(days=6 - place), agent_id=agent.pk)
        if lead.stage_id != stage.pk:
            move_lead(lead.pk, stage.code, actor=actor, now=now)
    gone = NewLead(
        phone=f"0912000{number + len(LEADS)}",
        name="رستوران باغ",
        channel=Lead.Channel.AGENT,
        expected_rial=1_200_000 * unit,
    )
    lost = register_lead(gone, actor=actor, now=now - timedelta(days=20), agent_id=hired[0].pk)
    lose_lead(lost.pk, reason="قیمت", rival="کافه سپید", actor=actor, now=now)


def _hire(who: Hired, percent_bp: int, basis: str, actor: str, at: datetime) -> Agent:
    terms = Draft(percent_bp=percent_bp, basis=basis, hold_days=HOLD, starts_on=local_date(at, club_zone()))
    agent = invite_agent(NewAgent(who.name, who.phone, who.kind), terms, actor=actor, now=at)
    change_own_profile(agent.pk, name=who.name, iban=who.iban, actor=actor, now=at)
    note_first_visit(agent)
    agent.refresh_from_db()
    return agent


def _brings(
    agent: Agent, friend: tuple[str, int, int, int], network: str, phone: str, actor: str, now: datetime
) -> None:
    name, ago, amount, back = friend
    unit, at = UNITS[current_club().currency_unit].rial, now - timedelta(days=ago)
    code, source = AgentCode.objects.get(agent_id=agent.pk).code, source_of(network)
    for _opening in range(OPENINGS):
        count_click(code, network)
    member = enrol_member(phone=phone, first_name=name, source=source, actor=actor, now=at, quiet=True, imported=True)
    set_referrer(member.pk, code, actor=actor)
    purchase = _buys(member.pk, amount * unit, f"demo:agents:{phone}", actor, at)
    with transaction.atomic():
        bought(purchase, is_first=True, now=at)
    if back:
        given = RefundOrder(purchase.pk, amount=back * unit, reason="به درخواست مشتری", occurred_at=at, quiet=True)
        refund_purchase(given, actor=actor, key=f"demo:agents:{phone}:back", now=now)
        with transaction.atomic():
            take_back(Refund.objects.get(purchase=purchase))


def _buys(member_id: int, amount: Rial, key: str, actor: str, at: datetime) -> Purchase:
    order = PurchaseOrder(member_id=member_id, amount=amount, occurred_at=at, payment_method="card", quiet=True)
    receipt = record_purchase(order, actor=actor, key=key, now=at)
    return Purchase.objects.get(pk=receipt.id or 0)
