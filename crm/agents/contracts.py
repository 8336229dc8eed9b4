"""The life of an agent: asked or invited, taken on under terms, and gone, with panel and code, when these end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, StaffRole, User
from accounts.services import end_role, give_role
from club.members.agent_codes import close_agent_code, register_agent_code
from core import audit, events
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.jalali import local_date
from core.money import Rial
from core.phones import InvalidPhone, normalise_phone
from core.tenancy.scope import club_zone, current_club
from core.text import clean_name
from crm.agents.commission import is_over
from crm.agents.commissions import contract_of, versions_of
from crm.agents.models import Account, Agent, AgentSettings, ContractTerms
from crm.notices.services import notify_staff
from sms import outbox
from sms.wording import portal_link

SYSTEM = "system"
CONTRACT_ENDED = "agent.ended"
"""The event of a contract that ended: whoever goes on with what the agent had begun reads it."""
LONGEST_HOLD, LONGEST_REASON = 365, 200
AT_WORK = (Agent.Status.INVITED, Agent.Status.ACTIVE)
TOO_EARLY = _("نسخهٔ تازه از فردا به بعد آغاز می‌شود؛ خریدهای تا امروز با نسخهٔ پیشین سنجیده شده‌اند.")
IS_AGENT = _("عاملی با این شماره هست.")
BEFORE_COMING_BACK = _("او پیش‌تر عامل بوده است؛ قرارداد تازه از امروز به بعد آغاز می‌شود.")


@dataclass(frozen=True)
class NewAgent:
    """Who asks or is invited; `phone` in any form."""

    name: str
    phone: str
    kind: str
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """A version of a contract as a manager writes it; percent in basis points, caps in Rial, days of the club."""

    percent_bp: int
    basis: str
    hold_days: int
    starts_on: date
    ends_on: date | None = None
    cap_total: Rial | None = None
    cap_month: Rial | None = None


def settings_of_agents() -> AgentSettings:
    """What the club offers agents to begin with; the defaults, unsaved, until it says otherwise."""
    return AgentSettings.objects.first() or AgentSettings()


@transaction.atomic
def change_settings(changes: dict[str, Any], *, actor: str) -> AgentSettings:
    """Note what the club offers from now on; contracts that there are stay as they are."""
    row, _made = AgentSettings.objects.select_for_update().get_or_create()
    before = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    audit.record("agent_settings.change", actor=actor, target="agent_settings", before=before, after=changes)
    return row


@transaction.atomic
def apply_as_agent(new: NewAgent, *, now: datetime) -> bool:
    """Note that somebody asks to become an agent; False where an agent or a request with this phone is there already.

    The page answers alike in both cases, so that it tells nobody who is an agent. Raises ValidationFailed.
    """
    values = _checked(new)
    if not settings_of_agents().takes_applications:
        raise NotFound
    if _of_phone(values["phone"]).exists():
        return False
    former = _former(values["phone"])
    try:
        # Anybody can write somebody else's phone: the name by which what is owed is paid stays.
        agent = _made(values) if former is None else _asks_again(former, {"note": values["note"]})
    except Conflict:
        return False
    text = _("%(name)s می‌خواهد عامل فروش شود.") % {"name": agent.name}
    document = agent.document if former is None else f"{agent.document}:{now:%Y%m%d%H%M%S}"
    notify_staff(text, document=document, now=now, right="manage_agents", link=f"/desk/agents/{agent.pk}/")
    audit.record("agent.apply", actor=SYSTEM, target=agent.document, before={}, after={"kind": agent.kind})
    return True


@transaction.atomic
def invite_agent(new: NewAgent, terms: Draft, *, actor: str, now: datetime) -> Agent:
    """Take somebody on at once, with a link by SMS; who was an agent before goes on with the account and the code.

    Raises ValidationFailed, Conflict where the phone has an agent.
    """
    values = _checked(new)
    asked, former = _of_phone(values["phone"]).first(), _former(values["phone"])
    if asked is not None and asked.status != Agent.Status.APPLIED:
        raise Conflict(IS_AGENT)
    if asked is not None:
        agent = asked
        Agent.objects.filter(pk=agent.pk, status=Agent.Status.APPLIED).update(**values)
    elif former is not None:
        agent = _asks_again(former, values)
    else:
        agent = _made(values)
    return _take_on(agent.pk, Agent.Status.INVITED, terms, actor=actor, now=now)


@transaction.atomic
def approve_agent(agent_id: int, terms: Draft, *, actor: str, now: datetime) -> Agent:
    """Take on who asked. Raises NotFound, Conflict where that was decided, ValidationFailed."""
    return _take_on(agent_id, Agent.Status.ACTIVE, terms, actor=actor, now=now)


@transaction.atomic
def refuse_agent(agent_id: int, *, actor: str) -> None:
    """Say no to who asked; a former agent is one as before. Raises NotFound, Conflict where that was decided."""
    agent = get_agent(agent_id)
    waiting = Agent.objects.filter(pk=agent.pk, status=Agent.Status.APPLIED)
    status = Agent.Status.ENDED if agent.ended_at else Agent.Status.REFUSED
    if not waiting.update(status=status, decided_by=actor):
        raise Conflict(_("دربارهٔ این درخواست پیش‌تر تصمیم گرفته شده است."))
    audit.record("agent.refuse", actor=actor, target=agent.document, before={}, after={})
    outbox.enqueue("agent_refused", phone=agent.phone, context={"name": agent.name}, document=agent.document)


@transaction.atomic
def change_terms(agent_id: int, terms: Draft, *, actor: str, now: datetime) -> ContractTerms:
    """A new version of the contract, from tomorrow at the earliest: what was bought is judged already.

    Raises NotFound, Conflict for who is no agent now, ValidationFailed.
    """
    agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
    if agent is None:
        raise NotFound
    if agent.status not in AT_WORK:
        raise Conflict(_("قرارداد این عامل پایان یافته است."))
    _refuse_bad_terms(terms, now=now, earliest=local_date(now, club_zone()) + timedelta(days=1))
    return _write_terms(agent, terms, actor=actor)


@transaction.atomic
def end_contract(agent_id: int, *, reason: str, actor: str, now: datetime) -> Agent:
    """End it at once: no panel, no code, nothing for what is bought from now on. What was earned stays owed.

    Raises NotFound, Conflict where it had ended, ValidationFailed (reason).
    """
    agent = get_agent(agent_id)
    said = clean_name(reason)
    if not said or len(said) > LONGEST_REASON:
        raise ValidationFailed({"reason": [_("دلیل را بنویسید، تا ۲۰۰ نویسه.")]})
    open_ones = Agent.objects.filter(pk=agent.pk, status__in=AT_WORK)
    if not open_ones.update(status=Agent.Status.ENDED, ended_at=now, end_reason=said):
        raise Conflict(_("قرارداد این عامل پایان یافته است."))
    close_agent_code(agent.pk, actor=actor)
    for role_id in StaffRole.objects.filter(user=agent.user_id, role=Role.AGENT, is_active=True).values_list(
        "pk", flat=True
    ):
        end_role(role_id, actor=actor, now=now)
    audit.record("agent.end", actor=actor, target=agent.document, before={}, after={"reason": said})
    events.emit(CONTRACT_ENDED, document=agent.document, occurred_at=now, data={"agent": agent.pk})
    account = Account.objects.filter(agent=agent).first() or Account()
    owed = max(account.pending + account.due + account.paying, 0)
    told = {"name": agent.name, **({"owed": owed} if owed else {})}
    outbox.enqueue("agent_ended", phone=agent.phone, context=told, document=agent.document)
    agent.refresh_from_db()
    return agent


def end_contracts_of(user_id: int, *, actor: str, now: datetime) -> None:
    """End the contract of somebody who leaves the staff, if there is one."""
    reason = str(_("از میان کارکنان رفت"))
    for agent_id in Agent.objects.filter(user=user_id, status__in=AT_WORK).values_list("pk", flat=True):
        end_contract(agent_id, reason=reason, actor=actor, now=now)


def end_finished_contracts(*, now: datetime) -> int:
    """End the contracts whose last day is over; how many that were."""
    today, reason, done = local_date(now, club_zone()), str(_("مدت قرارداد تمام شد")), 0
    for agent in Agent.objects.filter(status__in=AT_WORK).order_by("pk"):
        if is_over(contract_of(agent, now), today):
            try:
                end_contract(agent.pk, reason=reason, actor=SYSTEM, now=now)
            except Conflict:  # a manager was quicker
                continue
            done += 1
    return done


def note_first_visit(agent: Agent) -> None:
    """Who was invited has come."""
    if agent.status == Agent.Status.INVITED:
        Agent.objects.filter(pk=agent.pk, status=Agent.Status.INVITED).update(status=Agent.Status.ACTIVE)
        agent.status = Agent.Status.ACTIVE


def get_agent(agent_id: int) -> Agent:
    """The agent of this club. Raises NotFound."""
    agent: Agent | None = Agent.objects.filter(pk=agent_id).first()
    if agent is None:
        raise NotFound
    return agent


def _take_on(agent_id: int, status: str, terms: Draft, *, actor: str, now: datetime) -> Agent:
    """Open panel and code to who has asked until now, and tell them."""
    agent = get_agent(agent_id)
    _refuse_bad_terms(terms, now=now, earliest=local_date(now, club_zone()) if agent.ended_at else None)
    user = User.objects.of_phone(agent.phone)
    waiting = Agent.objects.filter(pk=agent_id, status=Agent.Status.APPLIED)
    begun = {"joined_at": now, "ended_at": None, "end_reason": ""}
    if not waiting.update(status=status, user=user, decided_by=actor, **begun):
        raise Conflict(_("دربارهٔ این درخواست پیش‌تر تصمیم گرفته شده است."))
    if not StaffRole.objects.filter(user=user, role=Role.AGENT, is_active=True).exists():
        give_role(phone=agent.phone, role=Role.AGENT, actor=actor, name=agent.name)
    register_agent_code(agent.pk, agent.phone, name=agent.name, actor=actor)
    _write_terms(agent, terms, actor=actor, came_after=agent.ended_at)
    address = f"{portal_link(current_club())}/desk/agent/"
    outbox.enqueue(
        "agent_welcome", phone=agent.phone, context={"name": agent.name, "address": address}, document=agent.document
    )
    audit.record(
        "agent.take_on",
        actor=actor,
        target=agent.document,
        before={},
        after={"kind": agent.kind, "status": status},
    )
    agent.refresh_from_db()
    return agent


def _write_terms(agent: Agent, terms: Draft, *, actor: str, came_after: datetime | None = None) -> ContractTerms:
    number = max((row.number for row in versions_of(agent)), default=0) + 1
    row: ContractTerms = ContractTerms.objects.create(
        agent=agent, number=number, came_after=came_after, actor=actor, **vars(terms)
    )
    told = {name: _plain(value) for name, value in vars(terms).items() if value is not None}
    audit.record("agent.terms", actor=actor, target=agent.document, before={}, after={"number": number, **told})
    return row


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _refuse_bad_terms(terms: Draft, *, now: datetime, earliest: date | None = None) -> None:
    """Refuse what is no contract, or begins before the day until which purchases are judged already."""
    today = local_date(now, club_zone())
    errors: dict[str, list[Text]] = {}
    if not 0 < terms.percent_bp <= 10_000:
        errors["percent_bp"] = [_("درصدی بیش از ۰ و تا ۱۰۰ بنویسید.")]
    if terms.basis not in ContractTerms.Basis.values:
        errors["basis"] = [_("یکی از گزینه‌ها را برگزینید.")]
    if not 0 <= terms.hold_days <= LONGEST_HOLD:
        errors["hold_days"] = [_("عددی از ۰ تا ۳۶۵ بنویسید.")]
    if terms.ends_on and terms.ends_on < terms.starts_on:
        errors["ends_on"] = [_("پایان باید پس از آغاز باشد.")]
    elif terms.ends_on and terms.ends_on < today:
        errors["ends_on"] = [_("این روز گذشته است؛ روزی از امروز به بعد بنویسید.")]
    if earliest and terms.starts_on < earliest:
        errors["starts_on"] = [TOO_EARLY if earliest > today else BEFORE_COMING_BACK]
    for name in ("cap_total", "cap_month"):
        cap = getattr(terms, name)
        if cap is not None and cap <= 0:
            errors[name] = [_("سقف باید بیشتر از صفر باشد.")]
    if errors:
        raise ValidationFailed(errors)


def _checked(new: NewAgent) -> dict[str, Any]:
    errors: dict[str, list[Text]] = {}
    name, note, phone = clean_name(new.name), clean_name(new.note), ""
    if not name or len(name) > 80:
        errors["name"] = [_("نامی تا ۸۰ نویسه بنویسید.")]
    if len(note) > 500:
        errors["note"] = [_("متن بیش از ۵۰۰ نویسه است؛ کوتاهش کنید.")]
    if new.kind not in Agent.Kind.values:
        errors["kind"] = [_("یکی از گزینه‌ها را برگزینید.")]
    try:
        phone = normalise_phone(new.phone)
    except InvalidPhone as refused:
        errors["phone"] = [refused.detail]
    if errors:
        raise ValidationFailed(errors)
    return {"name": name, "phone": phone, "kind": new.kind, "note": note}


def _of_phone(phone: str) -> Any:
    return Agent.objects.filter(phone=phone, status__in=(Agent.Status.APPLIED, *AT_WORK))


def _former(phone: str) -> Agent | None:
    """Whose contract is over: of several rows of one person the newest."""
    gone = Agent.objects.filter(phone=phone, status=Agent.Status.ENDED)
    found: Agent | None = gone.order_by("-pk").first()
    return found


def _made(values: dict[str, Any]) -> Agent:
    try:
        with transaction.atomic():
            agent: Agent = Agent.objects.create(status=Agent.Status.APPLIED, **values)
            return agent
    except IntegrityError as error:
        raise Conflict(IS_AGENT) from error


def _asks_again(former: Agent, values: dict[str, Any]) -> Agent:
    """Let who was an agent wait for a word once more. Raises Conflict where somebody was quicker."""
    ended = Agent.objects.filter(pk=former.pk, status=Agent.Status.ENDED)
    try:
        with transaction.atomic():
            count = ended.update(status=Agent.Status.APPLIED, **values)
    except IntegrityError as error:
        raise Conflict(IS_AGENT) from error
    if not count:
        raise Conflict(IS_AGENT)
    return get_agent(former.pk)
