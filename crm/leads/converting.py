"""A lead becomes a member, and a member who bought is a customer: by itself, or by a word of the staff."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from club.awards.enrolment import enrol_member
from club.members.models import Member
from club.members.selectors import member_by_phone, records_of
from core import audit, events
from core.text import clean_name
from crm.leads.incentives import give_incentive
from crm.leads.models import Lead, LeadKind
from crm.leads.services import get_lead, lock_lead, note_change, overtaken

CONVERTED = "lead.converted"
LONGEST_NAME = 60


@transaction.atomic
def convert_lead(lead_id: int, *, actor: str, now: datetime) -> Lead:
    """Say that an open lead has become a customer: who is no member yet becomes one. Won before: nothing changes.

    Raises NotFound, Conflict for a lost one, and what enrolling raises.
    """
    lead = lock_lead(lead_id)
    if lead.status == Lead.Status.WON:
        return lead
    if lead.status != Lead.Status.OPEN:
        raise overtaken(lead)
    if lead.member is None:
        member = member_by_phone(lead.phone) or _enrolled(lead, actor=actor, now=now)
        tie(lead, member, had_bought=member.first_purchase_at is not None, actor=actor, now=now)
    win([get_lead(lead_id)], purchase_id=None, actor=actor, at=now)
    return get_lead(lead_id)


def tie(lead: Lead, member: Member, *, had_bought: bool, actor: str, now: datetime) -> Lead:
    """Note in the running transaction which member the lead has become; the incentive of a qualified one comes now."""
    if Lead.objects.filter(pk=lead.pk, member=None).update(member=member, was_customer=had_bought, updated_at=Now()):
        lead.member, lead.was_customer = member, had_bought
        after = {"member": member.pk}
        audit.record("lead.tie", actor=actor, target=lead.document, before={"member": None}, after=after)
    return give_incentive(lead, actor=actor, now=now)


def win(leads: list[Lead], *, purchase_id: int | None, actor: str, at: datetime) -> None:
    """Make customers of one member's leads in the running transaction; who is won already only learns the purchase.

    A person becomes a customer once: that is told of the lead which was registered first, and of no later one.
    """
    for lead in leads:
        if lead.purchase_id is None and purchase_id is not None:
            Lead.objects.filter(pk=lead.pk, purchase=None).update(purchase=purchase_id, updated_at=Now())
        open_one = Lead.objects.filter(pk=lead.pk, status=Lead.Status.OPEN)
        if not open_one.update(status=Lead.Status.WON, converted_at=at, updated_at=Now()):
            continue
        note_change(lead, to_stage=lead.stage, to_status=Lead.Status.WON, actor=actor, at=at)
        states = {"status": Lead.Status.OPEN.value}, {"status": Lead.Status.WON.value}
        audit.record("lead.convert", actor=actor, target=lead.document, before=states[0], after=states[1])
        if not lead.was_customer and not _won_before(lead):
            data = {
                "purchase": purchase_id,
                "source": lead.source,
                "channel": lead.channel,
                "referrer": lead.referrer_id,
                "agent": lead.agent_id,
            }
            events.emit(CONVERTED, document=lead.document, member_id=lead.member_id, occurred_at=at, data=data)


def bought(member_id: int, purchase_id: int, *, is_first: bool, imported: bool, occurred_at: datetime) -> None:
    """A member has bought: the open leads of the person are won, in the running transaction.

    History brought in from before a lead was there shows that the person was a customer of old, and wins nothing.
    """
    for lead in _leads_of_person(member_id, had_bought=not is_first, now=occurred_at):
        if imported and occurred_at < lead.created_at:
            Lead.objects.filter(pk=lead.pk, status=Lead.Status.OPEN).update(was_customer=True)
        else:
            win([lead], purchase_id=purchase_id, actor="system", at=occurred_at)


def joined(member_id: int, *, now: datetime) -> None:
    """A member has joined, or a lead was registered meanwhile: leads with the phone are tied, in the transaction."""
    _leads_of_person(member_id, had_bought=False, now=now)


def _leads_of_person(member_id: int, *, had_bought: bool, now: datetime) -> list[Lead]:
    """The leads of a member that no purchase has won yet, the first first, locked; those of the phone are tied."""
    records = records_of(member_id)
    phones = Member.objects.filter(pk__in=records, phone__isnull=False).values("phone")
    waiting = Lead.objects.select_for_update(of=("self",), no_key=True).select_related("stage")
    waiting = waiting.filter(Q(member__in=records) | Q(member=None, phone__in=phones), purchase=None)
    found = list(waiting.exclude(status=Lead.Status.LOST).order_by("pk"))
    member = Member.objects.filter(pk=records[0]).first() if any(lead.member_id is None for lead in found) else None
    for lead in found:
        if lead.member_id is None and member is not None:
            tie(lead, member, had_bought=had_bought, actor="system", now=now)
    return found


def _won_before(lead: Lead) -> bool:
    others = Lead.objects.filter(member=lead.member_id, status=Lead.Status.WON).exclude(pk=lead.pk)
    return others.exists()


def _enrolled(lead: Lead, *, actor: str, now: datetime) -> Member:
    """A new member of who the lead says it is: a person's last word but one parts the names, others have but one."""
    first, last = lead.name[:LONGEST_NAME], ""
    if lead.kind == LeadKind.PERSON and " " in lead.name:
        first, _space, last = lead.name.partition(" ")
    return enrol_member(
        actor=actor,
        now=now,
        phone=lead.phone,
        email=lead.email,
        source=lead.source,
        first_name=clean_name(first)[:LONGEST_NAME],
        last_name=clean_name(last)[:LONGEST_NAME],
    )
