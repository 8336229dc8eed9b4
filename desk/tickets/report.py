"""How support does, on one page: figures, the backlog of each week, and what each of the staff did."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from core.jalali import format_date, local_date
from core.language import grouped
from core.tables.writing import Column
from core.tenancy.scope import club_zone
from desk.files import file_links, list_file
from reports.ranges import CHOICES, Range, range_of
from reports.support import Week, after_complaints, backlog, by_agent, of_all

MOST_LABELS = 8
COLUMNS = (
    Column(gettext_lazy("مسئول"), lambda row: str(row.user) if row.user else None),
    Column(gettext_lazy("تیکت‌های او"), attrgetter("tickets"), "number"),
    Column(gettext_lazy("باز"), attrgetter("open"), "number"),
    Column(gettext_lazy("نخستین پاسخ داد"), attrgetter("answered"), "number"),
    Column(gettext_lazy("پاسخ به‌موقع"), attrgetter("kept"), "number"),
    Column(gettext_lazy("میانگین نخستین پاسخ (دقیقهٔ کاری)"), lambda row: _minutes(row.answer_seconds), "number"),
    Column(gettext_lazy("حل کرد"), attrgetter("solved"), "number"),
    Column(gettext_lazy("میانگین زمان حل (دقیقهٔ کاری)"), lambda row: _minutes(row.solve_seconds), "number"),
    Column(gettext_lazy("امتیازدهنده"), attrgetter("rated"), "number"),
    Column(gettext_lazy("میانگین امتیاز"), lambda row: f"{row.rating:.1f}" if row.rating is not None else None),
)


@never_cache
@staff_required("manage_tickets")
@require_safe
def tickets_report(request: HttpRequest) -> HttpResponseBase:
    """The days that the address asks for; the last thirty where it says nothing."""
    asked = _asked(request)
    everything, weeks, complaints = (
        of_all(asked.now),
        backlog(asked.now),
        after_complaints(asked.now, now=timezone.now()),
    )
    labels = [format_date(week.first, "short") for week in weeks]
    every = -(-len(weeks) // MOST_LABELS)
    context: dict[str, Any] = {
        "asked": asked,
        "choices": CHOICES.items(),
        "all": everything,
        "is_empty": not (everything.has_done or complaints.ended or any(map(_has_tickets, weeks))),
        "agents": by_agent(asked.now),
        "complaints": complaints,
        "chart": {
            "values": [week.backlog for week in weeks],
            "labels": [label if n % every == 0 else "" for n, label in enumerate(labels)],
        },
        "heads": [_("هفته از"), _("باز شد"), _("پایان یافت"), _("باز در پایان هفته")],
        "weeks": [
            (label, grouped(week.opened), grouped(week.ended), grouped(week.backlog))
            for label, week in zip(labels, weeks, strict=True)
        ],
        "files": file_links(request, "desk:tickets_report_file"),
    }
    return render(request, "desk/tickets/report.html", context)


@never_cache
@staff_required("manage_tickets")
@require_safe
def tickets_report_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """What each of the staff did, as a file."""
    asked = _asked(request)
    rows = by_agent(asked.now)
    said = {"range": asked.choice}
    return list_file(request, COLUMNS, rows, form=form, title=_("پشتیبانی"), name="support", asked=said)


def _asked(request: HttpRequest) -> Range:
    choice = request.GET.get("range", "")
    return range_of(choice if choice in CHOICES else "30d", local_date(timezone.now(), club_zone()))


def _has_tickets(week: Week) -> bool:
    return bool(week.opened or week.ended or week.backlog)


def _minutes(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds / 60)
