"""Entries of the ledger, to read: of whom, what, from which document, what was left."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.ledger.models import Entry, Unit
from club.members.selectors import search
from club.purchases.documents import sources
from core.tables import writing as tables
from core.templatetags.club_ui import money_unit, number, signed, signed_money
from desk.manager.filters import DaysFilter, OfMemberFilter
from desk.manager.record import SeenAdmin, actor_column, at, column, with_names
from desk.manager.tables import POINTS, entry_columns


def owner(entry: Entry) -> SafeString | str:
    """The member, linked; nobody's is the money of a gift card."""
    if entry.wallet.member_id is None:
        return str(entry.wallet.get_unit_display())
    url = reverse("admin:members_member_change", args=[entry.wallet.member_id])
    return format_html('<a href="{}">{}</a>', url, entry.wallet.member)


def delta(entry: Entry) -> SafeString:
    """The change with its sign, in its colour."""
    shown = signed(entry.delta) if entry.wallet.unit in POINTS else signed_money(entry.delta)
    return format_html('<span class="{}">{}</span>', "plus" if entry.delta > 0 else "minus", shown)


def left(entry: Entry) -> str:
    """What the wallet had afterwards."""
    return number(entry.balance_after) if entry.wallet.unit in POINTS else money_unit(entry.balance_after)


def source(entry: Any) -> SafeString | str:
    """The document in words, linked where it is a purchase."""
    found = getattr(entry, "source", None) or sources([entry.document])[entry.document]
    if not found.purchase_id:
        return str(found.text)
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:purchases_purchase_change", args=[found.purchase_id]), found.text
    )


class EntryOfMemberFilter(OfMemberFilter):
    """Entries of one member."""

    field = "wallet__member"


class UnitFilter(admin.SimpleListFilter):
    """Points, credit, or a debt of either."""

    title, parameter_name = _("چه"), "unit"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The units."""
        return list(Unit.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Entries of the unit."""
        return queryset.filter(wallet__unit=self.value()) if self.value() else queryset


@admin.register(Entry, site=site)
class EntryAdmin(SeenAdmin):
    """Every change of points and credit."""

    search_fields = ("document",)  # what is found is decided by `search`
    search_help_text = _("موبایل، چند رقم آخر، کارت یا نام عضو")
    list_display = (
        at("occurred_at", _("زمان")),
        column(_("عضو"), owner),
        column(_("چه"), lambda row: row.wallet.get_unit_display()),
        column(_("نوع"), lambda row: row.get_kind_display(), order="kind"),
        column(_("تغییر"), delta, order="delta"),
        column(_("مانده"), left),
        column(_("سند"), source),
        column(_("دلیل"), lambda row: row.reason or None),
        actor_column(_("چه کسی")),
    )
    list_filter = (EntryOfMemberFilter, UnitFilter, "kind", DaysFilter)
    list_select_related = ("wallet__member",)
    ordering = ("-id",)
    fields = readonly_fields = (*list_display, at("created_at", _("زمان ثبت")))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], term: str) -> tuple[Any, bool]:
        """Entries of the members that the text finds."""
        text = term.replace("\x00", "").strip()
        return (queryset.filter(wallet__member__in=search(text).values("pk")) if text else queryset), False

    def title_of(self, row: Any) -> str:
        """By what it did to whom."""
        return f"{row.get_kind_display()} · {row.wallet.member or row.wallet.get_unit_display()}"

    def export_columns(self) -> list[tables.Column]:
        """All that is known of an entry."""
        return entry_columns()

    def prepare(self, rows: list[Any]) -> None:
        """Documents in words, and names of who acted."""
        named = sources(row.document for row in rows)
        for row in rows:
            row.source = named[row.document]
        with_names(rows)
