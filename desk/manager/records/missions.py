"""Missions and the rounds of them that were won, to read; they are made and changed on pages of their own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.missions.models import Mission, MissionWin
from core.templatetags.club_ui import money_unit
from desk.manager.filters import DaysFilter, OfMemberFilter
from desk.manager.record import SeenAdmin, at, column, count


def won_by(win: MissionWin) -> SafeString:
    """The member, linked."""
    url = reverse("admin:members_member_change", args=[win.member_id])
    return format_html('<a href="{}">{}</a>', url, win.member)


def filled_by(win: MissionWin) -> SafeString:
    """The purchase that filled it, linked."""
    url = reverse("admin:purchases_purchase_change", args=[win.cause.partition(":")[2]])
    return format_html('<a href="{}">{}</a>', url, _("دیدن خرید"))


@admin.register(Mission, site=site)
class MissionAdmin(SeenAdmin):
    """What members can fill, and how often they did."""

    list_display = (
        "name",
        column(_("وضعیت"), lambda row: row.get_status_display()),
        column(_("چه چیزی شمرده شود؟"), lambda row: row.get_counts_display()),
        column(_("در چه بازه‌ای؟"), lambda row: row.get_window_display()),
        count("won", _("بار پر شده")),
        at("updated_at", _("تغییر")),
    )
    search_fields = ("name",)
    ordering = ("-id",)
    fields = (*list_display, "about", "badge")
    readonly_fields = fields


@admin.register(MissionWin, site=site)
class MissionWinAdmin(SeenAdmin):
    """Who filled which mission by which purchase."""

    list_display = (
        column(_("مأموریت"), lambda row: row.mission.name),
        column(_("عضو"), won_by),
        count("number", _("دور")),
        column(_("ارزش"), lambda row: money_unit(row.worth)),
        column(_("با خرید"), filled_by),
        "taken_back",
        at("occurred_at", _("زمان")),
    )
    list_filter = (OfMemberFilter, DaysFilter)
    list_select_related = ("member", "mission")
    ordering = ("-occurred_at", "-id")
    fields = list_display
    readonly_fields = fields

    def title_of(self, row: MissionWin) -> str:
        """By the mission."""
        return str(row.mission.name)
