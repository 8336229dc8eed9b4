"""Writing leads: registering one, changing it, moving it along the stages, losing it and opening it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from club.members.awaited import await_member, await_no_more
from club.members.models import Member
from club.members.selectors import member_by_phone
from club.members.services import ReferralRefused
from core import audit, events
from core.errors import AppError, Conflict, NotFound, ValidationFailed
from crm.agents.models import Agent
from crm.agents.selectors import is_at_work, open_code_of
from crm.leads.assigning import experts, owner_for
from crm.leads.checks import checked
from crm.leads.incentives import give_incentive
from crm.leads.models import Lead, LeadKind, LeadStage, StageChange
from crm.leads.stages import lock_stage, open_stages, qualifies, stage_coded

REGISTERED = "lead.registered"
TOLD = ("name", "phone", "email", "kind", "source", "expected_rial", "note", "next_activity", "next_activity_on")
EDITABLE = (*TOLD, "rival", "owner_id")
AGENT_IS_GONE = gettext_lazy("قرارداد این عامل پایان یافته است؛ کسی را به نام او نمی‌شود ثبت کرد.")


class DuplicateLead(AppError):
    """The phone has an open lead already, or is a member's; `lead` and `member` are their ids, `owner` who sees to it.

    The staff may register another one, knowingly.
    """

    code = "duplicate_phone"
    http_status = 409
    message = gettext_lazy("این شماره پیش‌تر ثبت شده است.")


@dataclass(frozen=True, kw_only=True)
class NewLead:
    """Who may become a member. `expected_rial` whole Rial; `owner_id` None: by the club's rules."""

    phone: str
    name: str
    email: str = ""
    kind: str = LeadKind.PERSON.value
    source: str = ""
    channel: str = Lead.Channel.DESK.value
    expected_rial: int | None = None
    note: str = ""
    next_activity: str = ""
    next_activity_on: date | None = None
    owner_id: int | None = None


@dataclass(frozen=True)
class Known:
    """What the club knows of a phone: its open lead with who sees to it, and the member whose it is."""

    lead: Lead | None = None
    member: Member | None = None

    @property
    def owner(self) -> str:
        """Who sees to the open lead, by name; blank where nobody does."""
        if self.lead is None:
            return ""
        return str(self.lead.seen_to_by or "")


def known_as(phone: str, *, except_lead: int | None = None) -> Known:
    """Who has this phone, normalised, already: an open lead (the first of several), a member, or nobody."""
    rows = Lead.objects.filter(phone=phone, status=Lead.Status.OPEN).exclude(pk=except_lead or 0)
    first = rows.select_related("owner", "agent").order_by("is_second", "pk").first()
    return Known(first, member_by_phone(phone))


@transaction.atomic
def register_lead(
    new: NewLead,
    *,
    actor: str,
    now: datetime,
    agent_id: int | None = None,
    referrer_id: int | None = None,
    knowingly: bool = False,
) -> Lead:
    """Keep somebody who may become a member, in the first stage, and let who brought them be tied when they join.

    A phone with an open lead is refused unless `knowingly`; a member's phone is refused to agents and members only.
    Raises ValidationFailed by field (agent: whose contract is over), DuplicateLead, ReferralRefused (the own phone),
    NotFound; nothing is written then.
    """
    values = checked({name: getattr(new, name) for name in TOLD})
    agent, referrer = _agent(agent_id, now), _referrer(referrer_id)
    _refuse_own(values["phone"], agent, referrer)
    known = known_as(values["phone"])
    _refuse_known(known, knowingly=knowingly, by_staff=agent is None and referrer is None)
    lead = Lead(
        **values,
        channel=new.channel,
        agent=agent,
        referrer=referrer,
        owner=_owner(new, agent),
        member=known.member,
        was_customer=known.member is not None and known.member.first_purchase_at is not None,
        is_second=known.lead is not None,
        stage=open_stages()[0],
        registered_by=actor,
        created_at=now,
    )
    _insert(lead)
    StageChange.objects.create(lead=lead, to_stage=lead.stage, to_status=lead.status, actor=actor, at=now)
    if known.member is None:
        announce(lead)
    said = {"name": lead.name, "phone": lead.phone, "kind": lead.kind, "source": lead.source}
    audit.record("lead.register", actor=actor, target=lead.document, before={}, after=_plain(said))
    told = {"source": lead.source, "channel": lead.channel, "kind": lead.kind}
    events.emit(REGISTERED, document=lead.document, member_id=lead.member_id, occurred_at=now, data=told)
    return lead


def announce(lead: Lead) -> None:
    """Let who brought the lead be tied to its phone as it joins, in the running transaction.

    An agent whose contract has ended brings nobody any more: the code stays closed, and the lead goes on without.
    """
    if lead.referrer is not None:
        await_member(lead.phone, lead.referrer.referral_code)
    elif lead.agent is not None and (code := open_code_of(lead.agent)):
        await_member(lead.phone, code)


def let_go_of_phone(lead: Lead) -> None:
    """The lead, as it was, has left its phone: only who brought another open lead of it is still tied to it."""
    if not lead.phone:
        return
    await_no_more([lead.phone])
    others = Lead.objects.filter(phone=lead.phone, status=Lead.Status.OPEN, member=None).exclude(pk=lead.pk)
    for other in others.select_related("agent", "referrer").order_by("pk"):
        announce(other)


@transaction.atomic
def update_lead(lead_id: int, changes: Mapping[str, Any], *, actor: str) -> Lead:
    """Change the named fields of EDITABLE. Raises NotFound, ValidationFailed by field, DuplicateLead."""
    lead = lock_lead(lead_id)
    values = checked({name: value for name, value in changes.items() if name != "owner_id"}, kept=lead)
    if "owner_id" in changes:
        values["owner_id"] = _known_owner(changes["owner_id"], lead)
    before = {name: getattr(lead, name) for name in values}
    changed = {name: value for name, value in values.items() if value != before[name]}
    if not changed:
        return lead
    if "phone" in changed:
        changed |= _moved_phone(lead, changed["phone"])
    for name, value in changed.items():
        setattr(lead, name, value)
    try:
        with transaction.atomic():
            Lead.objects.filter(pk=lead.pk).update(**changed, updated_at=Now())
    except IntegrityError as error:
        raise DuplicateLead from error
    after = {name: changed[name] for name in before if name in changed}
    audit.record("lead.update", actor=actor, target=lead.document, before=_plain(before), after=_plain(before | after))
    return lead


@transaction.atomic
def move_lead(lead_id: int, to_code: str, *, actor: str, now: datetime, seen_in: str | None = None) -> Lead:
    """Bring an open lead to another stage; `seen_in` is where the mover saw it. There already: nothing changes.

    The first time it comes to the qualifying stage or past it, it is qualified, and gets the club's incentive.
    Raises NotFound, ValidationFailed (stage), Conflict where somebody was quicker or it is not open.
    """
    lead, to = get_lead(lead_id), stage_coded(to_code)
    if lead.status == Lead.Status.OPEN and lead.stage_id == to.pk:
        return lead
    if lead.status != Lead.Status.OPEN or seen_in not in (None, lead.stage.code):
        raise overtaken(lead)
    lock_stage(to.pk)
    came_from = lead.stage
    is_new = lead.qualified_at is None and qualifies(to, open_stages())
    moved = Lead.objects.filter(pk=lead.pk, stage=came_from, status=Lead.Status.OPEN)
    qualified = {"qualified_at": now} if is_new else {}
    if not moved.update(stage=to, updated_at=Now(), **qualified):
        raise overtaken(get_lead(lead_id))
    note_change(lead, to_stage=to, to_status=lead.status, actor=actor, at=now)
    names = {"stage": came_from.name}, {"stage": to.name}
    audit.record("lead.move", actor=actor, target=lead.document, before=names[0], after=names[1])
    lead = get_lead(lead_id)
    return give_incentive(lead, actor=actor, now=now) if is_new else lead


