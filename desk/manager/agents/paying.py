"""Paying agents: what is due to whom, a run with its file for the bank, and what the bank says of it."""

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
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of, staff_required
from core.errors import AppError, NotFound
from core.forms import MoneyField
from core.jalali import local_date
from core.tables.writing import Column
from core.tenancy.scope import club_zone, current_club
from crm.agents.models import Payout
from crm.agents.payouts import Transfer, cancel_payouts, mark_paid, start_run
from crm.agents.selectors import due_accounts, get_run, payout_runs
from desk.files import file_links, list_file
from desk.manager.agents.forms import PaidForm
from desk.manager.settings.forms import SettingsForm

TONES = {"open": "tag-saffron", "paid": "tag-ok", "cancelled": ""}


def _described(payout: Payout) -> str:
    return _("پورسانت %(club)s، فهرست %(run)s") % {"club": current_club().name, "run": payout.run_id}


COLUMNS = (
    Column(gettext_lazy("شبا"), lambda payout: payout.iban),
    Column(gettext_lazy("نام"), lambda payout: payout.name),
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
    chosen = {int(typed) for typed in request.POST.getlist("agent") if typed.isascii() and typed.isdigit()}
    if request.method == "POST" and form.is_valid():
        minimum = form.cleaned_data["minimum"] or 1
        try:
            run = start_run(sorted(chosen), minimum=minimum, actor=actor_of(request.user), now=timezone.now())
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("فهرست پرداخت ساخته شد؛ فایلش را به بانک بدهید."))
            return redirect("desk:agent_payout_run", run.pk)
    context = {"form": form, "chosen": chosen, "accounts": due_accounts(), "runs": payout_runs()}
    return render(request, "desk/agents/payouts.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_agents")
@require_http_methods(["GET", "HEAD", "POST"])
def payout_run(request: HttpRequest, payout_run_id: int) -> HttpResponse:
    """One run: marked as paid whole or one by one, or given back."""
    run, rows = get_run(payout_run_id)
    today = local_date(timezone.now(), club_zone())
    is_paid = request.POST.get("act") == "paid"
    form = PaidForm(request.POST if is_paid else None, initial={"paid_on": today})
    if request.method == "POST" and (not is_paid or form.is_valid()):
        only = request.POST.get("payout", "")
        payout_id = int(only) if only.isascii() and only.isdigit() and len(only) < 19 else None
        how: dict[str, Any] = {"actor": actor_of(request.user), "now": timezone.now(), "payout_id": payout_id}
        try:
            if is_paid:
                mark_paid(run.pk, Transfer(form.cleaned_data["reference"], form.cleaned_data["paid_on"]), **how)
                messages.success(request, _("پرداخت ثبت شد و در صورت‌حساب عاملان نشست."))
            else:
                cancel_payouts(run.pk, **how)
                messages.success(request, _("لغو شد؛ مبلغ دوباره قابل پرداخت است."))
        except NotFound:
            raise
        except AppError as refused:
            if is_paid:
                form.refuse(refused)
            else:
                messages.error(request, refused.detail)
        if not form.errors:
            return redirect("desk:agent_payout_run", run.pk)
    context = {
        "run": run,
        "rows": rows,
        "tones": TONES,
        "form": form,
        "total": sum(row.amount for row in rows),
        "n_open": sum(row.status == Payout.Status.OPEN for row in rows),
        "files": file_links(request, "desk:agent_payout_file", run.pk),
    }
    return render(request, "desk/agents/run.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_agents")
@require_safe
def payout_file(request: HttpRequest, payout_run_id: int, form: str) -> HttpResponseBase:
    """What the bank is to transfer: cancelled payouts are left out."""
    run, rows = get_run(payout_run_id)
    left = [row for row in rows if row.status != Payout.Status.CANCELLED]
    name = f"payouts-{run.pk}"
    return list_file(
        request, COLUMNS, left, form=form, title=_("پرداخت به عاملان"), name=name, asked={"run": str(run.pk)}
    )
