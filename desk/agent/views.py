"""The agent's own pages: the link to share, what it brought, the statement with its payouts, and the own account."""

from __future__ import annotations

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
    code_of,
    get_payout,
    payouts_of,
    row_of,
    statement,
    terms_now,
)
from desk.agent.access import agent_of, agent_required
from sms.wording import portal_link


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


def link_of(agent: Agent) -> str:
    """The address that the agent shares."""
    code = code_of(agent)
    return f"{portal_link(current_club())}/r/{code.code}" if code else ""


@never_cache
@agent_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What was brought and earned, the link with its code, and the last months."""
    agent, now = agent_of(request), timezone.now()
    link, months = link_of(agent), by_month(agent, now=now)
    context = {
        "row": row_of(agent),
        "link": link,
        "qr": qr_svg(link) if link else "",
        "months": months,
        "chart": {"values": [one.earned for one in months], "labels": [one.label.rpartition(" ")[0] for one in months]},
        "has_results": any(one.earned or one.brought for one in months),
    }
    return render(request, "desk/agent/home.html", context)


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
