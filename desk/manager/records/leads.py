"""Leads, to read: the pages of leads are where they are worked on."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from core.tables import writing as tables
from crm.leads.models import Lead
from desk.manager.filters import CreatedFilter, OfMemberFilter
from desk.manager.leads.board import COLUMNS
from desk.manager.record import SeenAdmin, actors, at, column, day, money, phone_column


def page_of(row: Lead) -> SafeString:
    """The lead's own page, linked."""
    return format_html('<a href="{}"><bdi>{}</bdi></a>', reverse("desk:lead", args=[row.pk]), row)


@admin.register(Lead, site=site)
class LeadAdmin(SeenAdmin):
    """Every lead of the club."""

    search_fields = ("name", "phone", "email")
    list_display = (
        column(_("سرنخ"), str),
        phone_column("phone", _("موبایل")),
        column(_("نوع"), lambda row: row.get_kind_display()),
        column(_("وضعیت"), lambda row: row.get_status_display()),
        column(_("مرحله"), lambda row: row.stage.name),
        column(_("کارشناس"), lambda row: row.agent or row.owner),
        money("expected_rial", _("مبلغ پیش‌بینی")),
        at("created_at", _("ثبت")),
    )
    list_filter = (OfMemberFilter, CreatedFilter, "kind", "status", "channel")
    list_select_related = ("stage", "owner", "agent", "referrer", "member", "purchase")
    ordering = ("-id",)
    fields = readonly_fields = (
        *list_display,
        column(_("صفحهٔ سرنخ"), page_of),
        column(_("ایمیل"), lambda row: row.email),
        column(_("از کجا آمد"), lambda row: row.source),
        column(_("از کدام در"), lambda row: row.get_channel_display()),
        column(_("معرف"), lambda row: row.referrer),
        column(_("عضو"), lambda row: row.member),
        column(_("کار بعدی"), lambda row: row.next_activity),
        day("next_activity_on", _("روز کار بعدی")),
        at("qualified_at", _("واجد شرایط شد")),
        at("converted_at", _("مشتری شد")),
        column(_("چرا از دست رفت"), lambda row: row.lost_reason),
        column(_("رقیب"), lambda row: row.rival),
        column(_("یادداشت"), lambda row: row.note),
        column(_("ثبت‌کننده"), lambda row: actors([row.registered_by])[row.registered_by]),
    )

    def title_of(self, row: Lead) -> str:
        """By the name."""
        return str(row)

    def export_columns(self) -> list[tables.Column]:
        """What the list of the desk writes."""
        return [*COLUMNS]
