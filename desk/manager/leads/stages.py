"""How the club goes about its leads: the stages of the board, whose leads are, and the incentive."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from core.errors import AppError, NotFound
from core.text import whole_number
from crm.leads.models import LeadStage
from crm.leads.settings import add_rule, choose_incentive, drop_rule, is_for_newcomers, rules, settings_now
from crm.leads.stages import StageWords, archive_stage, open_stages, save_stage, shift_stage
from desk.manager.leads.forms import IncentiveForm, RuleForm, StageForm, rule_words
from desk.manager.settings.forms import SettingsForm


@never_cache
@staff_required("manage_leads")
@require_http_methods(["GET", "HEAD", "POST"])
def lead_settings(request: HttpRequest) -> HttpResponseBase:
    """The stages in their order, the rules of assignment and the incentive, each with a form of its own."""
    refused: dict[str, SettingsForm] = {}
    if request.method == "POST":
        try:
            refused = _act(request)
        except NotFound:
            raise
        except AppError as error:
            messages.error(request, " ".join(error.texts))
            return redirect("desk:lead_settings")
        if not refused:
            messages.success(request, _("ثبت شد."))
            return redirect("desk:lead_settings")
    now = settings_now()
    context = {
        "any_purchase": now.incentive is not None and not is_for_newcomers(now.incentive),
        "stages": [(stage, refused.get(f"stage{stage.pk}") or StageForm(stage=stage)) for stage in open_stages()],
        "new_stage": refused.get("stage") or StageForm(),
        "rules": [(rule, rule_words(rule)) for rule in rules()],
        "rule": refused.get("rule") or RuleForm(),
        "incentive": refused.get("incentive") or IncentiveForm(None, settings=now),
    }
    return render(request, "desk/leads/settings.html", context, status=422 if refused else 200)


def _act(request: HttpRequest) -> dict[str, SettingsForm]:
    """Do what was asked for; the form, by its place on the page, where it is refused."""
    actor, number = actor_of(request.user), whole_number(request.POST.get("id", "")) or 0
    match request.POST.get("act"):
        case "stage":
            return _stage(request, number or None, actor)
        case "earlier" | "later" as way:
            shift_stage(number, by=-1 if way == "earlier" else 1, actor=actor)
        case "archive":
            archive_stage(number, actor=actor, now=timezone.now())
        case "rule":
            form = RuleForm(request.POST)
            return _done({"rule": form}, lambda: add_rule(form.rule(), actor=actor))
        case "drop_rule":
            drop_rule(number, actor=actor)
        case "incentive":
            return _incentive(request, actor)
        case _:
            raise Http404
    return {}


def _stage(request: HttpRequest, stage_id: int | None, actor: str) -> dict[str, SettingsForm]:
    stage = LeadStage.objects.filter(pk=stage_id).first() if stage_id else None
    if stage_id and stage is None:
        raise NotFound
    form = StageForm(request.POST, stage=stage)
    place = f"stage{stage_id}" if stage_id else "stage"

    def save() -> None:
        typed = form.cleaned_data
        save_stage(StageWords(typed["name"], stage_id, is_qualifying=typed["is_qualifying"]), actor=actor)

    return _done({place: form}, save)


def _incentive(request: HttpRequest, actor: str) -> dict[str, SettingsForm]:
    form = IncentiveForm(request.POST, settings=settings_now())

    def save() -> None:
        typed = form.cleaned_data
        chosen = int(typed["incentive"]) if typed["incentive"] else None
        choose_incentive(chosen, days=typed["incentive_days"], shares_out=typed["shares_out"], actor=actor)

    return _done({"incentive": form}, save)


def _done(forms: dict[str, SettingsForm], act: Any) -> dict[str, SettingsForm]:
    [form] = forms.values()
    if not form.is_valid():
        return forms
    try:
        act()
    except NotFound:
        raise
    except AppError as refused:
        form.refuse(refused)
        return forms
    return {}
