"""Days without any entry, on a calendar: what analyses leave out, and which of them the shop was shut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import actor_of, staff_required
from core.jalali import WEEKDAYS, format_date, from_jalali, local_date, month_length, to_jalali, weekday
from core.tables.writing import Column
from core.tenancy.scope import club_zone
from desk.files import file_links, list_file
from desk.manager.listing import yes_or_no
from desk.manager.record import actors, named
from reports.gaps import NOTE_LENGTH, gaps_within, mark_gap
from reports.models import DataGap
from reports.ranges import LONGEST, Span

COLUMNS = (
    Column(gettext_lazy("روز"), attrgetter("day"), "day"),
    Column(gettext_lazy("تعطیل بود"), lambda row: yes_or_no(row.is_closed)),
    Column(gettext_lazy("یادداشت"), attrgetter("note")),
    Column(gettext_lazy("چه کسی"), attrgetter("actor_name")),
)


@dataclass(frozen=True)
class Cell:
    """A day of the calendar; `gap` where nothing was recorded on it."""

    day: date
    number: int
    gap: DataGap | None


@never_cache
@staff_required("view_reports")
@require_safe
def gaps(request: HttpRequest) -> HttpResponseBase:
    """A month of days with its gaps; months with none are empty calendars."""
    today = local_date(timezone.now(), club_zone())
    first = _month(request.GET.get("month", ""), today)
    span = _span(first)
    found = gaps_within(span)
    names = actors([gap.actor for gap in found])
    earlier, later = first - timedelta(days=1), span.last + timedelta(days=1)
    context = {
        "month": format_date(first, "month"),
        "asked": _code(first),
        "weekdays": WEEKDAYS,
        "weeks": _weeks(span, {gap.day: gap for gap in found}),
        "rows": [(gap, to_jalali(gap.day)[2], names.get(gap.actor, "")) for gap in found],
        "earlier": (_code(earlier), format_date(earlier, "month")),
        "later": (_code(later), format_date(later, "month")) if later <= today else None,
        "longest": NOTE_LENGTH,
        "files": file_links(request, "desk:gaps_file"),
    }
    return render(request, "desk/gaps.html", context)


@never_cache
@staff_required("view_reports")
@require_safe
def gaps_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every gap of the last two years."""
    today = local_date(timezone.now(), club_zone())
    rows = named(gaps_within(Span(today - timedelta(days=LONGEST), today)), by="actor")
    return list_file(request, COLUMNS, rows, form=form, title=_("روزهای بی‌داده"), name="gaps")


@never_cache
@staff_required("view_reports")
@require_POST
def gap_mark(request: HttpRequest, gap_id: int) -> HttpResponseBase:
    """Say that the shop was shut that day, or take it back."""
    is_closed = request.POST.get("act") != "open"
    gap = mark_gap(gap_id, is_closed=is_closed, note=request.POST.get("note", ""), actor=actor_of(request.user))
    said = _("%(day)s تعطیل نوشته شد.") if is_closed else _("%(day)s دیگر تعطیل نوشته نیست.")
    messages.success(request, said % {"day": format_date(gap.day)})
    response = redirect("desk:gaps")
    response["Location"] += f"?month={_code(gap.day)}"
    return response


def _month(asked: str, today: date) -> date:
    """The first day of the month that is asked for, as `1405-08`; of any other text, the present month."""
    year, _dash, month = asked.partition("-")
    this_year, this_month, _day = to_jalali(today)
    wanted = (int(year), int(month)) if year.isdecimal() and month.isdecimal() and len(asked) <= 7 else (0, 0)
    if not (wanted[0] >= 1300 and 1 <= wanted[1] <= 12 and wanted <= (this_year, this_month)):
        wanted = this_year, this_month
    return from_jalali(*wanted, 1)


def _span(first: date) -> Span:
    year, month, _day = to_jalali(first)
    return Span(first, first + timedelta(days=month_length(year, month) - 1))


def _code(day: date) -> str:
    year, month, _day = to_jalali(day)
    return f"{year}-{month:02}"


def _weeks(span: Span, found: dict[date, DataGap]) -> list[list[Cell | None]]:
    """The days of the month by weeks, Saturday first; None before the first and after the last."""
    cells: list[Cell | None] = [None] * weekday(span.first)
    cells += [Cell(day, number, found.get(day)) for number, day in enumerate(span.each(), start=1)]
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]
