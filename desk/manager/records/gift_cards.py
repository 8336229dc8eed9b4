"""Gift cards, to read: what they hold and where they came from. Their codes are not shown here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.gift_cards.codes import card_key
from club.gift_cards.models import GiftCard
from club.gift_cards.selectors import state_of
from core.tables import writing as tables
from core.templatetags.club_ui import fa, last_day, money_unit
from desk.gift_cards.listing import COLUMNS, STATES
from desk.manager.record import SeenAdmin, actor_column, at, column, island, money


@admin.register(GiftCard, site=site)
class GiftCardAdmin(SeenAdmin):
    """Every card of the club."""

    search_fields = ("code",)  # what is found is decided by `get_search_results`
    search_help_text = _("کد کارت هدیه")
    list_display = (
        column(_("کارت"), lambda row: island(row.masked_code)),
        money("amount", _("مبلغ")),
        column(_("مانده"), lambda row: money_unit(row.wallet.balance)),
        column(_("وضعیت"), lambda row: STATES[state_of(row, timezone.now())]),
        column(_("برای"), lambda row: row.member),
        column(_("از کجا"), lambda row: row.get_origin_display()),
        column(_("تا پایان روز"), lambda row: last_day(row.ends_at)),
        at("occurred_at", _("زمان")),
        actor_column(_("چه کسی")),
    )
    list_filter = ("status", "origin")
    list_select_related = ("wallet", "member")
    ordering = ("-id",)
    fields = readonly_fields = (*list_display, money("price", _("پول گرفته‌شده")), money("money_back", _("پول پس‌داده")))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], term: str) -> tuple[Any, bool]:
        """The card of a code, however it is typed."""
        text = term.replace("\x00", "").strip()
        return (queryset.filter(code=card_key(text)) if text else queryset), False

    def title_of(self, row: Any) -> str:
        """By its number: a code is no name."""
        return str(_("کارت هدیهٔ %(number)s") % {"number": fa(row.pk)})

    def export_columns(self) -> list[tables.Column]:
        """What the list of the panel writes."""
        return [*COLUMNS]
