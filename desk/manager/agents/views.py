"""Agents for managers: who they are with what they brought, inviting and approving them, their terms, and their end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, can, staff_required
from core.errors import AppError, NotFound
from core.jalali import local_date
from core.tables.writing import Column
from core.tenancy.scope import club_zone, current_club
from core.text import whole_number
from crm.agents.commissions import versions_of
from crm.agents.contracts import (
    approve_agent,
    change_settings,
    change_terms,
    end_contract,
    get_agent,
    invite_agent,
    refuse_agent,
    settings_of_agents,
)
from crm.agents.models import Agent
from crm.agents.selectors import (
    SHOWN,
    agent_rows,
    code_of,
    count_by_part,
    others_with_iban,
    payouts_of,
    row_of,
    statement,
    terms_now,
)
from crm.leads.selectors import count_leads_of_agent, leads_of_agent
from crm.referrals.selectors import link_of
from desk.files import file_links, list_file
from desk.manager.agents.forms import AgentSettingsForm, InviteForm, TermsForm
from sms.health import can_send_now
from sms.wording import portal_link

LEADS = 10
TONES = {"applied": "tag-saffron", "invited": "tag-saffron", "active": "tag-ok", "ended": "", "refused": ""}
COLUMNS = (
    Column(gettext_lazy("نام"), lambda row: row.agent.name),
    Column(gettext_lazy("موبایل"), lambda row: row.agent.phone),
    Column(gettext_lazy("نوع"), lambda row: row.agent.get_kind_display()),
    Column(gettext_lazy("وضعیت"), lambda row: row.agent.get_status_display()),
    Column(gettext_lazy("شبا"), lambda row: row.agent.iban),
    Column(gettext_lazy("اعضای آورده"), lambda row: row.brought, "number"),
    Column(gettext_lazy("خریدار شده"), lambda row: row.bought, "number"),
    Column(gettext_lazy("در انتظار"), lambda row: row.account.pending, "money"),
    Column(gettext_lazy("قابل پرداخت"), lambda row: row.account.due, "money"),
    Column(gettext_lazy("پرداخت‌شده"), lambda row: row.account.paid, "money"),
    Column(gettext_lazy("از"), lambda row: row.agent.joined_at, "moment"),
    Column(gettext_lazy("تا"), lambda row: row.agent.ended_at, "moment"),
)


@never_cache
@staff_required("manage_agents")
@require_safe
def agents(request: HttpRequest) -> HttpResponse:
    """Those at work, who asked to be, or who are gone."""
    shown = _shown(request)
    context = {
        "rows": agent_rows(shown),
        "shown": shown,
        "counts": count_by_part(),
        "tones": TONES,
        "files": file_links(request, "desk:agents_file"),
        "takes_applications": settings_of_agents().takes_applications,
        "apply_address": f"{portal_link(current_club())}/agents/",
    }
    return render(request, "desk/agents/list.html", context)


@never_cache
@staff_required("manage_agents")
@require_safe
def agents_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The list that is shown, as a file."""
    shown = _shown(request)
    rows, asked = agent_rows(shown), {"shown": shown}
    return list_file(request, COLUMNS, rows, form=form, title=_("عاملان فروش"), name="agents", asked=asked)


@never_cache
@staff_required("manage_agents")
@require_http_methods(["GET", "HEAD", "POST"])
def agent_new(request: HttpRequest) -> HttpResponse:
    """Invite somebody by phone, under terms."""
    form = InviteForm(request.POST if request.method == "POST" else None, initial=_first_terms())
    if request.method == "POST" and form.is_valid():
        try:
            made = invite_agent(form.new(), form.draft(), actor=actor_of(request.user), now=timezone.now())
        except AppError as refused:
            form.refuse(refused)
        else:
            _say_welcomed(request)
            return redirect("desk:agent_card", made.pk)
    context = {"form": form, "sends": can_send_now()}
    return render(request, "desk/agents/new.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_agents")
@require_http_methods(["GET", "HEAD", "POST"])
def agent_card(request: HttpRequest, agent_id: int) -> HttpResponse:
    """One agent: what was brought and earned, the contract, the statement. Who asked is approved here, under terms."""
    agent = get_agent(agent_id)
    asks = agent.status == Agent.Status.APPLIED
    form = TermsForm(request.POST if request.method == "POST" else None, initial=_first_terms()) if asks else None
    if request.method == "POST":
        if form is None:
            messages.error(request, _("دربارهٔ این درخواست پیش‌تر تصمیم گرفته شده است."))
            return redirect("desk:agent_card", agent.pk)
        if form.is_valid():
            try:
                approve_agent(agent.pk, form.draft(), actor=actor_of(request.user), now=timezone.now())
            except AppError as refused:
                form.refuse(refused)
            else:
                _say_welcomed(request)
                return redirect("desk:agent_card", agent.pk)
    status = 422 if form is not None and form.errors else 200
    return render(request, "desk/agents/card.html", {"form": form, **_card(request, agent)}, status=status)


@never_cache
@staff_required("manage_agents")
@require_POST
def agent_refuse(request: HttpRequest, agent_id: int) -> HttpResponse:
    """Say no to who asked."""
    try:
        refuse_agent(agent_id, actor=actor_of(request.user))
        messages.success(request, _("درخواست رد شد."))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, refused.detail)
    return redirect("desk:agent_card", agent_id)


@never_cache
@staff_required("manage_agents")
@require_http_methods(["GET", "HEAD", "POST"])
def agent_terms(request: HttpRequest, agent_id: int) -> HttpResponse:
    """A new version of the contract, beginning with what holds."""
    agent = get_agent(agent_id)
    newest = next(iter(versions_of(agent)), None)
    names = [name for name in TermsForm.base_fields if name != "starts_on"]
    form = TermsForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(newest, name) for name in names} if newest else {},
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_terms(agent.pk, form.draft(), actor=actor_of(request.user), now=timezone.now())
        except NotFound:
            raise
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("نسخهٔ تازهٔ قرارداد ثبت شد."))
            return redirect("desk:agent_card", agent.pk)
    context = {"form": form, "agent": agent}
    return render(request, "desk/agents/terms.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_agents")
@require_POST
def agent_end(request: HttpRequest, agent_id: int) -> HttpResponse:
    """End the contract at once."""
    try:
        end_contract(agent_id, reason=request.POST.get("reason", ""), actor=actor_of(request.user), now=timezone.now())
        messages.success(request, _("قرارداد پایان یافت؛ پنل و کد معرفی‌اش بسته شد."))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, " ".join(refused.texts))
    return redirect("desk:agent_card", agent_id)


@never_cache
@staff_required("manage_agents")
@require_http_methods(["GET", "HEAD", "POST"])
def agent_settings(request: HttpRequest) -> HttpResponse:
    """What contracts begin with, and whether anybody may ask for one."""
    form = AgentSettingsForm(request.POST if request.method == "POST" else None, settings=settings_of_agents())
    if request.method == "POST" and form.is_valid():
        change_settings(form.cleaned_data, actor=actor_of(request.user))
        messages.success(request, _("ذخیره شد."))
        return redirect("desk:agent_settings")
    context = {"form": form, "apply_address": f"{portal_link(current_club())}/agents/"}
    return render(request, "desk/agents/settings.html", context, status=422 if form.errors else 200)


def _shown(request: HttpRequest) -> str:
    shown = request.GET.get("shown", "")
    return shown if shown in SHOWN else "working"


def _first_terms() -> dict[str, Any]:
    offered = settings_of_agents()
    return {
        "percent_bp": offered.percent_bp,
        "basis": offered.basis,
        "hold_days": offered.hold_days,
        "starts_on": local_date(timezone.now(), club_zone()),
    }


def _say_welcomed(request: HttpRequest) -> None:
    if can_send_now():
        messages.success(request, _("پنل باز شد و پیوند ورود پیامک شد."))
    else:
        messages.warning(request, _("پنل باز شد، ولی اکنون پیامکی نمی‌رود و پیوند به او نمی‌رسد."))


def _card(request: HttpRequest, agent: Agent) -> dict[str, Any]:
    now = timezone.now()
    before = whole_number(request.GET.get("before", ""))
    rows, older = statement(agent, before=before)
    code = code_of(agent)
    return {
        "agent": agent,
        "tone": TONES[agent.status],
        "row": row_of(agent),
        "same_iban": others_with_iban(agent),
        "link": link_of(code.code) if code and code.is_active else "",
        "versions": versions_of(agent),
        "held": terms_now(agent, now=now),
        "is_at_work": agent.status in SHOWN["working"],
        "rows": rows,
        "older": older,
        "is_first": before is None,
        "payouts": payouts_of(agent),
        "leads": leads_of_agent(agent.pk, limit=LEADS),
        "all_leads": count_leads_of_agent(agent.pk),
        "may_see_leads": can(request.user, "manage_leads"),
    }
