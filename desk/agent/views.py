"""The agent's own pages: the link to share, what it brought, the statement with its payouts, and the own account."""

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
from club.members.selectors import member_by_phone
from core.errors import ValidationFailed
from core.language import in_language
from core.qr import qr_svg
from core.tenancy.scope import current_club
from core.text import whole_number
from crm.agents.iban import grouped_iban
from crm.agents.models import Agent
from crm.agents.profile import change_own_profile
from crm.agents.selectors import (
    by_month,
    get_payout,
    joined_by,
    open_code_of,
    payouts_of,
    row_of,
    statement,
    terms_now,
)
from crm.leads.selectors import count_leads_of_agent
from crm.referrals.selectors import clicks_of, link_of
from crm.referrals.sharing import copies_of, shares_of
from desk.agent.access import agent_of, agent_required


class ProfileForm(forms.Form):
    """The name and account number that payouts go by."""

    name = forms.CharField(
        label=gettext_lazy("نام"),
        max_length=80,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
    )
    iban = forms.CharField(
        label=gettext_lazy("شمارهٔ شبا"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("پورسانت به همین حساب واریز می‌شود؛ ۲۴ رقم، به نام خودتان."),
        widget=forms.TextInput(attrs={"class": "input", "dir": "ltr", "autocomplete": "off", "inputmode": "text"}),
    )


@never_cache
@agent_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What was brought and earned, the link with ways to share it, who came by it, and the last months."""
    agent = agent_of(request)
    months = by_month(agent, now=timezone.now())
    context = {
        "row": row_of(agent),
        **_link(agent),
        "joined": joined_by(agent),
        "count_of_leads": count_leads_of_agent(agent.pk),
        "months": months,
        "chart": {"values": [one.earned for one in months], "labels": [one.label.rpartition(" ")[0] for one in months]},
        "has_results": any(one.earned or one.brought for one in months),
    }
    return render(request, "desk/agent/home.html", context)


def _link(agent: Agent) -> dict[str, Any]:
    code = open_code_of(agent)
    if code is None:
        return {}
    text = _("با این پیوند عضو باشگاه %(name)s شو:") % {"name": current_club().name}
    return {
        "link": link_of(code),
        "code": code,
        "qr": qr_svg(link_of(code, "qr")),
        "text": text,
        "shares": shares_of(code, text),
        "copies": copies_of(code),
        "clicks": clicks_of(code),
    }


@never_cache
@agent_required
@require_safe
def agent_statement(request: HttpRequest) -> HttpResponse:
    """Every movement of the account, and what was paid."""
    agent = agent_of(request)
    before = whole_number(request.GET.get("before", ""))
    rows, older = statement(agent, before=before)
    context = {
        "row": row_of(agent),
        "rows": rows,
        "older": older,
        "is_first": before is None,
        "payouts": payouts_of(agent) if before is None else [],
        "terms": terms_now(agent, now=timezone.now()),
    }
    return render(request, "desk/agent/statement.html", context)


@never_cache
@agent_required
@require_safe
def payout(request: HttpRequest, payout_id: int) -> HttpResponse:
    """The receipt of one payout, to print."""
    found = get_payout(payout_id, agent=agent_of(request))
    return render(request, "desk/agent/payout.html", {"payout": found})


@never_cache
@agent_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """The agent's name, the account that is paid to, and the contract that holds now."""
    agent, status = agent_of(request), 200
    shown = {"name": agent.name, "iban": in_language(grouped_iban(agent.iban))}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            asked = form.cleaned_data
            try:
                change_own_profile(
                    agent.pk,
                    name=asked["name"],
                    iban=asked["iban"],
                    actor=actor_of(request.user),
                    now=timezone.now(),
                )
            except ValidationFailed as refused:
                for field, texts in refused.errors.items():
                    form.add_error(field, texts)
            else:
                messages.success(request, _("ذخیره شد."))
                return redirect("desk:agent_profile")
    is_member = member_by_phone(agent.phone) is not None
    context = {"form": form, "agent": agent, "terms": terms_now(agent, now=timezone.now()), "is_member": is_member}
    return render(request, "desk/agent/profile.html", context, status=status)
