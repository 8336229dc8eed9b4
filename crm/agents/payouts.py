"""Paying agents: a run claims what is due, a file goes to the bank, and each payout is marked paid or given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.jalali import local_date
from core.money import Rial
from core.tenancy.scope import club_zone
from core.text import clean_name, latin_digits
from crm.agents.models import Agent, CommissionEntry, Payout, PayoutRun
from crm.agents.posting import Movement, hold_accounts, post
from sms import outbox
from sms.outbox import Letter

Kind = CommissionEntry.Kind
LONGEST_REFERENCE = 60


@dataclass(frozen=True)
class Transfer:
    """What the bank says of a payout: its reference, and the day on which it was made."""

    reference: str
    paid_on: date


@transaction.atomic
def start_run(agent_ids: Sequence[int], *, minimum: Rial, actor: str, now: datetime) -> PayoutRun:
    """Claim all that is due to these agents, where it is `minimum` or more and an account number is known.

    Of two runs at once the second finds nothing left. Raises Conflict where there is nobody to pay.
    """
    accounts = hold_accounts(agent_ids)
    # Read while they are held, and held themselves: an account number that is being changed is waited for.
    rows = Agent.objects.select_for_update(no_key=True).filter(pk__in=agent_ids).exclude(iban="").order_by("pk")
    agents = {agent.pk: agent for agent in rows}
    held = [one for one in accounts if one.due >= max(minimum, 1) and one.agent_id in agents]
    if not held:
        raise Conflict(_("برای این گزینش چیزی نمانده که پرداخت شود؛ شاید در فهرست دیگری رفته است."))
    run: PayoutRun = PayoutRun.objects.create(actor=actor, created_at=now)
    for account in held:
        agent, amount = agents[account.agent_id], account.due
        payout: Payout = Payout.objects.create(run=run, agent=agent, amount=amount, name=agent.name, iban=agent.iban)
        post(account, [Movement(Kind.CLAIMED, payout.document, now, pots={"due": -amount, "paying": amount})])
    audit.record(
        "payout_run.start",
        actor=actor,
        target=f"payout_run:{run.pk}",
        before={},
        after={"agents": len(held), "amount": sum(row.amount for row in run.payouts.all())},
    )
    return run


@transaction.atomic
def mark_paid(
    run_id: int, transfer: Transfer, *, actor: str, now: datetime, payout_id: int | None = None
) -> list[Payout]:
    """Note that the open payouts of the run, or this one, were made. Raises NotFound, Conflict, ValidationFailed."""
    reference = clean_name(latin_digits(transfer.reference))
    errors: dict[str, list[Text]] = {}
    if not reference or len(reference) > LONGEST_REFERENCE:
        errors["reference"] = [_("شمارهٔ پیگیری بانک را بنویسید، تا ۶۰ نویسه.")]
    if transfer.paid_on > local_date(now, club_zone()):
        errors["paid_on"] = [_("روز پرداخت هنوز نیامده است.")]
    if errors:
        raise ValidationFailed(errors)
    told = {"reference": reference, "paid_on": transfer.paid_on}
    paid = _settle(run_id, payout_id, Payout.Status.PAID, told, actor=actor, now=now)
    outbox.enqueue_many(
        "agent_paid",
        [
            Letter(
                one.agent.phone,
                {"name": one.name, "amount": one.amount, "reference": reference},
                document=one.document,
            )
            for one in paid
        ],
    )
    return paid


@transaction.atomic
def cancel_payouts(run_id: int, *, actor: str, now: datetime, payout_id: int | None = None) -> list[Payout]:
    """Give back what the open payouts of the run, or this one, have claimed. Raises NotFound, Conflict."""
    return _settle(run_id, payout_id, Payout.Status.CANCELLED, {}, actor=actor, now=now)


def _settle(
    run_id: int, payout_id: int | None, status: str, told: dict[str, object], *, actor: str, now: datetime
) -> list[Payout]:
    """Bring open payouts to their end, once, under the locks of their accounts."""
    rows = Payout.objects.filter(run=run_id, **({"pk": payout_id} if payout_id else {}))
    agent_ids = list(rows.values_list("agent_id", flat=True))
    if not agent_ids:
        raise NotFound
    accounts = {account.agent_id: account for account in hold_accounts(agent_ids)}
    payouts = list(rows.filter(status=Payout.Status.OPEN).select_related("agent").order_by("pk"))
    if not payouts:
        raise Conflict(_("این پرداخت پیش‌تر انجام یا لغو شده است."))
    kind, pot = (Kind.PAID, "paid") if status == Payout.Status.PAID else (Kind.RETURNED, "due")
    Payout.objects.filter(pk__in=[one.pk for one in payouts]).update(
        status=status, settled_at=now, settled_by=actor, **told
    )
    for one in payouts:
        pots = {"paying": -one.amount, pot: one.amount}
        post(accounts[one.agent_id], [Movement(kind, one.document, now, pots=pots)])
        audit.record(
            f"payout.{status}",
            actor=actor,
            target=one.document,
            before={},
            after={"agent": one.name, "amount": one.amount, **{name: str(value) for name, value in told.items()}},
        )
    return payouts
