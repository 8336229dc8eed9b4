"""What agents say of themselves: the name and the account number that payouts go by."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import NotFound, Text, ValidationFailed
from core.text import clean_name
from crm.agents.iban import InvalidIban, normal_iban
from crm.agents.models import Agent
from crm.notices.services import notify_staff


@transaction.atomic
def change_own_profile(agent_id: int, *, name: str, iban: str, actor: str, now: datetime) -> None:
    """Change them, and tell the managers: money goes by what is written here.

    Raises NotFound, ValidationFailed (name, iban).
    """
    agent = Agent.objects.select_for_update(no_key=True).filter(pk=agent_id).first()
    if agent is None:
        raise NotFound
    errors: dict[str, list[Text]] = {}
    said, number = clean_name(name), ""
    if not said or len(said) > 80:
        errors["name"] = [_("نامی تا ۸۰ نویسه بنویسید.")]
    try:
        number = normal_iban(iban)
    except InvalidIban as refused:
        errors["iban"] = [refused.detail]
    if errors:
        raise ValidationFailed(errors)
    before, after = {"name": agent.name, "iban": agent.iban}, {"name": said, "iban": number}
    changed = [field for field, value in after.items() if before[field] != value]
    if not changed:
        return
    Agent.objects.filter(pk=agent.pk).update(**after)
    audit.record("agent.profile", actor=actor, target=agent.document, before=before, after=after)
    text = _("عامل «%(name)s» شبای خود را عوض کرد.") if "iban" in changed else _("عامل «%(name)s» نام خود را عوض کرد.")
    document = f"{agent.document}:{now:%Y%m%d%H%M%S%f}"  # each change is told, not the first alone
    told = text % {"name": before["name"]}
    notify_staff(told, document=document, now=now, right="manage_agents", link=f"/desk/agents/{agent.pk}/")
