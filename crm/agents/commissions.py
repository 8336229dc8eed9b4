"""Commissions as purchases and refunds make them, once each, in the running transaction; and when they become due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum

from club.members.selectors import records_of
from club.programme.selectors import programme_at
from club.purchases.models import Purchase, PurchaseLine, Refund
from core.jalali import local_date
from core.tenancy.scope import club_zone
from crm.agents.commission import FIRST, Terms, contract_at, due_on, earned, month_of, terms_on
from crm.agents.models import Account, Agent, Commission, CommissionEntry, ContractTerms
from crm.agents.posting import Movement, hold_account, post
from crm.referrals.rules import Sold, base_of, kept

Kind = CommissionEntry.Kind


def earn(agent: Agent, purchase: Purchase, *, is_first: bool, now: datetime) -> Commission | None:
    """What the purchase brings the agent by the terms of its day; None where it brings nothing.

    `is_first`: nothing stood of what the member had bought before. The same purchase again brings nothing more.
    """
    account = hold_account(agent.pk)
    if Commission.objects.filter(purchase=purchase).exists():
        return None
    bought_on = local_date(purchase.occurred_at, club_zone())
    row = terms_at(agent, purchase.occurred_at)
    if row is None or (row.basis == FIRST and not (is_first and _is_first_of(purchase))):
        return None
    terms = row.as_terms()
    base = base_of(lines_of(purchase))
    amount = earned(
        terms,
        base,
        had=_had_in_contract(agent, purchase.occurred_at) if terms.cap_total is not None else 0,
        had_in_month=_had_in(agent, month_of(bought_on)),
        step=programme_at(purchase.occurred_at).rounding_step,
    )
    if amount == 0:
        return None
    commission: Commission = Commission.objects.create(
        agent=agent,
        purchase=purchase,
        terms=row,
        base=base,
        amount=amount,
        month=month_of(bought_on),
        due_on=due_on(terms, bought_on),
        occurred_at=purchase.occurred_at,
    )
    movement = Movement(Kind.EARNED, purchase.document, purchase.occurred_at, commission.pk, {"pending": amount})
    post(account, [movement])
    if commission.due_on <= local_date(now, club_zone()):
        _mature(account, [commission], now=now)
    return commission


def take_back(refund: Refund) -> int:
    """Take back what the refunds of its purchase up to this one take of a commission; how much it was, in Rial."""
    known = Commission.objects.filter(purchase=refund.purchase_id).values_list("agent_id", flat=True).first()
    if known is None:
        return 0
    account = hold_account(known)
    if CommissionEntry.objects.filter(account=account, document=refund.document, kind=Kind.REVERSED).exists():
        return 0
    commission = Commission.objects.select_related("purchase").get(purchase=refund.purchase_id)
    step = programme_at(commission.occurred_at).rounding_step
    left = base_of(lines_of(commission.purchase, refunds_up_to=refund.pk))
    stays = kept(commission.amount, base=commission.base, left=left, step=step)
    amount = commission.amount - stays - commission.reversed
    if amount <= 0:
        return 0
    Commission.objects.filter(pk=commission.pk).update(reversed=F("reversed") + amount)
    pot = "due" if commission.matured_at else "pending"
    pots = {pot: -amount, "reversed": amount}
    post(account, [Movement(Kind.REVERSED, refund.document, refund.occurred_at, commission.pk, pots)])
    return amount


def mature_commissions(*, now: datetime) -> int:
    """Make due what has been held long enough, agent by agent; how many commissions that were."""
    today, done = local_date(now, club_zone()), 0
    waiting = Commission.objects.filter(matured_at=None, due_on__lte=today)
    for agent_id in list(waiting.order_by("agent_id").values_list("agent_id", flat=True).distinct()):
        with transaction.atomic():
            account = hold_account(agent_id)
            mine = list(waiting.filter(agent_id=agent_id).order_by("due_on", "pk"))
            _mature(account, mine, now=now)
            done += len(mine)
    return done


def lines_of(purchase: Purchase, *, refunds_up_to: int | None = None) -> list[Sold]:
    """The lines as they are left after the refunds up to this one; as they were bought without one."""
    gone: dict[int, int] = {}
    if refunds_up_to is not None:
        for shares in Refund.objects.filter(purchase=purchase, pk__lte=refunds_up_to).values_list("lines", flat=True):
            for share in shares:
                gone[share["index"]] = gone.get(share["index"], 0) + share["net"]
    rows = PurchaseLine.objects.filter(purchase=purchase).values_list("index", "net", "vat_bp")
    return [Sold(net, vat_bp, gone.get(index, 0)) for index, net, vat_bp in rows]


def versions_of(agent: Agent) -> list[ContractTerms]:
    """All versions of the agent's contract, the newest first."""
    return list(ContractTerms.objects.filter(agent=agent).order_by("-number"))


def contract_of(agent: Agent, at: datetime) -> list[Terms]:
    """The versions of the agent's contract that ran at the moment, the newest first."""
    return contract_at([row.as_terms() for row in versions_of(agent)], at)


def terms_at(agent: Agent, at: datetime) -> ContractTerms | None:
    """The version that held at the moment; None before the contract, and once it was over, by hand or by its days."""
    if agent.ended_at is not None and agent.ended_at <= at:
        return None
    versions = versions_of(agent)
    running = contract_at([row.as_terms() for row in versions], at)
    held = terms_on(running, local_date(at, club_zone()))
    return next((row for row in versions if held and row.number == held.number), None)


def _is_first_of(purchase: Purchase) -> bool:
    """Whether nothing is left of what another purchase of the member has brought an agent as a first one."""
    people = records_of(purchase.member_id or 0)
    others = Commission.objects.filter(purchase__member__in=people, terms__basis=FIRST, reversed__lt=F("amount"))
    return not others.exists()


def _had_in_contract(agent: Agent, at: datetime) -> int:
    numbers = [terms.number for terms in contract_of(agent, at)]
    sums = Commission.objects.filter(agent=agent, terms__number__in=numbers).aggregate(
        had=Sum(F("amount") - F("reversed"))
    )
    return int(sums["had"] or 0)


def _had_in(agent: Agent, month: int) -> int:
    sums = Commission.objects.filter(agent=agent, month=month).aggregate(had=Sum(F("amount") - F("reversed")))
    return int(sums["had"] or 0)


def _mature(account: Account, commissions: Sequence[Commission], *, now: datetime) -> None:
    movements = [
        Movement(Kind.MATURED, f"purchase:{one.purchase_id}", now, one.pk, {"pending": -one.left, "due": one.left})
        for one in commissions
        if one.left
    ]
    Commission.objects.filter(pk__in=[one.pk for one in commissions]).update(matured_at=now)
    post(account, movements)
