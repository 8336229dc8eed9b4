"""What a member takes home: the own ledger and the own purchases, whole, as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import member_required
from club.purchases.selectors import member_purchases
from core.tables.downloads import table_file
from core.tables.writing import Column
from portal import statement
from portal.views import member_of

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
    Column(_("پرداختی"), attrgetter("payable"), "money"),
    Column(_("امتیاز"), attrgetter("points_earned"), "number"),
    Column(_("اعتبار"), attrgetter("credit_earned"), "money"),
    Column(_("برگشتی"), attrgetter("refunded"), "money"),
)


@never_cache
@member_required
@require_safe
def ledger_csv(request: HttpRequest) -> HttpResponseBase:
    """Every change of points and credit."""
    member_id = member_of(request).pk
    rows = _all(lambda before: statement.page(member_id, unit=None, before=before, limit=CHUNK), attrgetter("id"))
    return table_file(LEDGER, rows, title=_("گردش"), name="ledger", form="csv")


@never_cache
@member_required
@require_safe
def purchases_csv(request: HttpRequest) -> HttpResponseBase:
    """Every purchase."""
    member_id = member_of(request).pk
    rows = _all(lambda before: member_purchases(member_id, before=before, limit=CHUNK), attrgetter("pk"))
    return table_file(PURCHASES, rows, title=_("خریدها"), name="purchases", form="csv")


def _all(page: Callable[[int | None], Sequence[Any]], mark: Callable[[Any], int]) -> Iterator[Any]:
    """Every row of a list that is read a page at a time."""
    before: int | None = None
    while rows := page(before):
        yield from rows
        before = mark(rows[-1])
