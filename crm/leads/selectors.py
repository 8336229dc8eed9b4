"""Reading leads: the board with its sums, the list, the history, and those that one member or agent has named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from accounts.rights import Person, can
from club.members.models import AgentCode
from core.phones import phone_digits
from core.tenancy.scope import current_club_id
from core.text import clean_name
from crm.agents.models import Agent
from crm.leads.models import Lead, LeadStage, StageChange
from crm.leads.services import get_lead
from crm.leads.stages import open_stages

CARDS = 20
"""So many cards a column shows at first."""
NOBODY = "none"


@dataclass(frozen=True)
class Asked:
    """Which leads are wanted. `owner` is a user's id or `none`, `agent` an agent's id;
    `due` is `late`, `today` or `none` (nothing to do).
    """

    text: str = ""
    status: str = ""
    stage: str = ""
    kind: str = ""
    source: str = ""
    channel: str = ""
    owner: str = ""
    agent: str = ""
    due: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether more is asked for than a text."""
        return replace(self, text="") != Asked()

    @property
    def is_all(self) -> bool:
        """Whether nothing is asked for."""
        return self == Asked()


@dataclass(frozen=True)
class BoardColumn:
    """A stage with its open leads: the first cards, how many there are, what they come to, how many are nobody's."""

    stage: LeadStage
    cards: Sequence[Lead]
    count: int
    expected_rial: int
    free: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.cards)


def seen_by(person: Person) -> Q:
    """Which leads a person of the staff sees: who gives leads out all of them, an expert their own and nobody's.

    Everything that shows leads, counts or sums them to the staff asks here. Who works on no leads sees none.
    """
    if can(person, "manage_leads"):
        return Q()
    return Q(owner=person.pk) | Q(owner=None) if can(person, "work_leads") else Q(pk=None)


def lead_seen_by(person: Person, lead_id: int) -> Lead:
    """The lead, where the person sees it. Raises NotFound, alike for another's, another club's and none at all."""
    return get_lead(lead_id, seen=seen_by(person))


def leads(asked: Asked, *, today: date, seen: Q) -> QuerySet[Lead]:
    """The leads that are asked for of those `seen` (see `seen_by`; `Q()` is all), with their people, unordered."""
    rows = Lead.objects.filter(seen).select_related("stage", "owner", "agent", "referrer", "member", "purchase")
    for name in ("status", "kind", "source", "channel"):
        if value := getattr(asked, name):
            rows = rows.filter(**{name: value})
    if asked.stage:
        rows = rows.filter(stage__code=asked.stage)
    if asked.owner:
        rows = rows.filter(owner=None if asked.owner == NOBODY else _number(asked.owner))
    if asked.agent:
        rows = rows.filter(agent=_number(asked.agent))
    return rows.filter(_due(asked.due, today), _found(asked.text))


def board(asked: Asked, *, today: date, seen: Q, cards: int = CARDS) -> list[BoardColumn]:
    """The open leads by their stages: three queries however many leads there are."""
    open_ones = leads(asked, today=today, seen=seen).filter(status=Lead.Status.OPEN)
    sums = {
        row["stage"]: (row["n"], row["rial"] or 0, row["free"])
        for row in open_ones.order_by()
        .values("stage")
        .annotate(n=Count("pk"), rial=Sum("expected_rial"), free=Count("pk", filter=Q(owner=None)))
    }
    stages = open_stages()
    shown = _first_cards(open_ones, [stage.pk for stage in stages], cards)
    return [
        BoardColumn(stage, [one for one in shown if one.stage_id == stage.pk], *sums.get(stage.pk, (0, 0, 0)))
        for stage in stages
    ]


def history_of(lead: Lead) -> list[StageChange]:
    """Where a lead has been, the newest first."""
    rows = StageChange.objects.filter(lead=lead).select_related("from_stage", "to_stage")
    return list(rows.order_by("-pk")[:200])


def named_by(referrer_id: int, *, before: int | None = None, limit: int) -> list[Lead]:
    """The leads that a member has named, the newest first."""
    rows = Lead.objects.filter(referrer=referrer_id).exclude(name="").select_related("stage", "member", "purchase")
    return list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[:limit])


def named_since(referrer_id: int, since: datetime) -> int:
    """How many leads a member has named after this moment."""
    return Lead.objects.filter(referrer=referrer_id, created_at__gt=since).count()


def leads_of_agent(agent_id: int, *, before: int | None = None, limit: int) -> list[Lead]:
    """The leads that an agent has brought, the newest first."""
    rows = Lead.objects.filter(agent=agent_id).select_related("stage", "owner", "member", "purchase")
    return list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[:limit])


def count_leads_of_agent(agent_id: int) -> int:
    """How many leads an agent has brought."""
    return Lead.objects.filter(agent=agent_id).count()


def owners(seen: Q) -> list[User]:
    """Whoever sees to one of these leads, by name, but for the agents, who see to those they brought."""
    ids = (
        Lead.objects.filter(seen, owner__isnull=False)
        .exclude(owner=F("agent__user"))
        .order_by()
        .values("owner")
        .distinct()
    )
    return sorted(User.objects.filter(pk__in=ids), key=lambda user: (str(user), user.pk))


def agents_of_leads(seen: Q) -> list[Agent]:
    """The agents who brought one of these leads, by name."""
    ids = Lead.objects.filter(seen, agent__isnull=False).order_by().values("agent").distinct()
    return list(Agent.objects.filter(pk__in=ids).order_by("name", "pk"))


def sources() -> list[str]:
    """Where leads came from, by name: the words of the club, whosever leads said them."""
    rows = Lead.objects.exclude(source="").order_by().values_list("source", flat=True).distinct()
    return sorted(rows[:200])


@dataclass(frozen=True)
class Rival:
    """To whom leads were lost: how many, and what they were expected to come to."""

    name: str
    count: int
    expected_rial: int


def rivals(asked: Asked, *, today: date, seen: Q) -> list[Rival]:
    """To whom leads that are asked for were lost, the most first."""
    lost = leads(asked, today=today, seen=seen).filter(status=Lead.Status.LOST).exclude(rival="").order_by()
    rows = lost.values_list("rival").annotate(n=Count("pk"), rial=Coalesce(Sum("expected_rial"), 0))
    return [Rival(*row) for row in rows.order_by("-n", "-rial", "rival")[:50]]


def codes_of_agents(agent_ids: Collection[int]) -> dict[int, str]:
    """The referral code of each agent, in one query; none where there is nothing to ask."""
    rows = AgentCode.objects.filter(agent_id__in=agent_ids)
    return dict(rows.values_list("agent_id", "code")) if agent_ids else {}


# What is to be done soonest stands first; what has nothing to do comes last, the newest first.
CARD_ORDER = ("next_activity_on", "-pk")


def _first_cards(rows: QuerySet[Lead], stage_ids: Sequence[int], limit: int) -> list[Lead]:
    """The first cards of every stage, in one query: each stage's by its own index, however many there are."""
    if not stage_ids:
        return []
    parts = [rows.filter(stage=stage_id).order_by(*CARD_ORDER).values("pk")[:limit] for stage_id in stage_ids]
    first, *others = parts
    ids = first.union(*others, all=True) if others else first
    with connection.cursor() as cursor:
        sql, sent = ids.query.sql_with_params()
        cursor.execute(sql, sent)
        found = [row[0] for row in cursor.fetchall()]
    people = Lead.objects.select_related("stage", "owner", "agent", "referrer", "member", "purchase")
    return list(people.filter(pk__in=found, club_id=current_club_id()).order_by(*CARD_ORDER))


def _due(due: str, today: date) -> Q:
    match due:
        case "late":
            return Q(next_activity_on__lt=today)
        case "today":
            return Q(next_activity_on=today)
        case "none":
            return Q(next_activity_on=None)
    return Q()


def _found(text: str) -> Q:
    """By a piece of the phone in any form, of the name or of the e-mail."""
    text = clean_name(text)[:120]
    if not text:
        return Q()
    digits = phone_digits(text)
    found = Q(name__icontains=text) | Q(email__icontains=text)
    if digits.isascii() and digits.isdigit() and len(digits) >= 4:
        tail = digits.removeprefix("0098").removeprefix("+98").lstrip("0")
        found |= Q(phone__contains=tail or digits)
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
