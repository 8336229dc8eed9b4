"""Lists of customers on their way in: sent, looked at, started, followed, and the lines that did not go in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.awards import import_runs
from club.awards.import_columns import CONSENT
from club.awards.import_report import report
from club.awards.importing import club_terms
from club.awards.models import ImportRun
from core.errors import AppError, Conflict, ValidationFailed
from core.keyset import every
from core.language import in_language
from core.money import unit_name
from core.tables.downloads import download
from core.tables.writing import Column
from core.tables.xlsx_writing import xlsx_stream
from core.tenancy.scope import current_club
from core.text import whole_number
from desk.files import file_links, list_file
from desk.manager.import_pages import ACTIVE, TONES, chosen_columns, places_of, sent_file, shown_run
from desk.manager.record import named

RUNS = 20
CHUNK = 500
Status = ImportRun.Status
EXAMPLE = {
    "phone": "۰۹۱۲×××××××",
    "name": "سارا محمدی",
    "birth_date": "۱۳۷۰/۰۵/۱۲",
    "joined": "۱۴۰۲/۰۱/۰۵",
    "gender": "زن",
    "email": "sara@example.com",
    "tags": "ویژه، تهران",
    "language": "فارسی",
    "sms_consent": "بله",
    "points": "۱۲۰",
    "points_until": "۱۴۱۰/۱۲/۲۹",
    "credit": "۵۰٬۰۰۰",
    "credit_until": "۱۴۱۰/۱۲/۲۹",
}
COLUMNS = (
    Column(gettext_lazy("فایل"), attrgetter("file_name")),
    Column(gettext_lazy("زمان"), attrgetter("created_at"), "moment"),
    Column(gettext_lazy("پایان"), attrgetter("finished_at"), "moment"),
    Column(gettext_lazy("چه کسی"), attrgetter("actor_name")),
    Column(gettext_lazy("وضعیت"), lambda run: run.get_status_display()),
    Column(gettext_lazy("سطرها"), attrgetter("lines"), "number"),
    Column(gettext_lazy("عضو تازه"), lambda run: run.joined if run.writes else None, "number"),
    Column(gettext_lazy("از پیش عضو"), attrgetter("known"), "number"),
    Column(gettext_lazy("ردشده"), attrgetter("refused"), "number"),
    Column(gettext_lazy("امتیاز آغاز"), lambda run: run.points if run.writes else None, "number"),
    Column(gettext_lazy("اعتبار آغاز"), lambda run: run.credit if run.writes else None, "money"),
)
LEFT_OUT_OF_TEMPLATE = {"first_name", "last_name"}


@never_cache
@staff_required("import_members")
def imports(request: HttpRequest) -> HttpResponseBase:
    """Send a file; the files sent before."""
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            run = import_runs.upload(*sent_file(request), actor=actor_of(request.user), now=timezone.now())
            return redirect("desk:import_run", run.pk)
        except ValidationFailed as refused:
            errors = refused.errors
    before = whole_number(request.GET.get("before", ""))
    runs = named(import_runs.runs(RUNS + 1, before=before))
    context = {
        "errors": errors,
        "runs": [(run, TONES.get(Status(run.status), "plain")) for run in runs[:RUNS]],
        "older": runs[RUNS - 1].pk if len(runs) > RUNS else None,
        "is_first": before is None,
        "files": file_links(request, "desk:imports_file"),
        "most": in_language(import_runs.MOST_BYTES >> 20),
    }
    return render(request, "desk/imports.html", context, status=422 if errors else 200)


@never_cache
@staff_required("import_members")
@require_safe
def imports_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every file that was sent, with what came in by it."""
    rows = every(lambda before: named(import_runs.runs(CHUNK, before=before)), attrgetter("pk"))
    return list_file(request, COLUMNS, rows, form=form, title=_("ورودهای اعضا"), name="imports")


