"""The codes of agents: given once, opened and closed with the agent's contract, which is a higher package's."""

from collections.abc import Collection

from django.db import transaction

from club.members.checks import checked
from club.members.models import AgentCode, Member
from club.members.referral_codes import new_agent_code, normal_code
from core import audit
from core.errors import NotFound
from core.text import clean_name


@transaction.atomic
def register_agent_code(agent_id: int, phone: str, *, name: str = "", actor: str) -> str:
    """The agent's code, one for good: made the first time, later opened again, with the phone and name of now.

    Raises ValidationFailed (phone).
    """
    own_phone = checked({"phone": phone})["phone"]
    known = AgentCode.objects.select_for_update().filter(agent_id=agent_id).first()
    after = {"phone": own_phone, "name": clean_name(name)[:60], "is_active": True}
    if known is None:
        made, _is_new = AgentCode.objects.get_or_create(agent_id=agent_id, defaults={"code": new_agent_code(), **after})
        audit.record("agent_code.open", actor=actor, target=f"agentcode:{made.pk}", before={}, after={})
        return str(made.code)
    if any(getattr(known, field) != value for field, value in after.items()):
        was_closed = not known.is_active
        AgentCode.objects.filter(pk=known.pk).update(**after)
        if was_closed:
            audit.record("agent_code.open", actor=actor, target=f"agentcode:{known.pk}", before={}, after={})
    return str(known.code)


@transaction.atomic
def close_agent_code(agent_id: int, *, actor: str) -> None:
    """Bring nobody more by the agent's code; once closed, nothing changes. Raises NotFound."""
    known = AgentCode.objects.filter(agent_id=agent_id).first()
    if known is None:
        raise NotFound
    if AgentCode.objects.filter(pk=known.pk, is_active=True).update(is_active=False):
        audit.record("agent_code.close", actor=actor, target=f"agentcode:{known.pk}", before={}, after={})


def is_closed_code(code: str) -> bool:
    """Whether the code was an agent's and brings nobody any more."""
    return AgentCode.objects.filter(code=normal_code(code), is_active=False).exists()


def brought_by_agent(agent_id: int) -> list[int]:
    """The members whom the agent's code has brought, the newest first."""
    rows = Member.objects.filter(agent_code__agent_id=agent_id).exclude(merged_into__isnull=False)
    return list(rows.order_by("-id").values_list("pk", flat=True))


def agent_codes(code_ids: Collection[int]) -> dict[int, str]:
    """The code of each of these rows, in one query; none where there is nothing to ask."""
    return dict(AgentCode.objects.filter(pk__in=code_ids).values_list("pk", "code")) if code_ids else {}
