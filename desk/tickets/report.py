"""How support does, on one page: figures, the backlog of each week, and what each of the staff did."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import dropwhile
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
from core.errors import Text
from core.jalali import format_date, local_date
from core.language import grouped
from core.tables.writing import Column
from core.tenancy.scope import club_zone
from desk.files import file_links, list_file
from desk.ranges import asked_days, choice_of_days, days_in_name, days_noted
from reports.ranges import Span
from reports.support import Complaints, Support, Week, after_complaints, backlog, by_agent, of_all

MOST_LABELS = 6
NOBODY = gettext_lazy("برنامه یا هیچ‌کس")


@dataclass(frozen=True)
class Line:
    """A row of the file: who, and what that one did."""

    name: Text
    did: Support


@dataclass(frozen=True)
class Outcome:
    """What became of the complaints of these days."""

    days: Span
    found: Complaints


COLUMNS = (
    Column(gettext_lazy("مسئول"), attrgetter("name")),
    Column(gettext_lazy("تیکت‌های او"), attrgetter("did.tickets"), "number"),
    Column(gettext_lazy("باز"), attrgetter("did.open"), "number"),
    Column(gettext_lazy("نخستین پاسخ داد"), attrgetter("did.answered"), "number"),
    Column(gettext_lazy("پاسخ به‌موقع"), attrgetter("did.kept"), "number"),
    Column(gettext_lazy("میانگین نخستین پاسخ (دقیقهٔ کاری)"), lambda row: _minutes(row.did.answer_seconds), "number"),
    Column(gettext_lazy("حل کرد"), attrgetter("did.solved"), "number"),
    Column(gettext_lazy("میانگین زمان حل (دقیقهٔ کاری)"), lambda row: _minutes(row.did.solve_seconds), "number"),
    Column(gettext_lazy("امتیازدهنده"), attrgetter("did.rated"), "number"),
    Column(
        gettext_lazy("میانگین امتیاز"),
        lambda row: f"{row.did.rating:.1f}" if row.did.rating is not None else None,
    ),
)
WEEK_COLUMNS = (
    Column(gettext_lazy("هفته از"), attrgetter("first"), "day"),
    Column(gettext_lazy("باز شد"), attrgetter("opened"), "number"),
    Column(gettext_lazy("پایان یافت"), attrgetter("ended"), "number"),
    Column(gettext_lazy("باز در پایان هفته"), attrgetter("backlog"), "number"),
)
COMPLAINT_COLUMNS = (
    Column(gettext_lazy("از روز"), attrgetter("days.first"), "day"),
    Column(gettext_lazy("تا روز"), attrgetter("days.last"), "day"),
    Column(gettext_lazy("شکایت‌های حل یا بسته‌شده"), attrgetter("found.ended"), "number"),
    Column(gettext_lazy("شاکی‌ها"), attrgetter("found.members"), "number"),
    Column(gettext_lazy("شاکی‌هایی که تا ۹۰ روز خریدند"), attrgetter("found.bought"), "number"),
    Column(gettext_lazy("شاکی‌هایی که ۹۰ روزشان تمام نشده"), attrgetter("found.running"), "number"),
    Column(gettext_lazy("خریدهای پس از شکایت"), attrgetter("found.purchases"), "number"),
    Column(gettext_lazy("ارزش آن خریدها"), attrgetter("found.spent"), "money"),
)


@never_cache
@staff_required("manage_tickets")
@require_safe
def tickets_report(request: HttpRequest) -> HttpResponseBase:
    """The days that the address asks for; the last thirty where it says nothing."""
    asked, errors = asked_days(request)
    everything, weeks, complaints = (
        of_all(asked.now),
        _since_first(backlog(_so_far(asked.now))),
        after_complaints(asked.now, now=timezone.now()),
    )
    labels = [format_date(week.first, "short") for week in weeks]
    every = -(-len(weeks) // MOST_LABELS)
    context: dict[str, Any] = {
        **choice_of_days(request, asked, errors),
        "all": everything,
        "is_empty": not (everything.has_done or complaints.ended or any(map(_has_tickets, weeks))),
        "agents": by_agent(asked.now),
        "nobody": NOBODY,
        "complaints": complaints,
        "chart": {
            "values": [week.backlog for week in weeks],
            "labels": [label if (len(labels) - 1 - n) % every == 0 else "" for n, label in enumerate(labels)],
        },
        "heads": [column.heading for column in WEEK_COLUMNS],
        "weeks": [
            (label, grouped(week.opened), grouped(week.ended), grouped(week.backlog))
            for label, week in zip(labels, weeks, strict=True)
        ],
        "files": file_links(request, "desk:tickets_report_file"),
        "week_files": file_links(request, "desk:tickets_report_weeks"),
        "complaint_files": file_links(request, "desk:tickets_report_complaints"),
    }
    return render(request, "desk/tickets/report.html", context, status=422 if errors else 200)


@never_cache
@staff_required("manage_tickets")
@require_safe
def tickets_report_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """What each of the staff did, and all of them, as a file."""
    asked, errors = asked_days(request)
    if errors:
        return tickets_report(request)
    rows = [Line(str(one.user or NOBODY), one) for one in by_agent(asked.now)]
    rows.append(Line(_("همه"), of_all(asked.now)))
    name = days_in_name("support", asked)
    return list_file(request, COLUMNS, rows, form=form, title=_("پشتیبانی"), name=name, asked=days_noted(asked))


@never_cache
@staff_required("manage_tickets")
@require_safe
def tickets_report_weeks(request: HttpRequest, form: str) -> HttpResponseBase:
    """The weeks of the chart as a file."""
    asked, errors = asked_days(request)
    if errors:
        return tickets_report(request)
    rows, name = backlog(_so_far(asked.now)), days_in_name("support-weeks", asked)
    title = _("باز در پایان هر هفته")
    return list_file(request, WEEK_COLUMNS, rows, form=form, title=title, name=name, asked=days_noted(asked))


@never_cache
@staff_required("manage_tickets")
@require_safe
def tickets_report_complaints(request: HttpRequest, form: str) -> HttpResponseBase:
    """What became of those who complained, as a file."""
    asked, errors = asked_days(request)
    if errors:
        return tickets_report(request)
    rows = [Outcome(asked.now, after_complaints(asked.now, now=timezone.now()))]
    title, name = _("خرید پس از شکایت"), days_in_name("support-complaints", asked)
    return list_file(request, COMPLAINT_COLUMNS, rows, form=form, title=title, name=name, asked=days_noted(asked))


def _so_far(days: Span) -> Span:
    """These days without those to come."""
    return Span(days.first, min(days.last, local_date(timezone.now(), club_zone())))


def _since_first(weeks: list[Week]) -> list[Week]:
    """The weeks from the first one on in which there was a ticket."""
    return list(dropwhile(lambda week: not _has_tickets(week), weeks))


def _has_tickets(week: Week) -> bool:
    return bool(week.opened or week.ended or week.backlog)


def _minutes(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds / 60)