@never_cache
@staff_required("import_members")
@require_safe
def import_run(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """One file: how its columns are understood, what would come in or came in, how far it is."""
    return _page(request, import_runs.get_run(run_id))


def _page(
    request: HttpRequest,
    run: ImportRun,
    *,
    chosen: Mapping[int, str] | None = None,
    error: str = "",
    consent_error: str = "",
) -> HttpResponseBase:
    known = club_terms(timezone.now()).known
    context = {
        **shown_run(run, known, chosen=chosen, error=error),
        "has_consent": CONSENT in run.places,
        "typed": request.POST if consent_error else None,
        "consent_error": consent_error,
    }
    return render(request, "desk/import_run.html", context, status=422 if error or consent_error else 200)


@never_cache
@staff_required("import_members")
@require_safe
def import_progress(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """How far it is, for the page that asks again and again; at the end the page is to show itself anew."""
    run = import_runs.get_run(run_id)
    response = render(request, "desk/_import_progress.html", {"run": run})
    if run.status not in ACTIVE:
        response["HX-Refresh"] = "true"
    return response


@staff_required("import_members")
@require_POST
def import_columns(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Read the columns otherwise, and check anew."""
    run = import_runs.get_run(run_id)
    chosen = chosen_columns(request, run)
    try:
        import_runs.choose_columns(run_id, places_of(chosen, club_terms(timezone.now()).known))
    except ValidationFailed as refused:
        return _page(request, run, chosen=chosen, error=" ".join(refused.errors["columns"]))
    except AppError as refused:
        messages.error(request, refused.detail)
    return redirect("desk:import_run", run_id)


@staff_required("import_members")
@require_POST
def import_start(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Bring the file in."""
    welcome, pass_over = (request.POST.get(name) == "on" for name in ("welcome", "pass_over"))
    consent = request.POST.get("consent", "")

    def act(actor: str) -> None:
        import_runs.start(run_id, welcome=welcome, actor=actor, consent=consent, pass_over=pass_over)

    try:
        return _done(request, run_id, act)
    except ValidationFailed as refused:
        run = import_runs.get_run(run_id)
        return _page(request, run, consent_error=" ".join(refused.errors["consent"]))


@staff_required("import_members")
@require_POST
def import_stop(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Stop it after the batch that it is at."""
    return _done(request, run_id, lambda actor: import_runs.stop(run_id, actor=actor))


@staff_required("import_members")
@require_POST
def import_go_on(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Go on where it was stopped."""
    return _done(request, run_id, lambda actor: import_runs.go_on(run_id, actor=actor))


@staff_required("import_members")
@require_POST
def import_drop(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """Throw the file away."""
    try:
        import_runs.drop(run_id, actor=actor_of(request.user))
    except Conflict as refused:
        messages.error(request, refused.detail)
        return redirect("desk:import_run", run_id)
    messages.success(request, _("فایل و سطرهای آن پاک شد."))
    return redirect("desk:imports")


def _done(request: HttpRequest, run_id: int, act: Callable[[str], Any]) -> HttpResponseRedirect:
    try:
        act(actor_of(request.user))
    except Conflict as refused:
        messages.error(request, refused.detail)
    return redirect("desk:import_run", run_id)


@never_cache
@staff_required("import_members")
@require_safe
def import_report(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The lines that did not go in, in the form in which they came, with the reasons."""
    run = import_runs.get_run(run_id)
    pieces = report(run.form, run.header, import_runs.faults(run_id), delimiter=run.delimiter)
    return download(pieces, name=f"refused-{run_id}", form=run.form)


@staff_required("import_members")
@require_safe
def import_template(request: HttpRequest) -> HttpResponseBase:
    """An empty list with every column there is, and one line that shows how they are filled."""
    known, unit = club_terms(timezone.now()).known, unit_name(current_club().currency_unit)
    names = [name for name in known.names if name not in LEFT_OUT_OF_TEMPLATE]
    headings = [f"{known.label(name)} ({unit})" if name == "credit" else known.label(name) for name in names]
    example = [EXAMPLE.get(name, "") for name in names]
    pieces = xlsx_stream(_("اعضا"), headings, [example], is_text=[True] * len(names))
    return download(pieces, name="members", form="xlsx")
