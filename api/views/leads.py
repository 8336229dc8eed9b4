"""Leads: registering and listing them, moving them along, and making customers of them."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from api import lead_bodies as bodies
from api.answers import moment
from api.document import describe
from api.once import answer_once
from api.paging import ListOrder, list_query, page
from api.views.base import ApiView, answer, stored_answer
from club.members.agent_codes import is_closed_code
from club.members.referral_codes import normal_code
from club.members.selectors import owner_of_code
from core.errors import ValidationFailed
from core.jalali import local_date
from core.tenancy.scope import club_zone
from crm.leads.converting import convert_lead
from crm.leads.models import Lead
from crm.leads.selectors import Asked, codes_of_agents, leads
from crm.leads.services import (
    AGENT_IS_GONE,
    NewLead,
    get_lead,
    lose_lead,
    move_lead,
    register_lead,
    reopen_lead,
    update_lead,
)

NEWEST_LEADS = ListOrder()
EMPTY_FOR_NULL = ("email", "source", "note", "rival")


class Leads(ApiView):
    @describe("List leads", query=bodies.LEAD_LIST, page_of="Lead")
    def get(self, request: Request) -> HttpResponse:
        query = list_query(request.query_params, **bodies.LEAD_LIST)
        asked = Asked(
            text=query.get("q", ""),
            status=query.get("status", ""),
            stage=query.get("stage", ""),
            kind=query.get("kind", ""),
        )
        rows = leads(asked, today=local_date(self.now, club_zone()), seen=Q())
        if "phone" in query:
            rows = rows.filter(phone=query["phone"])
        return answer(page(rows, query, NEWEST_LEADS, leads_said))

    @describe("Register a lead", body=bodies.NEW_LEAD, answer="Lead", status=201, key="optional")
    def post(self, request: Request) -> HttpResponse:
        values = self.body(bodies.NEW_LEAD)
        text, replayed = answer_once(request, lambda: self._registered(values))
        return stored_answer(text, replayed=replayed)

    def _registered(self, values: dict[str, Any]) -> dict[str, Any]:
        brought = brought_by(values.get("agent"), values.get("referred_by"))
        new = NewLead(channel=Lead.Channel.API.value, phone=values["phone"], name=values["name"], **told(values))
        return lead_said(register_lead(new, actor=self.actor, now=self.now, **brought))


class OneLead(ApiView):
    @describe("Change a lead", body=bodies.LEAD_CHANGES, answer="Lead")
    def patch(self, request: Request, lead_id: int) -> HttpResponse:
        get_lead(lead_id)
        with transaction.atomic():
            self._change(lead_id, self.body(bodies.LEAD_CHANGES))
        return answer(lead_said(get_lead(lead_id)))

    def _change(self, lead_id: int, values: dict[str, Any]) -> None:
        """Fields first, then where it stands: opened again, moved, lost."""
        act: dict[str, Any] = {"actor": self.actor, "now": self.now}
        lost = "lost_reason" in values or values.get("status") == Lead.Status.LOST
        if lost and ("lost_reason" not in values or values.get("status") == Lead.Status.OPEN):
            raise ValidationFailed({"lost_reason": [_("سرنخ با status=lost و دلیلش (lost_reason) بسته می‌شود.")]})
        changes = told(values) | {name: values[name] for name in ("phone", "name") if name in values}
        if changes:
            update_lead(lead_id, changes, actor=self.actor)
        if values.get("status") == Lead.Status.OPEN and get_lead(lead_id).status == Lead.Status.LOST:
            reopen_lead(lead_id, **act)
        if "stage" in values:
            move_lead(lead_id, values["stage"], **act)
        if lost:
            lose_lead(lead_id, values["lost_reason"], get_lead(lead_id).rival, **act)


class ConvertLead(ApiView):
    @describe("Make a customer of a lead", answer="Lead", key="optional")
    def post(self, request: Request, lead_id: int) -> HttpResponse:
        get_lead(lead_id)
        act: dict[str, Any] = {"actor": self.actor, "now": self.now}
        text, replayed = answer_once(request, lambda: lead_said(convert_lead(lead_id, **act)))
        return stored_answer(text, replayed=replayed, status=200)


def told(values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a lead under the names that they have inside."""
    found = {name: values[name] or "" for name in EMPTY_FOR_NULL if name in values}
    if "kind" in values:
        found["kind"] = values["kind"]
    if "expected_amount" in values:
        found["expected_rial"] = values["expected_amount"]
    if "next_activity" in values:
        activity = values["next_activity"] or {"text": "", "due_on": None}
        found |= {"next_activity": activity["text"], "next_activity_on": activity["due_on"]}
    return found


def brought_by(agent: str | None, referred_by: str | None) -> dict[str, Any]:
    """Who brings a lead, by the codes given, as `register_lead` takes it. Raises ValidationFailed by field."""
    if agent and referred_by and normal_code(agent) != normal_code(referred_by):
        raise ValidationFailed({"referred_by": [_("یا عامل (agent) یا معرف (referred_by)، نه هر دو.")]})
    member_id, agent_id = owner_of_code(agent or referred_by or "")
    if member_id is None and agent_id is None and is_closed_code(agent or referred_by or ""):
        raise ValidationFailed({"agent" if agent else "referred_by": [AGENT_IS_GONE]})
    if agent and agent_id is None:
        raise ValidationFailed({"agent": [_("چنین عاملی در باشگاه نیست.")]})
    if referred_by and member_id is None and agent_id is None:
        raise ValidationFailed({"referred_by": [_("چنین کد معرفی در باشگاه نیست.")]})
    return {"agent_id": agent_id, "referrer_id": member_id}


def lead_said(row: Lead) -> dict[str, Any]:
    return leads_said([get_lead(row.pk)])[0]


def leads_said(rows: list[Lead]) -> list[dict[str, Any]]:
    """Leads with who sees to them, one query more for the codes of agents."""
    codes = codes_of_agents({row.agent_id for row in rows if row.agent_id})
    return [_said(row, codes.get(row.agent_id or 0)) for row in rows]


def _said(row: Lead, agent: str | None) -> dict[str, Any]:
    owner, on = row.agent or row.owner, row.next_activity_on
    return {
        "id": row.pk,
        "stage": row.stage.code,
        "status": row.status,
        "member": row.member_id,
        "owner": str(owner) if owner else None,
        "next_activity": {"text": row.next_activity, "due_on": on.isoformat()} if on else None,
        "phone": row.phone or None,
        "name": row.name,
        "email": row.email,
        "kind": row.kind,
        "source": row.source,
        "channel": row.channel,
        "agent": agent,
        "referred_by": row.referrer.referral_code if row.referrer else agent,
        "expected_amount": row.expected_rial,
        "note": row.note,
        "qualified_at": moment(row.qualified_at),
        "lost_reason": row.lost_reason or None,
        "rival": row.rival or None,
        "converted_at": moment(row.converted_at),
        "purchase": row.purchase_id,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }
