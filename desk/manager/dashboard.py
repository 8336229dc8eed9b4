"""The manager's first page: four numbers with where they go, sales by day (as a file, too), what asks for a look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import can, staff_required
from core.charts import short
from core.errors import Text
from core.jalali import WEEKDAYS, format_date, local_date
from core.language import in_language
from core.money import UNITS, format_money, round_half_up, unit_name
from core.tables.writing import Column
from core.templatetags.club_ui import fa, money_unit, number, percent
from core.tenancy.scope import current_club
from desk.files import file_links, list_file
from desk.manager.attention import matters
from desk.ranges import asked_days, choice_of_days, days_in_name, days_noted
from reports.ranges import Range, Span
from reports.selectors import BusyHours, Day, Figure, busy_hours, is_new_club, latest_purchases, overview
from sms.health import trouble

LATEST = 5
DAY_COLUMNS = (
    Column(gettext_lazy("روز"), attrgetter("day"), "day"),
    Column(gettext_lazy("فروش به اعضا"), attrgetter("sales"), "money"),
    Column(gettext_lazy("دورهٔ پیش"), attrgetter("before"), "money"),
    Column(gettext_lazy("خریدها"), attrgetter("purchases"), "number"),
)
MILLION = 1_000_000


@dataclass(frozen=True)
class Stat:
    """One of the numbers, ready to show, and the list it counts."""

    label: Text
    value: str
    unit: Text
    exact: str
    figure: Figure
    change: str
    url: str


@dataclass(frozen=True)
class Linked:
    """A row of the table with the list of its day."""

    day: Day
    url: str


@never_cache
@staff_required("view_dashboard")
@require_safe
def dashboard(request: HttpRequest) -> HttpResponseBase:
    """The dashboard of a range of days."""
    asked, errors = asked_days(request)
    found = overview(asked)
    context = {
        **choice_of_days(request, asked, errors),
        "today": timezone.now(),
        "stats": _stats(found.sales, found.purchases, found.new_members, found.returning, asked),
        "chart": _chart(found.days, found.hours),
        "rows": [Linked(day, _purchases_of(Span(day.day, day.day), buyer="member")) for day in found.days],
        "gaps": len(found.gaps),
        "total": found.sales,
        "latest": latest_purchases(LATEST),
        "matters": matters(request.user, timezone.now()),
        "busy": _busy(busy_hours(asked.now)),
        "is_new": is_new_club(),
        "sms": trouble(now=timezone.now()) if can(request.user, "manage_sms") else None,
        "files": file_links(request, "desk:sales_file"),
    }
    return render(request, "desk/dashboard.html", context, status=422 if errors else 200)


@never_cache
@staff_required("view_dashboard")
@require_safe
def sales_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Sales by day, of the range that is shown."""
    asked, errors = asked_days(request)
    if errors:
        return dashboard(request)
    rows, name = overview(asked).days, days_in_name("sales", asked)
    return list_file(request, DAY_COLUMNS, rows, form=form, title=_("فروش"), name=name, asked=days_noted(asked))


def _stats(sales: Figure, purchases: Figure, joined: Figure, returning: Figure, asked: Range) -> list[Stat]:
    unit = current_club().currency_unit
    in_unit = round_half_up(sales.value, UNITS[unit].rial)
    value, _space, size = (
        short(in_unit).partition(" ") if in_unit >= MILLION else (format_money(sales.value, unit), "", "")
    )
    label = gettext_lazy("فروش به اعضا (%(unit)s)") % {"unit": unit_name(unit)}
    return [
        Stat(
            label,
            fa(value),
            size,
            money_unit(sales.value),
            sales,
            _said(sales),
            _purchases_of(asked.now, buyer="member"),
        ),
        Stat(
            gettext_lazy("خریدهای ثبت‌شده"),
            number(purchases.value),
            "",
            "",
            purchases,
            _said(purchases),
            _purchases_of(asked.now),
        ),
        Stat(
            gettext_lazy("اعضای تازه"),
            number(joined.value),
            gettext_lazy("نفر"),
            "",
            joined,
            _said(joined),
            _members("joined", asked.now),
        ),
        Stat(
            gettext_lazy("خریدارانی که بازگشتند"),
            percent(round_half_up(returning.value, 100) * 100),
            "",
            "",
            returning,
            _said(returning),
            _members("returned", asked.now),
        ),
    ]


def _said(figure: Figure) -> str:
    change = figure.change
    if change is None:
        return ""
    amount = number(abs(change))
    if change == 0:
        return _("مانند دورهٔ پیش")
    if figure.is_share:
        text = _("%(amount)s واحد بیشتر") if change > 0 else _("%(amount)s واحد کمتر")
    else:
        text = _("%(amount)s٪ بیشتر") if change > 0 else _("%(amount)s٪ کمتر")
    return text % {"amount": amount}


def _chart(days: Sequence[Day], hours: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """What the line shows: sales by day; of one day by hour, up to now where that day is today."""
    if not hours:
        return {
            "values": [day.sales for day in days],
            "previous": [day.before for day in days],
            "labels": [format_date(day.day, "short") for day in days],
        }
    now = timezone.now()
    zone = current_club().time_zone
    is_today = days[0].day == local_date(now, zone)
    shown = hours[: timezone.localtime(now).hour + 1] if is_today else hours
    return {
        "values": [sales for sales, _before in shown],
        "previous": [before for _sales, before in shown],
        "labels": [fa(f"{hour}:00") for hour in range(len(shown))],
    }


def _busy(found: BusyHours | None) -> dict[str, Any] | None:
    """What the map of busy hours and the table beside it show."""
    if found is None:
        return None
    hours = [in_language(f"{hour}") for hour in found.hours]
    days = [str(day) for day in WEEKDAYS]
    return {
        "counts": found.counts,
        "days": days,
        "hours": hours,
        "rows": [[day, *map(number, row)] for day, row in zip(days, found.counts, strict=True)],
        "heads": [_("روز"), *hours],
    }


def _purchases_of(span: Span, *, buyer: str = "") -> str:
    query = {**_days("day", span), "state": "kept", **({"buyer": buyer} if buyer else {})}
    return f"{reverse('admin:purchases_purchase_changelist')}?{urlencode(query)}"


def _members(name: str, span: Span) -> str:
    return f"{reverse('admin:members_member_changelist')}?{urlencode(_days(name, span))}"


def _days(name: str, span: Span) -> dict[str, str]:
    """The days of a span as the admin's lists take them in their address."""
    return {f"{name}_from": span.first.isoformat(), f"{name}_to": span.last.isoformat()}
