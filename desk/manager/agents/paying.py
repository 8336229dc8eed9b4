"""Paying agents: what is due to whom, a run with its file for the bank, and what the bank says of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of, staff_required
from core.errors import AppError, Conflict, ValidationFailed
from core.forms import MoneyField
from core.jalali import local_date
from core.tables.writing import Column
from core.tenancy.scope import club_zone, current_club
from core.text import HALF_SPACE, clean_name, whole_number
from crm.agents.models import Payout
from crm.agents.payouts import Transfer, cancel_payouts, mark_paid, start_run
from crm.agents.selectors import due_accounts, get_run, left_of, payout_runs, shared_ibans
from desk.files import file_links, list_file
from desk.manager.agents.forms import PaidForm
from desk.manager.settings.forms import SettingsForm


def _described(payout: Payout) -> str:
    return _("پورسانت %(club)s، فهرست %(run)s") % {"club": current_club().name, "run": payout.run_id}


COLUMNS = (
    Column(gettext_lazy("شبا"), lambda payout: payout.iban),
    Column(gettext_lazy("نام"), lambda payout: clean_name(payout.name).replace(HALF_SPACE, " ")),
    Column(gettext_lazy("مبلغ (ریال)"), lambda payout: payout.amount, "number"),
    Column(gettext_lazy("شرح"), _described),
    Column(gettext_lazy("وضعیت"), lambda payout: payout.get_status_display()),
    Column(gettext_lazy("شمارهٔ پیگیری"), lambda payout: payout.reference),
)


class RunForm(SettingsForm):
    """From how much on somebody is paid."""

    minimum = MoneyField(label=gettext_lazy("کمترین مبلغ"), required=False)


@never_cache
@staff_required("manage_agents")
@require_http_methods(["GET", "HEAD", "POST"])
def payouts(request: HttpRequest) -> HttpResponse:
    """What is due to whom, chosen into a run; and the runs there were."""
    form = RunForm(request.POST if request.method == "POST" else None)
    typed = (whole_number(text) for text in request.POST.getlist("agent"))
    chosen = {number for number in typed if number is not None}
    if request.method == "POST" and form.is_valid():
        minimum = form.cleaned_data["minimum"] or 1
        try:
            run = start_run(sorted(chosen), minimum=minimum, actor=actor_of(request.user), now=timezone.now())
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("فهرست پرداخت ساخته شد؛ فایلش را به بانک بدهید."))
            return redirect("desk:agent_payout_run", run.pk)
    context = {
        "form": form,
        "chosen": chosen,
        "accounts": due_accounts(),
        "shared": shared_ibans(),
        "runs": payout_runs(),
    }
    return render(request, "desk/agents/payouts.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_agents")
@require_http_methods(["GET", "HEAD", "POST"])
def payout_run(request: HttpRequest, payout_run_id: int) -> HttpResponse:
    """One run: marked as paid whole or one by one, or given back. Http404 for any other act."""
    run, rows = get_run(payout_run_id)
    form, only = None, None
    if request.method == "POST":
        only = _chosen(request)
        form, answer = _settle(request, run.pk, only)
        if answer is not None:
            return answer
    forms = {one.pk: _paid_form(one.pk) for one in rows if one.status == Payout.Status.OPEN}
    if form is not None and only in forms:
        forms[only] = form
    shared = shared_ibans()
    context = {
        "run": run,
        "rows": [(one, forms.get(one.pk), one.iban in shared) for one in rows],
        "form": form if form is not None and only is None else _paid_form(None),
        "has_errors": form is not None,
        "total": sum(one.amount for one in (left_of(rows) or rows)),
        "n_open": len(forms),
        "files": file_links(request, "desk:agent_payout_file", run.pk),
    }
    return render(request, "desk/agents/run.html", context, status=422 if form is not None else 200)


def _chosen(request: HttpRequest) -> int | None:
    """The one payout that is meant; None: all that are open. Http404 for what is no number."""
    typed = request.POST.get("payout", "")
    only = whole_number(typed)
    if typed and only is None:
        raise Http404
    return only


def _settle(request: HttpRequest, run_id: int, only: int | None) -> tuple[PaidForm | None, HttpResponse | None]:
    """Do what was asked: a way back to the page, or the form with what is wrong in it."""
    act = request.POST.get("act")
    if act not in ("paid", "cancel"):
        raise Http404
    how: dict[str, Any] = {"actor": actor_of(request.user), "now": timezone.now(), "payout_id": only}
    form = _paid_form(only, request.POST) if act == "paid" else None
    if form is not None and not form.is_valid():
        return form, None
    try:
        if form is None:
            cancel_payouts(run_id, **how)
            messages.success(request, _("لغو شد؛ مبلغ دوباره قابل پرداخت است."))
        else:
            mark_paid(run_id, Transfer(form.cleaned_data["reference"], form.cleaned_data["paid_on"]), **how)
            messages.success(request, _("پرداخت ثبت شد و در صورت‌حساب عاملان نشست."))
    except ValidationFailed as refused:
        if form is None:
            raise
        form.refuse(refused)
        return form, None
    except Conflict as refused:
        messages.error(request, refused.detail)
    return None, redirect("desk:agent_payout_run", run_id)


def _paid_form(payout_id: int | None, data: QueryDict | None = None) -> PaidForm:
    today = local_date(timezone.now(), club_zone())
    return PaidForm(data, initial={"paid_on": today}, auto_id=f"id_{payout_id or 'all'}_%s")


@never_cache
@staff_required("manage_agents")
@require_safe
def payout_file(request: HttpRequest, payout_run_id: int, form: str) -> HttpResponseBase:
    """What the bank is to transfer: cancelled payouts are left out."""
    run, rows = get_run(payout_run_id)
    name = f"payouts-{run.pk}"
    return list_file(
        request, COLUMNS, left_of(rows), form=form, title=_("پرداخت به عاملان"), name=name, asked={"run": str(run.pk)}
    )