@transaction.atomic
def lose_lead(lead_id: int, reason: str, rival: str = "", *, actor: str, now: datetime) -> Lead:
    """Close an open lead that comes to nothing, with why and for whom. Raises NotFound, ValidationFailed, Conflict."""
    values = checked({"lost_reason": reason, "rival": rival})
    lead = get_lead(lead_id)
    open_ones = Lead.objects.filter(pk=lead.pk, status=Lead.Status.OPEN)
    if not open_ones.update(status=Lead.Status.LOST, updated_at=Now(), **values):
        raise overtaken(get_lead(lead_id))
    note_change(lead, to_stage=lead.stage, to_status=Lead.Status.LOST, actor=actor, at=now)
    let_go_of_phone(lead)
    before = {"status": lead.status, "lost_reason": lead.lost_reason, "rival": lead.rival}
    after = {"status": Lead.Status.LOST.value, **values}
    audit.record("lead.lose", actor=actor, target=lead.document, before=before, after=after)
    return get_lead(lead_id)


@transaction.atomic
def reopen_lead(lead_id: int, *, actor: str, now: datetime) -> Lead:
    """Go on with a lost lead in the stage where it was. Raises NotFound, Conflict, DuplicateLead for its phone."""
    lead = get_lead(lead_id)
    _refuse_known(Known(known_as(lead.phone).lead) if lead.phone else Known(), knowingly=False, by_staff=True)
    stage = lead.stage if lead.stage.archived_at is None else open_stages()[0]
    lost = Lead.objects.filter(pk=lead.pk, status=Lead.Status.LOST).exclude(name="")
    values = {"status": Lead.Status.OPEN, "stage": stage, "lost_reason": "", "rival": "", "is_second": False}
    try:
        with transaction.atomic():
            count = lost.update(updated_at=Now(), **values)
    except IntegrityError as error:
        raise DuplicateLead from error
    if not count:
        raise overtaken(get_lead(lead_id))
    note_change(lead, to_stage=stage, to_status=Lead.Status.OPEN, actor=actor, at=now)
    if lead.member_id is None:
        announce(lead)
    before = {"status": lead.status, "lost_reason": lead.lost_reason, "rival": lead.rival}
    after = {"status": Lead.Status.OPEN.value, "lost_reason": "", "rival": ""}
    audit.record("lead.reopen", actor=actor, target=lead.document, before=before, after=after)
    return get_lead(lead_id)


def get_lead(lead_id: int, *, seen: Q | None = None) -> Lead:
    """The lead with its stage and people. Raises NotFound, also for another club's and one that is not `seen`."""
    rows = Lead.objects.select_related("stage", "owner", "agent", "referrer", "member", "purchase", "coupon")
    found = rows.filter(seen or Q(), pk=lead_id).first() if 0 < lead_id < 2**63 else None
    if found is None:
        raise NotFound
    return found


def lock_lead(lead_id: int) -> Lead:
    """The same, held until the end of the transaction."""
    if not Lead.objects.select_for_update(no_key=True).filter(pk=get_lead(lead_id).pk).exists():
        raise NotFound
    return get_lead(lead_id)


def note_change(lead: Lead, *, to_stage: LeadStage, to_status: str, actor: str, at: datetime) -> None:
    """Add to the history where the lead, as it was, has come to, in the running transaction."""
    StageChange.objects.create(
        lead_id=lead.pk,
        from_stage_id=lead.stage_id,
        to_stage_id=to_stage.pk,
        from_status=lead.status,
        to_status=to_status,
        actor=actor,
        at=at,
    )


def _insert(lead: Lead) -> None:
    try:
        with transaction.atomic():
            lead.save()
    except IntegrityError as error:
        # Two who registered one phone at once: the second had seen nobody.
        raise _duplicate(known_as(lead.phone)) from error


