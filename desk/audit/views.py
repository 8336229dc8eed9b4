"""The page of the audit, and the same list as a file."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import Person, staff_required
from core.jalali import local_date
from core.keyset import ForeignCursor
from core.language import is_persian
from core.models import AuditEntry
from core.tables.writing import Column
from core.tenancy.scope import current_club
from desk.audit.listing import Asked, Row, asked_by, fitting, page, people, shown
from desk.audit.targets import targets_of
from desk.audit.words import KINDS
from desk.files import file_links, list_file
from reports.ranges import CHOICES

ROWS = 25
CHUNK = 500


def _details(row: Row) -> str:
    then = "←" if is_persian() else "→"  # the way the line is read
    return " · ".join(f"{change.label}: {change.before or '—'} {then} {change.after or '—'}" for change in row.changes)


COLUMNS = (
    Column(_("زمان"), attrgetter("at"), "moment"),
    Column(_("چه کسی"), attrgetter("actor_name")),
    Column(_("چه کاری"), attrgetter("title")),
    Column(_("روی چه"), attrgetter("target.text")),
    Column(_("تغییرها"), _details),
)


@never_cache
@staff_required("view_audit")
@require_safe
def audit(request: HttpRequest) -> HttpResponseBase:
    """Who did what and when, with the values before and after; by person, kind, days and record."""
    tz = current_club().time_zone
    asked, errors = asked_by(request.GET, local_date(timezone.now(), tz))
    cursor = request.GET.get("after", "")
    try:
        entries, older = page(fitting(asked, tz), cursor=cursor, limit=ROWS)
    except ForeignCursor as wrong:
        raise Http404 from wrong
    context = {
        "rows": shown(entries, request.user),
        "older": older,
        "is_first": not cursor,
        "asked": asked,
        "errors": errors,
        "typed": {"from": request.GET.get("from", "")[:40], "to": request.GET.get("to", "")[:40]},
        "range": request.GET.get("range", ""),
        "people": people(),
        "kinds": {code: kind.label for code, kind in KINDS.items()},
        "ranges": CHOICES,
        "of": targets_of([asked.target], request.user)[asked.target] if asked.target else None,
        "files": file_links(request, "desk:audit_file"),
    }
    return render(request, "desk/audit.html", context, status=422 if errors else 200)


@never_cache
@staff_required("view_audit")
@require_safe
def audit_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Everything that the page shows as it is filtered now."""
    tz = current_club().time_zone
    asked, _errors = asked_by(request.GET, local_date(timezone.now(), tz))
    rows = _all(fitting(asked, tz), request.user)
    return list_file(request, COLUMNS, rows, form=form, title=_("ردپای کارها"), name="audit", asked=_noted(asked))


def _noted(asked: Asked) -> dict[str, str]:
    days = f"{asked.days.now.first}/{asked.days.now.last}" if asked.days else ""
    return {"person": asked.person, "kind": asked.kind, "target": asked.target, "days": days}


def _all(rows: QuerySet[AuditEntry], reader: Person) -> Iterator[Row]:
    cursor = ""
    while True:
        entries, cursor = page(rows, cursor=cursor, limit=CHUNK)
        yield from shown(entries, reader)
        if not cursor:
            return
