"""Leads of members that were merged or erased, and of people who want to be forgotten before they joined."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict
from core.forgetting import forget_person
from crm.leads.models import Lead
from crm.leads.services import let_go_of_phone, lock_lead, note_change

BLANK = {
    "name": "",
    "phone": "",
    "email": "",
    "source": "",
    "note": "",
    "next_activity": "",
    "next_activity_on": None,
    "lost_reason": "",
    "rival": "",
}


def hand_over(source_id: int, into_id: int) -> None:
    """Leads of the one member, and those that it named, are the other's, in the running transaction."""
    Lead.objects.filter(member=source_id).update(member=into_id)
    Lead.objects.filter(referrer=source_id).update(referrer=into_id)


def forget_people(record_ids: Sequence[int], *, now: datetime) -> None:
    """Leave of these members' leads what counts, and nothing of who they were, in the running transaction."""
    for lead in Lead.objects.filter(member__in=record_ids).select_related("stage").order_by("pk"):
        _blank(lead, now=now)


@transaction.atomic
def forget_lead(lead_id: int, *, actor: str, now: datetime) -> None:
    """Leave of one lead what counts, and nothing of who it was. Raises NotFound, Conflict: a member is erased whole."""
    lead = lock_lead(lead_id)
    if lead.member_id is not None:
        raise Conflict(_("این سرنخ عضو شده است؛ او را از کارت عضو پاک کنید."))
    _blank(lead, now=now)
    audit.record("lead.forget", actor=actor, target=lead.document, before={}, after={})


def _blank(lead: Lead, *, now: datetime) -> None:
    if lead.status == Lead.Status.OPEN:
        note_change(lead, to_stage=lead.stage, to_status=Lead.Status.LOST, actor="system", at=now)
        Lead.objects.filter(pk=lead.pk).update(status=Lead.Status.LOST)
    let_go_of_phone(lead)
    forget_person(targets=[lead.document], member_ids=[], phones=[lead.phone] if lead.phone else [])
    Lead.objects.filter(pk=lead.pk).update(**BLANK, updated_at=Now())
