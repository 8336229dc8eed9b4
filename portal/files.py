"""What a member takes home: the own ledger and the own purchases, whole, as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import member_required
from club.ledger.models import Unit
from club.purchases.selectors import member_purchases
from core.errors import Text
from core.keyset import every
from core.tables.downloads import table_file
from core.tables.writing import FORMS, Column
from portal import statement
from portal.access import member_of

CHUNK = 500
LEDGER = (
    Column(_("زمان"), attrgetter("at"), "moment"),
    Column(_("شرح"), lambda row: str(row.title)),
    Column(_("سند"), attrgetter("source.text")),
    Column(_("دلیل"), attrgetter("reason")),
    Column(_("امتیاز"), lambda row: row.delta if row.is_points else None, "number"),
    Column(_("ماندهٔ امتیاز"), lambda row: row.balance_after if row.is_points else None, "number"),
    Column(_("اعتبار"), lambda row: None if row.is_points else row.delta, "money"),
    Column(_("ماندهٔ اعتبار"), lambda row: None if row.is_points else row.balance_after, "money"),
)
PURCHASES = (
    Column(_("شماره"), attrgetter("number"), "number"),
    Column(_("زمان"), attrgetter("occurred_at"), "moment"),
    Column(_("شعبه"), lambda row: row.branch.name if row.branch else None),
    Column(_("مبلغ"), attrgetter("net"), "money"),
    Column(_("از اعتبار"), attrgetter("paid_by_credit"), "money"),
    Column(_("از امتیاز"), attrgetter("paid_by_points"), "money"),
    Column(_("از کارت هدیه"), attrgetter("paid_by_gift_card"), "money"),
    Column(_("پرداختی"), attrgetter("payable"), "money"),
    Column(_("امتیاز"), attrgetter("points_earned"), "number"),
    Column(_("اعتبار"), attrgetter("credit_earned"), "money"),
    Column(_("برگشتی"), attrgetter("refunded"), "money"),
)


@never_cache
@member_required
@require_safe
def ledger_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every change of points and credit, or of the unit that is shown."""
    member_id, asked = member_of(request).pk, request.GET.get("unit", "")
    unit = asked if asked in Unit.values else None
    rows = every(lambda before: statement.page(member_id, unit=unit, before=before, limit=CHUNK), attrgetter("id"))
    return own_file(LEDGER, rows, title=_("گردش"), name="ledger", form=form)


@never_cache
@member_required
@require_safe
def purchases_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every purchase."""
    member_id = member_of(request).pk
    rows = every(lambda before: member_purchases(member_id, before=before, limit=CHUNK), attrgetter("pk"))
    return own_file(PURCHASES, rows, title=_("خریدها"), name="purchases", form=form)


def file_links(route: str, query: str = "") -> list[tuple[str, str]]:
    """Each form with the address of its file."""
    return [(form.upper(), reverse(route, args=[form]) + query) for form in FORMS]


def own_file(
    columns: Iterable[Column], rows: Iterable[Any], *, title: Text, name: str, form: str
) -> StreamingHttpResponse:
    """A member's list as a file. Raises Http404 for a form that there is not."""
    if form not in FORMS:
        raise Http404
    return table_file(columns, rows, title=title, name=name, form=form)
