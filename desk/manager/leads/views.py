"""One lead: registering, changing, moving, planning, losing, opening again, and making a customer of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rights import actor_of, can, staff_required
from core.errors import AppError, NotFound, ValidationFailed
from core.jalali import local_date
from core.phones import InvalidPhone, normalise_phone
from core.tenancy.scope import club_zone
from crm.leads.converting import convert_lead
from crm.leads.forgetting import forget_lead
from crm.leads.incentives import awaits_code
from crm.leads.models import Lead
from crm.leads.selectors import Asked, history_of, lead_seen_by, rivals, seen_by, sources
from crm.leads.services import (
    DuplicateLead,
    Known,
    NewLead,
    known_as,
    lose_lead,
    move_lead,
    register_lead,
    reopen_lead,
    update_lead,
)
from crm.leads.stages import open_stages
from crm.leads.taking import TAKE_FIRST, may_work_on, take_lead
from desk.manager.leads.forms import LeadForm, LoseForm, PlanForm
from desk.manager.record import actors, named


@never_cache
@staff_required("work_leads")
@require_http_methods(["GET", "HEAD", "POST"])
def lead_new(request: HttpRequest) -> HttpResponseBase:
    """Somebody to be registered; whose phone is known already is said before it is sent, and asked again after.

    What an expert registers is the expert's own; a second lead of a phone is for who gives leads out.
    """
    gives = can(request.user, "manage_leads")
    typed = request.POST if request.method == "POST" else None
    form = LeadForm(typed, phone=request.GET.get("phone", "")[:20], gives=gives)
    known: Known | None = None
    if request.method == "POST" and form.is_valid():
        knowingly = gives and request.POST.get("knowingly") == "1"
        try:
            new = NewLead(**form.values() if gives else {**form.values(), "owner_id": request.user.pk})
            lead = register_lead(new, actor=actor_of(request.user), now=timezone.now(), knowingly=knowingly)
        except DuplicateLead:
            known = known_as(form.cleaned_data["phone"])
        except AppError as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("سرنخ «%(name)s» ثبت شد.") % {"name": lead.name})
            return redirect("desk:lead", lead.pk)
    status = 422 if form.errors or known else 200
    context = {"form": form, "heading": _("سرنخ تازه"), "lead": None, "asks": known is not None, "may_second": gives}
    context |= {"sources": sources(), **_said_of(request, known)}
    return render(request, "desk/leads/form.html", context, status=status)


@never_cache
@staff_required("work_leads")
@require_safe
def lead_known(request: HttpRequest) -> HttpResponseBase:
    """What is known of the phone that is being typed: its open lead with who sees to it, or the member."""
    try:
        known = known_as(normalise_phone(request.GET.get("phone", "")[:40]))
    except InvalidPhone:
        known = Known()
    return render(request, "desk/leads/_known.html", _said_of(request, known))


@never_cache
@staff_required("work_leads")
@require_http_methods(["GET", "HEAD", "POST"])
def lead_edit(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """Change what is known of a lead."""
    lead = lead_seen_by(request.user, lead_id)
    if not may_work_on(request.user, lead):
        return _to_be_taken(request, lead)
    gives = can(request.user, "manage_leads")
    form = LeadForm(request.POST if request.method == "POST" else None, lead=lead, gives=gives)
    if request.method == "POST" and form.is_valid():
        changes = form.values()
        if lead.member_id:
            del changes["phone"]
        try:
            update_lead(lead.pk, changes, actor=actor_of(request.user))
        except DuplicateLead as refused:
            form.add_error("phone", refused.detail)
        except AppError as refused:
            _refuse(form, refused)
        else:
            messages.success(request, _("ثبت شد."))
            return redirect("desk:lead", lead.pk)
    context = {"form": form, "heading": str(lead), "lead": lead, "sources": sources()}
    return render(request, "desk/leads/form.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("work_leads")
@require_safe
def lead(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """Who it is, how far it is, what to do next, and where it has been."""
    return _page(request, lead_seen_by(request.user, lead_id))


@staff_required("work_leads")
@require_POST
def lead_act(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """Take, plan, lose, open again, make a customer of, or forget."""
    if request.POST.get("act") == "take":
        return _taken(request, lead_id)
    one = lead_seen_by(request.user, lead_id)
    if not may_work_on(request.user, one):
        return _to_be_taken(request, one)
    match request.POST.get("act"):
        case "plan":
            return _planned(request, one)
        case "lose":
            return _lost(request, one)
        case "forget" if not can(request.user, "erase_members"):
            raise PermissionDenied
        case str(act) if act in ACTS:
            try:
                said = ACTS[act](request, one)
            except NotFound:
                raise
            except AppError as refused:
                messages.error(request, " ".join(refused.texts))
            else:
                messages.success(request, said)
            return redirect("desk:lead_list") if act == "forget" else redirect("desk:lead", one.pk)
    raise Http404


def _planned(request: HttpRequest, one: Lead) -> HttpResponseBase:
    form = PlanForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        changes = {"next_activity": typed["next_activity"], "next_activity_on": typed["next_on"]}
        if "note" in request.POST:
            changes["note"] = typed["note"]
        try:
            update_lead(one.pk, changes, actor=actor_of(request.user))
        except ValidationFailed as refused:
            _refuse(form, refused)
        else:
            gone = _("کار بعدی برداشته شد.") if one.next_activity else _("ثبت شد.")
            messages.success(request, _("کار بعدی ثبت شد.") if typed["next_activity"] else gone)
            return redirect("desk:lead", one.pk)
    return _page(request, one, status=422, plan=form)


def _lost(request: HttpRequest, one: Lead) -> HttpResponseBase:
    form = LoseForm(request.POST, lead=one)
    if form.is_valid():
        typed = form.cleaned_data
        act: dict[str, Any] = {"actor": actor_of(request.user), "now": timezone.now()}
        try:
            lose_lead(one.pk, typed["lost_reason"], typed["rival"], **act)
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("سرنخ بسته شد."))
            return redirect("desk:lead", one.pk)
    return _page(request, lead_seen_by(request.user, one.pk), status=422, lose=form)


def _taken(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """To the lead, or back to the board where somebody was first: then it is no longer there for this person."""
    try:
        take_lead(lead_id, cast(User, request.user))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, " ".join(refused.texts))
        return redirect("desk:leads")
    messages.success(request, _("این سرنخ از آنِ شماست."))
    return redirect("desk:lead", lead_id)


def _moved(request: HttpRequest, one: Lead) -> str:
    seen_in = request.POST.get("seen_in") or None
    act: dict[str, Any] = {"actor": actor_of(request.user), "now": timezone.now()}
    moved = move_lead(one.pk, request.POST.get("stage", ""), seen_in=seen_in, **act)
    return _("به «%(stage)s» رفت.") % {"stage": moved.stage.name}


def _reopened(request: HttpRequest, one: Lead) -> str:
    reopen_lead(one.pk, actor=actor_of(request.user), now=timezone.now())
    return _("سرنخ دوباره باز شد.")


def _converted(request: HttpRequest, one: Lead) -> str:
    convert_lead(one.pk, actor=actor_of(request.user), now=timezone.now())
    return _("مشتری شد.")


def _forgotten(request: HttpRequest, one: Lead) -> str:
    forget_lead(one.pk, actor=actor_of(request.user), now=timezone.now())
    return _("مشخصات سرنخ پاک شد.")


ACTS: dict[str, Callable[[HttpRequest, Lead], str]] = {
    "move": _moved,
    "reopen": _reopened,
    "convert": _converted,
    "forget": _forgotten,
}


def _page(request: HttpRequest, one: Lead, *, status: int = 200, **forms: Any) -> HttpResponseBase:
    today = local_date(timezone.now(), club_zone())
    planned = {"note": one.note, "next_activity": one.next_activity, "next_on": one.next_activity_on}
    context = {
        "lead": one,
        "in_qualifying": one.status == Lead.Status.OPEN and one.stage.is_qualifying,
        "awaits_code": awaits_code(one),
        "stages": open_stages(),
        "history": named(history_of(one)),
        "plan": forms.get("plan") or PlanForm(None, initial=planned),
        "lose": forms.get("lose") or LoseForm(lead=one),
        "rivals": rivals(Asked(), today=today, seen=seen_by(request.user)),
        "may_work": may_work_on(request.user, one),
        "may_take": one.owner_id is None and one.status != Lead.Status.WON and one.name,
        "today": today,
        "registered_by": actors([one.registered_by])[one.registered_by],
    }
    return render(request, "desk/leads/lead.html", context, status=status)


def _to_be_taken(request: HttpRequest, one: Lead) -> HttpResponseBase:
    messages.error(request, TAKE_FIRST)
    return redirect("desk:lead", one.pk)


def _said_of(request: HttpRequest, known: Known | None) -> dict[str, Any]:
    """What is known of a phone; the lead itself only to who sees it, though everybody hears whose it is."""
    sees = known is not None and known.lead is not None and Lead.objects.filter(seen_by(request.user), pk=known.lead.pk)
    return {"known": known, "sees": bool(sees)}


def _refuse(form: LeadForm | PlanForm | LoseForm, refused: AppError) -> None:
    """Beside the field as the form calls it."""
    if isinstance(refused, ValidationFailed) and hasattr(form, "outer"):
        said: dict[str, list[Any]] = {form.outer(name): list(texts) for name, texts in refused.errors.items()}
        refused = ValidationFailed(said)
    form.refuse(refused)
