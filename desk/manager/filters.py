"""Filters of the manager's lists: days of the Jalali calendar, whether bought again, one member."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from club.purchases.models import Purchase
from core.errors import Text
from core.jalali import InvalidDate, format_date, local_date, parse_jalali
from core.tenancy.scope import current_club
from core.text import whole_number
from reports.ranges import CHOICES, LONGEST, Span, range_of

PRESETS = ("today", "7d", "30d", "month")


class DaysFilter(admin.ListFilter):
    """Rows of some days; the address says the first and the last one, ISO or Jalali."""

    name = "day"
    field = "occurred_at"
    title: Text = _("زمان")  # type: ignore[assignment]

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.expected_parameters():
            if name in params:
                value = params.pop(name)
                self.used_parameters[name] = value[-1] if isinstance(value, list) else value

    def expected_parameters(self) -> list[Any]:
        """The names of the two days in the address."""
        return [f"{self.name}_from", f"{self.name}_to"]

    def has_output(self) -> bool:
        """Always offered."""
        return True

    def span(self) -> Span | None:
        """The days asked for, if any."""
        typed = [self.used_parameters.get(name, "") for name in self.expected_parameters()]
        if not any(typed):
            return None
        try:
            first, last = (parse_jalali(str(text)[:40]) for text in typed)
        except InvalidDate as refused:
            raise IncorrectLookupParameters from refused
        if last < first or (last - first) > timedelta(days=LONGEST * 10):
            raise IncorrectLookupParameters
        return Span(first, last)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows whose time lies within the days of the club's zone."""
        span = self.span()
        return self.within(queryset, span) if span else queryset

    def within(self, queryset: QuerySet[Any], span: Span) -> QuerySet[Any]:
        """The rows of the span."""
        start, end = span.bounds(current_club().time_zone)
        return queryset.filter(**{f"{self.field}__gte": start, f"{self.field}__lt": end})

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """All, the usual ranges, and the one in the address where it is another."""
        span, names = self.span(), self.expected_parameters()
        yield {
            "selected": span is None,
            "query_string": changelist.get_query_string(remove=names),
            "display": _("همه"),
        }
        today = local_date(timezone.now(), current_club().time_zone)
        known = [(CHOICES[choice], range_of(choice, today).now) for choice in PRESETS]
        if span and span not in dict(known).values():
            known.append((_said(span), span))
        for label, days in known:
            query = dict(zip(names, (days.first.isoformat(), days.last.isoformat()), strict=True))
            yield {"selected": days == span, "query_string": changelist.get_query_string(query), "display": label}


def _said(span: Span) -> str:
    first, last = (format_date(day, "numeric") for day in (span.first, span.last))
    return first if first == last else f"{first} – {last}"


class JoinedFilter(DaysFilter):
    """Members by the day they joined."""

    name, field, title = "joined", "enrolled_at", _("عضویت")


class CreatedFilter(DaysFilter):
    """Rows by the day they were written."""

    name, field = "day", "created_at"


class ReturnedFilter(DaysFilter):
    """Members who bought within the days, and not for the first time: whom the dashboard counts as returned."""

    name, title = "returned", _("بازگشت برای خرید")

    def within(self, queryset: QuerySet[Any], span: Span) -> QuerySet[Any]:
        """Bought in the span, after a first purchase there or before."""
        start, end = span.bounds(current_club().time_zone)
        again = Purchase.objects.filter(
            member=OuterRef("pk"), occurred_at__gte=start, occurred_at__lt=end, fully_refunded=False
        ).filter(occurred_at__gt=OuterRef("first_purchase_at"))
        return queryset.filter(Exists(again))


class OfMemberFilter(admin.ListFilter):
    """Rows of one member, reached from the member's page; not offered otherwise."""

    title: Text = _("عضو")  # type: ignore[assignment]
    field = "member"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        if "of" in params:
            value = params.pop("of")
            self.used_parameters["of"] = value[-1] if isinstance(value, list) else value

    def expected_parameters(self) -> list[Any]:
        """The name of the member's id in the address."""
        return ["of"]

    def has_output(self) -> bool:
        """Only while one is chosen."""
        return "of" in self.used_parameters

    def member_id(self) -> int | None:
        """The chosen member's id."""
        return whole_number(str(self.used_parameters.get("of", "")))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The member's rows."""
        if not self.has_output():
            return queryset
        return queryset.filter(**{self.field: self.member_id() or 0})

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        """All, and the one chosen."""
        yield {"selected": False, "query_string": changelist.get_query_string(remove=["of"]), "display": _("همه")}
        member = Member.objects.filter(pk=self.member_id() or 0).first()
        yield {"selected": True, "query_string": "", "display": str(member) if member else _("ناشناس")}


class BuyerFilter(admin.SimpleListFilter):
    """Sales to members, and sales to nobody known."""

    title, parameter_name = _("خریدار"), "buyer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Members or not."""
        return [("member", _("عضو")), ("nobody", _("بدون عضویت"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The sales asked for."""
        value = self.value()
        return queryset.filter(member__isnull=value == "nobody") if value in ("member", "nobody") else queryset


class StateFilter(admin.SimpleListFilter):
    """Purchases that stand, and those refunded in part or whole."""

    title, parameter_name = _("برگشت"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """How much went back."""
        return [("kept", _("برنگشته یا بخشی")), ("part", _("بخشی برگشته")), ("whole", _("همه برگشته"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The purchases asked for."""
        match self.value():
            case "kept":
                return queryset.filter(fully_refunded=False)
            case "part":
                return queryset.filter(fully_refunded=False, refunded__gt=0)
            case "whole":
                return queryset.filter(fully_refunded=True)
        return queryset
