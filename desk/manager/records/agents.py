"""Agents with their contracts, commissions and payouts, to read: they are worked on at pages of their own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from core.templatetags.club_ui import money_unit
from crm.agents.iban import grouped_iban
from crm.agents.models import Agent, Commission, ContractTerms, Payout
from desk.manager.filters import DaysFilter
from desk.manager.record import SeenAdmin, actor_column, at, column, count, day, island, money, phone_column, rate


def card_of(agent: Agent) -> SafeString:
    """The agent's card, linked."""
    return format_html('<a href="{}"><bdi>{}</bdi></a>', reverse("desk:agent_card", args=[agent.pk]), agent.name)


OF_AGENT = column(_("صفحهٔ عامل"), lambda row: card_of(row.agent))


def bought_by(row: Commission) -> SafeString:
    """The purchase, linked."""
    url = reverse("admin:purchases_purchase_change", args=[row.purchase_id])
    return format_html('<a href="{}">{}</a>', url, _("دیدن خرید"))


@admin.register(Agent, site=site)
class AgentAdmin(SeenAdmin):
    """Who brings customers, asked to, or did once."""

    search_fields = ("name", "phone")
    list_display = (
        column(_("نام"), lambda row: row.name),
        phone_column("phone", _("موبایل")),
        column(_("نوع"), lambda row: row.get_kind_display()),
        column(_("وضعیت"), lambda row: row.get_status_display()),
        at("joined_at", _("آغاز")),
        at("ended_at", _("پایان")),
    )
    list_filter = ("status", "kind")
    ordering = ("-id",)
    fields = readonly_fields = (
        *list_display,
        column(_("صفحهٔ عامل"), card_of),
        column(_("شبا"), lambda row: island(grouped_iban(row.iban)) if row.iban else None),
        column(_("یادداشت"), lambda row: row.note),
        column(_("دلیل پایان"), lambda row: row.end_reason),
        at("created_at", _("ثبت")),
    )

    def title_of(self, row: Agent) -> str:
        """By the name."""
        return str(row.name)


@admin.register(ContractTerms, site=site)
class ContractTermsAdmin(SeenAdmin):
    """Every version of every contract."""

    list_display = (
        column(_("عامل"), lambda row: row.agent.name),
        count("number", _("نسخه")),
        rate("percent_bp", _("درصد از خرید")),
        column(_("از کدام خرید"), lambda row: row.get_basis_display()),
        count("hold_days", _("روزهای نگه‌داری")),
        day("starts_on", _("از روز")),
        day("ends_on", _("تا پایان روز")),
    )
    list_select_related = ("agent",)
    ordering = ("-id",)
    fields = readonly_fields = (
        *list_display,
        OF_AGENT,
        column(_("سقف هر ماه"), lambda row: None if row.cap_month is None else money_unit(row.cap_month)),
        column(_("سقف کل قرارداد"), lambda row: None if row.cap_total is None else money_unit(row.cap_total)),
        actor_column(_("چه کسی")),
        at("created_at", _("ثبت")),
    )

    def title_of(self, row: ContractTerms) -> str:
        """By the agent."""
        return str(row.agent.name)


@admin.register(Commission, site=site)
class CommissionAdmin(SeenAdmin):
    """What each purchase brought its agent."""

    list_display = (
        column(_("عامل"), lambda row: row.agent.name),
        column(_("با خرید"), bought_by),
        money("base", _("مبنا")),
        money("amount", _("پورسانت")),
        money("reversed", _("برگشته")),
        day("due_on", _("قابل پرداخت از")),
        at("occurred_at", _("زمان خرید")),
    )
    list_filter = (DaysFilter,)
    list_select_related = ("agent",)
    ordering = ("-id",)
    fields = readonly_fields = (*list_display, OF_AGENT, at("matured_at", _("قابل پرداخت شد")))

    def title_of(self, row: Commission) -> str:
        """By the agent."""
        return str(row.agent.name)


@admin.register(Payout, site=site)
class PayoutAdmin(SeenAdmin):
    """What agents are or were paid."""

    search_fields = ("reference",)
    list_display = (
        column(_("عامل"), lambda row: row.agent.name),
        money("amount", _("مبلغ")),
        column(_("شبا"), lambda row: island(grouped_iban(row.iban))),
        column(_("وضعیت"), lambda row: row.get_status_display()),
        column(_("شمارهٔ پیگیری"), lambda row: island(row.reference) if row.reference else None),
        day("paid_on", _("روز پرداخت")),
    )
    list_filter = ("status",)
    list_select_related = ("agent", "run")
    ordering = ("-id",)
    fields = readonly_fields = (*list_display, OF_AGENT, column(_("فهرست پرداخت"), lambda row: island(row.run_id)))

    def title_of(self, row: Payout) -> str:
        """By the agent."""
        return str(row.agent.name)
