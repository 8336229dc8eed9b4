"""Lists of leads on their way in: sent, looked at, started, followed, and the lines that did not go in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.awards import import_runs
from club.awards.import_report import report
from club.awards.models import ImportRun
from core.errors import AppError, Conflict, ValidationFailed
from core.language import in_language
from core.money import unit_name
from core.tables.downloads import download
from core.tables.xlsx_writing import xlsx_stream
from core.tenancy.scope import current_club
from core.text import whole_number
from crm.leads.import_lines import KNOWN
from crm.leads.importing import LEADS
from desk.manager.import_pages import ACTIVE, TONES, chosen_columns, places_of, sent_file, shown_run
from desk.manager.record import named

RUNS = 20
EXAMPLE = {
    "phone": "۰۹۱۲×××××××",
    "name": "فولاد سپهر",
    "kind": "شرکت",
    "email": "info@example.com",
    "source": "نمایشگاه",
    "owner": "۰۹۱۲×××××××",
    "expected": "۵۰٬۰۰۰٬۰۰۰",
    "note": "برای خرید سالانه",
}
LEFT_OUT_OF_TEMPLATE = {"last_name", "agent"}


@never_cache
@staff_required("manage_leads")
def lead_imports(request: HttpRequest) -> HttpResponseBase:
    """Send a list; those sent before."""
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        act: dict[str, Any] = {"actor": actor_of(request.user), "now": timezone.now(), "subject": LEADS}
        try:
            return redirect("desk:lead_import", import_runs.upload(*sent_file(request), **act).pk)
        except ValidationFailed as refused:
            errors = refused.errors
    before = whole_number(request.GET.get("before", ""))
    runs = named(import_runs.runs(RUNS + 1, before=before, subject=LEADS))
    context = {
        "errors": errors,
        "runs": [(run, TONES.get(ImportRun.Status(run.status), "plain")) for run in runs[:RUNS]],
        "older": runs[RUNS - 1].pk if len(runs) > RUNS else None,
        "is_first": before is None,
        "most": in_language(import_runs.MOST_BYTES >> 20),
    }
    return render(request, "desk/leads/imports.html", context, status=422 if errors else 200)


@never_cache
@staff_required("manage_leads")
@require_safe
def lead_import(request: HttpRequest, lead_run_id: int) -> HttpResponseBase:
    """One list: how its columns are understood, what would come in or came in, how far it is."""
    return _page(request, _run(lead_run_id))


def _page(
    request: HttpRequest, run: ImportRun, *, chosen: Mapping[int, str] | None = None, error: str = ""
) -> HttpResponseBase:
    context = {**shown_run(run, KNOWN, chosen=chosen, error=error), "count_of_report": run.known + run.refused}
    return render(request, "desk/leads/import_run.html", context, status=422 if error else 200)


@never_cache
@staff_required("manage_leads")
@require_safe
def lead_import_progress(request: HttpRequest, lead_run_id: int) -> HttpResponseBase:
    """How far it is, for the page that asks again and again; at the end the page is to show itself anew."""
    run = _run(lead_run_id)
    response = render(request, "desk/leads/_import_progress.html", {"run": run})
    if run.status not in ACTIVE:
        response["HX-Refresh"] = "true"
    return response


@staff_required("manage_leads")
@require_POST
def lead_import_columns(request: HttpRequest, lead_run_id: int) -> HttpResponseBase:
    """Read the columns otherwise, and check anew."""
    run = _run(lead_run_id)
    chosen = chosen_columns(request, run)
    try:
        import_runs.choose_columns(run.pk, places_of(chosen, KNOWN))
    except ValidationFailed as refused:
        return _page(request, run, chosen=chosen, error=" ".join(refused.errors["columns"]))
    except AppError as refused:
        messages.error(request, refused.detail)
    return redirect("desk:lead_import", run.pk)


@staff_required("manage_leads")
@require_POST
def lead_import_act(request: HttpRequest, lead_run_id: int) -> HttpResponseBase:
    """Bring it in, stop it after the batch that it is at, go on, or throw the file away."""
    run, name = _run(lead_run_id), request.POST.get("act", "")
    acts: dict[str, Callable[..., Any]] = {
        "start": import_runs.start,
        "stop": import_runs.stop,
        "go_on": import_runs.go_on,
        "drop": import_runs.drop,
    }
    if name not in acts:
        raise Http404
    try:
        acts[name](run.pk, actor=actor_of(request.user))
    except Conflict as refused:
        messages.error(request, refused.detail)
    else:
        if name == "drop":
            messages.success(request, _("فایل و سطرهای آن پاک شد."))
            return redirect("desk:lead_imports")
    return redirect("desk:lead_import", run.pk)


@never_cache
@staff_required("manage_leads")
@require_safe
def lead_import_report(request: HttpRequest, lead_run_id: int) -> HttpResponseBase:
    """The lines that did not go in, those who were known too, in the form in which they came, with the reasons."""
    run = _run(lead_run_id)
    pieces = report(run.form, run.header, import_runs.faults(run.pk), delimiter=run.delimiter)
    return download(pieces, name=f"leads-refused-{run.pk}", form=run.form)


@staff_required("manage_leads")
@require_safe
def lead_import_template(request: HttpRequest) -> HttpResponseBase:
    """An empty list with every column there is, and one line that shows how they are filled."""
    unit = unit_name(current_club().currency_unit)
    names = [name for name in KNOWN.names if name not in LEFT_OUT_OF_TEMPLATE]
    headings = [f"{KNOWN.label(name)} ({unit})" if name == "expected" else KNOWN.label(name) for name in names]
    example = [EXAMPLE.get(name, "") for name in names]
    pieces = xlsx_stream(_("سرنخ‌ها"), headings, [example], is_text=[True] * len(names))
    return download(pieces, name="leads", form="xlsx")


def _run(run_id: int) -> ImportRun:
    return import_runs.get_run(run_id, subject=LEADS)
