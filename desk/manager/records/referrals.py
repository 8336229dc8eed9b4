"""Referrals and their rewards, to read: who brought whom, and what it earned."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.members.models import Member
from crm.referrals.models import Referral, ReferralReward
from desk.manager.record import SeenAdmin, at, column, money


def member_link(member: Member) -> SafeString:
    """The member, linked."""
    url = reverse("admin:members_member_change", args=[member.pk])
    return format_html('<a href="{}">{}</a>', url, member)


def bought(row: ReferralReward) -> SafeString:
    """The purchase, linked."""
    url = reverse("admin:purchases_purchase_change", args=[row.purchase_id])
    return format_html('<a href="{}">{}</a>', url, _("دیدن خرید"))


@admin.register(Referral, site=site)
class ReferralAdmin(SeenAdmin):
    """Who brought whom."""

    list_display = (
        column(_("معرف"), lambda row: row.referrer),
        column(_("دوست"), lambda row: member_link(row.friend)),
        column(_("بررسی"), lambda row: row.get_review_display()),
        at("joined_at", _("عضویت")),
        at("converted_at", _("نخستین خرید")),
    )
    list_filter = ("review",)
    list_select_related = ("referrer", "friend")
    ordering = ("-id",)
    fields = readonly_fields = (
        *list_display,
        column(_("صفحهٔ معرف"), lambda row: member_link(row.referrer)),
        at("decided_at", _("زمان تصمیم")),
        column(_("دلیل تصمیم"), lambda row: row.decision_reason),
    )

    def title_of(self, row: Referral) -> str:
        """By who brought whom."""
        return f"{row.referrer} ← {row.friend}"


@admin.register(ReferralReward, site=site)
class ReferralRewardAdmin(SeenAdmin):
    """What each purchase of a friend earned."""

    list_display = (
        column(_("معرف"), lambda row: row.referral.referrer),
        column(_("با خرید"), bought),
        money("amount", _("پاداش")),
        money("taken", _("پس گرفته")),
        column(_("وضعیت"), lambda row: row.get_state_display()),
        at("due_at", _("سررسید")),
        at("paid_at", _("پرداخت")),
    )
    list_filter = ("state",)
    list_select_related = ("referral__referrer",)
    ordering = ("-id",)
    fields = readonly_fields = (
        *list_display,
        column(_("صفحهٔ معرف"), lambda row: member_link(row.referral.referrer)),
        money("base_rial", _("مبنای پاداش")),
    )

    def title_of(self, row: ReferralReward) -> str:
        """By who brought the friend."""
        return str(row.referral.referrer)
