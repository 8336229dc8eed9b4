"""The agent's own leads, and the short form by which one is registered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of
from accounts.throttle import AGENT_LEADS, AGENT_LOOKUPS, count_attempt
from core.errors import AppError, Throttled
from core.forms import MoneyField, PhoneField
from core.phones import InvalidPhone, normalise_phone
from core.text import whole_number
from crm.leads.checks import MOST_EXPECTED
from crm.leads.models import Lead
from crm.leads.selectors import leads_of_agent
from crm.leads.services import DuplicateLead, NewLead, known_as, refusal_of, register_lead
from desk.agent.access import agent_of, agent_required
from desk.manager.settings.forms import SettingsForm

PAGE = 30


class LeadForm(SettingsForm):
    """A lead in four fields."""

    name = forms.CharField(label=gettext_lazy("نام"), max_length=120)
    phone = PhoneField(label=gettext_lazy("شماره موبایل"))
    expected = MoneyField(label=gettext_lazy("مبلغ پیش‌بینی"), required=False, max_rial=MOST_EXPECTED)
    note = forms.CharField(
        label=gettext_lazy("یادداشت"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def new(self) -> NewLead:
        """Who was written, of a form that is valid."""
        asked = self.cleaned_data
        return NewLead(
            name=asked["name"],
            phone=asked["phone"],
            expected_rial=asked["expected"],
            note=asked["note"],
            channel=Lead.Channel.AGENT,
        )


@never_cache
@agent_required
@require_safe
def agent_leads(request: HttpRequest) -> HttpResponse:
    """Those whom this agent has registered, with where they stand."""
    before = whole_number(request.GET.get("before", ""))
    rows = leads_of_agent(agent_of(request).pk, before=before, limit=PAGE + 1)
    older = rows[PAGE - 1].pk if len(rows) > PAGE else None
    context = {"leads": rows[:PAGE], "older": older, "is_first": before is None}
    return render(request, "desk/agent/leads.html", context)


@never_cache
@agent_required
@require_http_methods(["GET", "HEAD", "POST"])
def agent_lead_new(request: HttpRequest) -> HttpResponse:
    """Register a lead; a phone that is known already is refused with the name of who sees to it."""
    form, status = LeadForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            agent, now = agent_of(request), timezone.now()
            try:
                count_attempt((AGENT_LEADS, f"{agent.pk}"), now=now)
                register_lead(form.new(), actor=actor_of(request.user), now=now, agent_id=agent.pk)
            except Throttled as refused:
                form.refuse(refused)
                status = refused.http_status
            except DuplicateLead as refused:
                form.add_error("phone", refused.detail)
            except AppError as refused:
                form.refuse(refused)
            else:
                messages.success(request, _("ثبت شد؛ وقتی با همین شماره عضو شود، به نام شماست."))
                return redirect("desk:agent_leads")
    return render(request, "desk/agent/lead_new.html", {"form": form}, status=status)


@never_cache
@agent_required
@require_safe
def agent_lead_known(request: HttpRequest) -> HttpResponse:
    """What the club knows of the phone that is being typed, before the form is sent: a part of it."""
    context: dict[str, Any] = {"said": ""}
    try:
        phone = normalise_phone(request.GET.get("phone", ""))
        count_attempt((AGENT_LOOKUPS, f"{agent_of(request).pk}"), now=timezone.now())
    except (InvalidPhone, Throttled):
        return render(request, "desk/agent/_known.html", context)
    refused = refusal_of(known_as(phone))
    return render(request, "desk/agent/_known.html", {"said": refused.detail if refused else ""})
