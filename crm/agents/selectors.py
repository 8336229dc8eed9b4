"""Reads of agents: who they are with what they have, their statement, their results by month, what is due to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Count, F, Q, Sum, When
from django.db.models.functions import Coalesce

from club.members.models import AgentCode, Member
from core.errors import NotFound
from core.jalali import format_date, from_jalali, local_date, month_bounds, to_jalali
from core.tenancy.scope import club_zone
from crm.agents.commission import is_over, month_of
from crm.agents.commissions import contract_of, terms_at
from crm.agents.contracts import AT_WORK
from crm.agents.models import Account, Agent, Commission, CommissionEntry, ContractTerms, Payout, PayoutRun

PAGE, MONTHS, JOINED = 30, 6, 10
SHOWN = {
    "working": AT_WORK,
    "applied": (Agent.Status.APPLIED,),
    "gone": (Agent.Status.ENDED, Agent.Status.REFUSED),
}
_Kind = CommissionEntry.Kind
# Of which pot an entry's amount is told, and with which sign it changes what the agent will have.
_TOLD = {
    _Kind.EARNED: "pending",
    _Kind.MATURED: "due",
    _Kind.CLAIMED: "paying",
    _Kind.RETURNED: "due",
    _Kind.PAID: "paid",
}


@dataclass(frozen=True)
class AgentRow:
    """An agent with the sums of the account, how many members the code brought, and how many of them bought."""

    agent: Agent
    account: Account
    brought: int
    bought: int


@dataclass(frozen=True)
class StatementRow:
    """A line of a statement: `who` is the first name of the customer alone, `amount` what moved, less than 0 back."""

    seq: int
    kind: str
    label: str
    amount: int
    at: datetime
    who: str = ""
    payout_id: int | None = None


@dataclass(frozen=True)
class Month:
    """What a Jalali month brought: members who joined by the code, and commissions less what came back."""

    label: str
    brought: int
    earned: int


def agent_at_work(user_id: int | None, *, now: datetime) -> Agent | None:
    """Whose panel the person may see now: none once the contract is over, whether that was noted yet or not."""
    agent: Agent | None = Agent.objects.filter(user=user_id, status__in=AT_WORK).first()
    return agent if agent is not None and is_at_work(agent, now=now) else None


def was_agent(user_id: int | None) -> bool:
    """Whether the person has been an agent here and is none now, whatever else they are."""
    known = Agent.objects.filter(user=user_id, joined_at__isnull=False) if user_id else Agent.objects.none()
    statuses = set(known.values_list("status", flat=True))
    return bool(statuses) and statuses.isdisjoint(AT_WORK)


def is_at_work(agent: Agent, *, now: datetime) -> bool:
    """Whether the contract holds today: not once its last day is over, whether that was noted yet or not."""
    today = local_date(now, club_zone())
    return agent.status in AT_WORK and not is_over(contract_of(agent, now), today)


def terms_now(agent: Agent, *, now: datetime) -> ContractTerms | None:
    """The version of the contract that holds today."""
    return terms_at(agent, now)


def account_of(agent: Agent) -> Account:
    """The sums of the agent; an empty account where nothing was earned yet."""
    return Account.objects.filter(agent=agent).first() or Account(agent=agent)


def open_code_of(agent: Agent) -> str | None:
    """The code by which the agent brings members now; None once it is closed."""
    return AgentCode.objects.filter(agent_id=agent.pk, is_active=True).values_list("code", flat=True).first()


def code_of(agent: Agent) -> AgentCode | None:
    """The code that the agent hands out."""
    return AgentCode.objects.filter(agent_id=agent.pk).first()


def agent_rows(shown: str) -> list[AgentRow]:
    """Agents of a part of `SHOWN`, the newest first, in four queries however many they are."""
    agents = list(Agent.objects.filter(status__in=SHOWN[shown]).order_by("-pk"))
    ids = [agent.pk for agent in agents]
    accounts = {account.agent_id: account for account in Account.objects.filter(agent__in=ids)}
    counted = {
        row["agent_code__agent_id"]: (row["brought"], row["bought"])
        for row in Member.objects.filter(agent_code__agent_id__in=ids, merged_into=None)
        .values("agent_code__agent_id")
        .annotate(brought=Count("pk"), bought=Count("pk", filter=Q(first_purchase_at__isnull=False)))
    }
    return [
        AgentRow(
            agent,
            accounts.get(agent.pk) or Account(agent=agent),
            *counted.get(agent.pk, (0, 0)),
        )
        for agent in agents
    ]


def row_of(agent: Agent) -> AgentRow:
    """The same of one agent."""
    counted = Member.objects.filter(agent_code__agent_id=agent.pk, merged_into=None).aggregate(
        brought=Count("pk"), bought=Count("pk", filter=Q(first_purchase_at__isnull=False))
    )
    return AgentRow(agent, account_of(agent), counted["brought"], counted["bought"])


def joined_by(agent: Agent, *, most: int = JOINED) -> list[Member]:
    """The members who came by the agent's code, the newest first."""
    rows = Member.objects.filter(agent_code__agent_id=agent.pk, merged_into=None)
    return list(rows.only("first_name", "enrolled_at", "first_purchase_at").order_by("-pk")[:most])


def count_by_part() -> dict[str, int]:
    """How many agents each part of `SHOWN` has."""
    counted = dict(Agent.objects.values_list("status").annotate(n=Count("pk")))
    return {part: sum(counted.get(status, 0) for status in statuses) for part, statuses in SHOWN.items()}


def statement(agent: Agent, *, before: int | None = None, most: int = PAGE) -> tuple[list[StatementRow], int | None]:
    """The entries of the agent, the newest first, and after which one to go on; None at the end."""
    entries = CommissionEntry.objects.filter(account__agent=agent, **({"seq__lt": before} if before else {}))
    found = list(entries.select_related("commission__purchase__member").order_by("-seq")[: most + 1])
    rows = [_told(entry) for entry in found[:most]]
    return rows, rows[-1].seq if len(found) > most else None


def by_month(agent: Agent, *, now: datetime, months: int = MONTHS) -> list[Month]:
    """The last months with this one, the oldest first."""
    year, month, _day = to_jalali(local_date(now, club_zone()))
    places = [((year * 12 + month - 1 - back) // 12, (year * 12 + month - 1 - back) % 12 + 1) for back in range(months)]
    first = from_jalali(*places[-1], 1)
    sums = dict(
        Commission.objects.filter(agent=agent, month__gte=month_of(first))
        .values_list("month")
        .annotate(earned=Sum(F("amount") - F("reversed")))
    )
    joined: dict[int, int] = {}
    begin = month_bounds(*places[-1], club_zone())[0]
    members = Member.objects.filter(agent_code__agent_id=agent.pk, merged_into=None, enrolled_at__gte=begin)
    for at in members.values_list("enrolled_at", flat=True):
        key = month_of(local_date(at, club_zone()))
        joined[key] = joined.get(key, 0) + 1
    return [
        Month(format_date(from_jalali(*place, 1), "month"), joined.get(key, 0), sums.get(key, 0))
        for place in reversed(places)
        for key in [place[0] * 100 + place[1]]
    ]


def payouts_of(agent: Agent) -> list[Payout]:
    """What the agent was or is being paid, the newest first."""
    return list(Payout.objects.filter(agent=agent).select_related("run").order_by("-pk")[:PAGE])


def get_payout(payout_id: int, *, agent: Agent) -> Payout:
    """A payout of this very agent. Raises NotFound."""
    found: Payout | None = Payout.objects.select_related("run", "agent").filter(pk=payout_id, agent=agent).first()
    if found is None:
        raise NotFound
    return found


def due_accounts() -> list[Account]:
    """The accounts in which something is due, the most first, with their agents."""
    return list(Account.objects.filter(due__gt=0).select_related("agent").order_by("-due", "pk"))


def payout_runs() -> list[PayoutRun]:
    """The last runs with how many payouts each has, and of how much, without the cancelled ones; and how many are open.

    Of a run that was cancelled whole both tell what it was of.
    """
    counts = ~Q(payouts__status=Payout.Status.CANCELLED)
    rows = PayoutRun.objects.annotate(
        n_left=Count("payouts", filter=counts),
        left=Sum("payouts__amount", filter=counts),
        n_all=Count("payouts"),
        all=Sum("payouts__amount"),
        n=Case(When(n_left=0, then=F("n_all")), default=F("n_left")),
        amount=Coalesce("left", "all"),
        n_open=Count("payouts", filter=Q(payouts__status=Payout.Status.OPEN)),
        n_paid=Count("payouts", filter=Q(payouts__status=Payout.Status.PAID)),
    )
    return list(rows.order_by("-pk")[:PAGE])


def get_run(run_id: int) -> tuple[PayoutRun, Sequence[Payout]]:
    """A run with its payouts. Raises NotFound."""
    run = PayoutRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFound
    return run, list(run.payouts.select_related("agent").order_by("-amount", "pk"))


def left_of(payouts: Sequence[Payout]) -> list[Payout]:
    """Those of a run that were not cancelled."""
    return [one for one in payouts if one.status != Payout.Status.CANCELLED]


def shared_ibans() -> set[str]:
    """The account numbers that two agents or more have written: one of them may not be the holder's."""
    rows = Agent.objects.exclude(iban="").values("iban").annotate(n=Count("pk")).filter(n__gt=1)
    return set(rows.values_list("iban", flat=True))


def others_with_iban(agent: Agent) -> list[Agent]:
    """The other agents who have written this agent's account number."""
    if not agent.iban:
        return []
    return list(Agent.objects.filter(iban=agent.iban).exclude(pk=agent.pk).order_by("pk"))


def _told(entry: CommissionEntry) -> StatementRow:
    buyer = entry.commission.purchase.member if entry.commission else None
    kind, number = entry.document.partition(":")[0], entry.document.partition(":")[2]
    amount = -entry.reversed if entry.kind == _Kind.REVERSED else getattr(entry, _TOLD[_Kind(entry.kind)])
    return StatementRow(
        seq=entry.seq,
        kind=entry.kind,
        label=str(entry.get_kind_display()),
        amount=amount,
        at=entry.occurred_at,
        who=buyer.first_name if buyer else "",
        payout_id=int(number) if kind == "payout" else None,
    )
