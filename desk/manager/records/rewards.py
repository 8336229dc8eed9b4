"""Rewards and the vouchers of them, to read; they are made and changed on pages of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.rewards.models import Grant, Redemption, Reward
from core.templatetags.club_ui import money_unit
from desk.manager.filters import DaysFilter, OfMemberFilter
from desk.manager.offers.figures import KINDS
from desk.manager.record import SeenAdmin, at, code, column, count
from desk.manager.rewards.listing import NAMES


def taken_by(row: Redemption) -> SafeString:
    """The member, linked."""
    url = reverse("admin:members_member_change", args=[row.member_id])
    return format_html('<a href="{}">{}</a>', url, row.member)


@admin.register(Reward, site=site)
class RewardAdmin(SeenAdmin):
    """What members can have for points."""

    list_display = (
        "name",
        code(_("کد")),
        count("points", _("امتیاز")),
        count("stock", _("موجودی")),
        count("taken", _("گرفته‌شده")),
        "is_active",
        at("updated_at", _("تغییر")),
    )
    search_fields = ("name", "code")
    ordering = ("-id",)
    fields = (*list_display, "about")
    readonly_fields = fields


@admin.register(Grant, site=site)
class GrantAdmin(SeenAdmin):
    """What was given to lists of members; started, stopped and undone on a page of their own."""

    list_display = (
        "name",
        "gives",
        count("asked", _("شماره‌های فهرست")),
        count("given", _("داده شد")),
        count("undone", _("پس گرفته شد")),
        "status",
        at("created_at", _("زمان")),
    )
    search_fields = ("name",)
    ordering = ("-id",)
    fields = (*list_display, "reason")
    readonly_fields = fields


@admin.register(Redemption, site=site)
class RedemptionAdmin(SeenAdmin):
    """Vouchers: of what kind, and worth how much."""

    list_display = (
        "name",
        column(_("عضو"), taken_by),
        column(_("نوع"), lambda row: str(KINDS.get(row.kind, _("تحویلی")))),
        count("points", _("امتیاز")),
        column(_("ارزش"), lambda row: money_unit(row.worth)),
        code(_("کد")),
        column(_("وضعیت"), lambda row: str(NAMES[row.state_at(timezone.now())])),
        at("occurred_at", _("زمان")),
        at("expires_at", _("پایان")),
    )
    list_filter = (OfMemberFilter, DaysFilter)
    list_select_related = ("member",)
    ordering = ("-occurred_at", "-id")
    fields = list_display
    readonly_fields = fields

    def title_of(self, row: Any) -> str:
        """By its name."""
        return str(row.name)
