"""Purchases and refunds, to read: with their lines, who recorded them, and the receipt."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.catalogue.models import Branch
from club.purchases.models import Purchase, PurchaseLine, Refund
from club.purchases.selectors import matching
from core.tables import writing as tables
from core.templatetags.club_ui import fa, money_unit, number
from desk.manager.filters import BuyerFilter, DaysFilter, OfMemberFilter, StateFilter
from desk.manager.record import SeenAdmin, actor_column, at, column, count, island, money, with_names
from desk.manager.tables import purchase_columns


class Inline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows under a record, to read."""

    extra = 0
    template = "admin/read_rows.html"
    media = forms.Media()
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class LineInline(Inline):
    """The lines of a purchase."""

    model = PurchaseLine
    verbose_name_plural = _("سطرها")
    ordering = ("index",)
    fields = readonly_fields = (
        column(_("شرح"), lambda row: row.name or row.product_code or _("خرید")),
        count("quantity", _("تعداد")),
        money("unit_price", _("مبلغ واحد")),
        money("discount", _("تخفیف")),
        money("net", _("جمع")),
        money("refunded_net", _("برگشتی")),
    )


class RefundInline(Inline):
    """The refunds of a purchase."""

    model = Refund
    ordering = ("id",)
    fields = readonly_fields = (
        at("occurred_at", _("زمان")),
        money("net", _("از خرید")),
        money("refunded", _("پول برگشتی")),
        count("points_taken_back", _("امتیاز پس‌گرفته")),
        money("credit_taken_back", _("اعتبار پس‌گرفته")),
        column(_("دلیل"), lambda row: row.reason),
        actor_column(_("ثبت‌کننده")),
    )


def state(purchase: Purchase) -> SafeString | str:
    """What went back, in a word and a colour."""
    if purchase.fully_refunded:
        return format_html('<span class="tag tag-bad">{}</span>', _("همه برگشت"))
    if purchase.refunded:
        return format_html('<span class="tag tag-saffron">{}</span>', _("بخشی برگشت"))
    return ""


def buyer(purchase: Purchase) -> SafeString | str:
    """The member, linked."""
    if purchase.member is None:
        return str(_("بدون عضویت"))
    url = reverse("admin:members_member_change", args=[purchase.member.pk])
    return format_html('<a href="{}">{}</a>', url, purchase.member)


class BranchFilter(admin.SimpleListFilter):
    """Purchases of a branch."""

    title, parameter_name = _("شعبه"), "branch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The club's branches."""
        return [(branch.code, branch.name) for branch in Branch.objects.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The branch's purchases."""
        return queryset.filter(branch__code=self.value()) if self.value() else queryset


@admin.register(Purchase, site=site)
class PurchaseAdmin(SeenAdmin):
    """What was sold."""

    search_fields = ("number",)  # what is found is decided by `matching`
    search_help_text = _("شمارهٔ خرید، موبایل یا نام عضو")
    list_display = (
        column(_("شماره"), lambda row: fa(row.number), order="number"),
        column(_("خریدار"), buyer),
        money("net", _("مبلغ")),
        money("payable", _("پرداختی")),
        count("points_earned", _("امتیاز")),
        money("credit_earned", _("اعتبار")),
        at("occurred_at", _("زمان")),
        column(_("برگشت"), state),
    )
    list_filter = (OfMemberFilter, DaysFilter, BuyerFilter, StateFilter, BranchFilter, "channel")
    list_select_related = ("member", "branch")
    ordering = ("-occurred_at", "-id")
    inlines = (LineInline, RefundInline)
    fields = (
        column(_("شماره"), lambda row: fa(row.number)),
        column(_("خریدار"), buyer),
        at("occurred_at", _("زمان")),
        column(_("جمع"), lambda row: money_unit(row.gross)),
        column(_("تخفیف"), lambda row: money_unit(row.discount)),
        column(_("مبلغ"), lambda row: money_unit(row.net)),
        column(_("مالیات درون مبلغ"), lambda row: money_unit(row.vat)),
        column(_("از اعتبار"), lambda row: money_unit(row.paid_by_credit)),
        column(_("از امتیاز"), lambda row: f"{money_unit(row.paid_by_points)} ({number(row.points_spent)})"),
        column(_("از کارت هدیه"), lambda row: money_unit(row.paid_by_gift_card)),
        column(_("پرداختی"), lambda row: money_unit(row.payable)),
        column(_("امتیاز"), lambda row: number(row.points_earned)),
        column(_("اعتبار"), lambda row: money_unit(row.credit_earned)),
        column(_("برگشتی"), lambda row: money_unit(row.refunded)),
        column(_("کانال"), lambda row: row.get_channel_display()),
        column(_("شعبه"), lambda row: row.branch.name if row.branch else None),
        column(_("شناسهٔ بیرونی"), lambda row: island(row.external_id) if row.external_id else None),
        actor_column(_("ثبت‌کننده")),
        column(
            _("رسید"),
            lambda row: format_html(
                '<a href="{}">{}</a>', reverse("desk:receipt", args=[row.pk]), _("دیدن و چاپ رسید")
            ),
        ),
    )
    readonly_fields = fields

    def title_of(self, row: Any) -> str:
        """By its number."""
        return str(_("خرید %(number)s") % {"number": fa(row.number)})

    def export_columns(self) -> list[tables.Column]:
        """All that is known of a purchase."""
        return purchase_columns()

    def prepare_export(self, rows: list[Any]) -> None:
        """Names of who recorded them."""
        with_names(rows)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], term: str) -> tuple[Any, bool]:
        """By number, or by the member in any spelling."""
        return (queryset.filter(pk__in=matching(term).values("pk")) if term.strip() else queryset), False


@admin.register(Refund, site=site)
class RefundAdmin(SeenAdmin):
    """What went back."""

    list_display = (
        column(_("خرید"), lambda row: fa(row.purchase.number), kind="number", value=attrgetter("purchase.number")),
        column(_("خریدار"), lambda row: buyer(row.purchase)),
        money("net", _("از خرید")),
        money("refunded", _("پول برگشتی")),
        count("points_taken_back", _("امتیاز پس‌گرفته")),
        money("credit_taken_back", _("اعتبار پس‌گرفته")),
        at("occurred_at", _("زمان")),
        column(_("دلیل"), lambda row: row.reason),
        actor_column(_("ثبت‌کننده")),
    )
    list_filter = (DaysFilter,)
    list_select_related = ("purchase__member",)
    ordering = ("-occurred_at", "-id")
    fields = (
        column(
            _("خرید"),
            lambda row: format_html(
                '<a href="{}">{}</a>',
                reverse("admin:purchases_purchase_change", args=[row.purchase_id]),
                fa(row.purchase.number),
            ),
        ),
        *list_display[1:],
        count("points_returned", _("امتیاز پس‌داده")),
        money("credit_returned", _("اعتبار پس‌داده")),
        money("gift_card_returned", _("به کارت هدیه")),
        count("points_shortfall", _("امتیازی که نبود")),
        money("credit_shortfall", _("اعتباری که نبود")),
    )
    readonly_fields = fields

    def title_of(self, row: Any) -> str:
        """By the purchase it was of."""
        return str(_("از خرید %(number)s") % {"number": fa(row.purchase.number)})

    def prepare(self, rows: list[Any]) -> None:
        """Names of who recorded them."""
        with_names(rows)