def refusal_of(known: Known) -> DuplicateLead | None:
    """Why an agent or a member cannot register a lead with a phone of which so much is known; None where they can."""
    return None if known.lead is None and known.member is None else _duplicate(known)


def _refuse_known(known: Known, *, knowingly: bool, by_staff: bool) -> None:
    if not knowingly and (known.lead is not None or (known.member is not None and not by_staff)):
        raise _duplicate(known)


def _duplicate(known: Known) -> DuplicateLead:
    data = {
        "lead": known.lead.pk if known.lead else None,
        "member": known.member.pk if known.member else None,
        "owner": known.owner,
    }
    if known.lead is None:
        return DuplicateLead(_("این شماره عضو باشگاه است."), **data)
    if known.lead.is_agents:
        return DuplicateLead(_("این شماره سرنخ باز دارد؛ عاملش «%(owner)s» است."), **data)
    if known.owner:
        return DuplicateLead(_("این شماره سرنخ باز دارد؛ کارشناسش «%(owner)s» است."), **data)
    return DuplicateLead(_("این شماره سرنخ باز دارد."), **data)


def _refuse_own(phone: str, agent: Agent | None, referrer: Member | None) -> None:
    if phone in (agent and agent.phone, referrer and referrer.phone):
        raise ReferralRefused(_("کسی معرف خودش نمی‌شود."))


def _agent(agent_id: int | None, now: datetime) -> Agent | None:
    if agent_id is None:
        return None
    found: Agent | None = Agent.objects.filter(pk=agent_id).first()
    if found is None:
        raise NotFound
    if not is_at_work(found, now=now):
        raise ValidationFailed({"agent": [AGENT_IS_GONE]})
    return found


def _referrer(referrer_id: int | None) -> Member | None:
    if referrer_id is None:
        return None
    found = Member.objects.filter(pk=referrer_id).exclude(status=Member.Status.ERASED).first()
    if found is None:
        raise NotFound
    return found


def _owner(new: NewLead, agent: Agent | None) -> User | None:
    """Whose the lead is: the agent's who brought it, else who was named, else whom the rules name."""
    if agent is not None:
        return agent.user
    if new.owner_id is None:
        return owner_for(source=new.source, kind=new.kind)
    return next((user for user in experts() if user.pk == new.owner_id), None) or _nobody()


def _known_owner(owner_id: int | None, lead: Lead) -> int | None:
    if owner_id in (None, lead.owner_id) or any(user.pk == owner_id for user in experts()):
        return owner_id
    return _nobody().pk


def _nobody() -> User:
    raise ValidationFailed({"owner": [_("این کاربر سرنخ‌ها را نمی‌بیند؛ کس دیگری را برگزینید.")]})


def _moved_phone(lead: Lead, phone: str) -> dict[str, Any]:
    """What changes with the phone of a lead that is no member yet. Raises DuplicateLead, Conflict."""
    if lead.member_id is not None:
        raise Conflict(_("این سرنخ عضو شده است؛ شماره را در کارت عضو عوض کنید."), field="phone")
    known = known_as(phone, except_lead=lead.pk)
    _refuse_known(known, knowingly=False, by_staff=True)
    let_go_of_phone(lead)
    lead.phone = phone
    if known.member is None:
        announce(lead)
        return {"is_second": False}
    had_bought = known.member.first_purchase_at is not None
    return {"is_second": False, "member_id": known.member.pk, "was_customer": had_bought}


def overtaken(lead: Lead) -> Conflict:
    if lead.status == Lead.Status.OPEN:
        said = _("این سرنخ را همین حالا کس دیگری به «%(stage)s» برد؛ دوباره نگاه کنید.") % {"stage": lead.stage.name}
    else:
        said = _("این سرنخ دیگر باز نیست: %(status)s.") % {"status": lead.get_status_display()}
    return Conflict(said, lead=lead.pk)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
