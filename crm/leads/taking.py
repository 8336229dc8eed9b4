"""Taking a lead that belongs to nobody, and letting go of those of who works on none any more."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rights import Person, can
from core import audit
from core.errors import Conflict
from crm.leads.assigning import experts
from crm.leads.models import Lead
from crm.leads.services import get_lead, overtaken

TAKE_FIRST = gettext_lazy("این سرنخ بی کارشناس است؛ نخست برش دارید.")


def may_work_on(person: Person, lead: Lead) -> bool:
    """An expert works on what is theirs, and takes a lead of nobody's first; who gives leads out works on all."""
    return can(person, "manage_leads") or (lead.owner_id == person.pk and can(person, "work_leads"))


@transaction.atomic
def take_lead(lead_id: int, user: User) -> Lead:
    """Make a lead of nobody's this person's own; of two who take at once one gets it. One's own already: as it was.

    Raises NotFound, and Conflict for one that is somebody's by now or has become a customer.
    """
    lead = get_lead(lead_id)
    if lead.owner_id == user.pk:
        return lead
    free = Lead.objects.filter(pk=lead.pk, owner=None).exclude(status=Lead.Status.WON).exclude(name="")
    if not free.update(owner=user, updated_at=Now()):
        raise _gone(get_lead(lead_id))
    audit.record("lead.take", actor=user.actor, target=lead.document, before={"owner": None}, after={"owner": user.pk})
    return get_lead(lead_id)


@transaction.atomic
def let_go_of(user_id: int, *, actor: str) -> int:
    """Make the open leads of somebody who may work on none any more nobody's; how many. An agent's own stay theirs."""
    if any(user.pk == user_id for user in experts()):
        return 0
    held = Lead.objects.filter(owner=user_id, status=Lead.Status.OPEN).exclude(agent__user=user_id)
    count = held.update(owner=None, updated_at=Now())
    if count:
        audit.record("lead.let_go", actor=actor, target=f"user:{user_id}", before={"leads": count}, after={"leads": 0})
    return count


def _gone(lead: Lead) -> Conflict:
    if lead.owner is None:
        return overtaken(lead)
    return Conflict(_("این سرنخ را همین حالا «%(owner)s» برداشت.") % {"owner": lead.owner}, lead=lead.pk)
