"""What offers gave, to read; and the lotteries that they give chances in."""

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
from club.awards.models import Award
from club.lotteries.models import Lottery
from club.lotteries.services import open_lottery
from club.purchases.documents import KINDS as DOCUMENTS
from core.language import listed
from core.templatetags.club_ui import money_unit
from crm.occasions.models import Occasion
from crm.occasions.naming import name_of
from crm.occasions.selectors import with_names
from desk.manager.filters import DaysFilter, OfMemberFilter
from desk.manager.offers.figures import KINDS
from desk.manager.record import KeptAdmin, SeenAdmin, at, code, column, count, money
from desk.manager.records.catalogue import CodedForm


def given_to(award: Award | Occasion) -> SafeString:
    """The member, linked."""
    url = reverse("admin:members_member_change", args=[award.member_id])
    return format_html('<a href="{}">{}</a>', url, award.member)


def state(award: Award) -> SafeString | str:
    """Whether it was taken back."""
    return format_html('<span class="tag tag-bad">{}</span>', _("پس گرفته شد")) if award.given_back else ""


def by_what(award: Award) -> SafeString | str:
    """The purchase that it was given by, linked."""
    kind, _colon, number = award.document.partition(":")
    if kind != "purchase":
        return str(DOCUMENTS[kind]()) if kind in DOCUMENTS else award.document
    url = reverse("admin:purchases_purchase_change", args=[number])
    return format_html('<a href="{}">{}</a>', url, _("دیدن خرید"))


@admin.register(Award, site=site)
class AwardAdmin(SeenAdmin):
    """What each offer gave to whom."""

    list_display = (
        column(_("پیشنهاد"), lambda row: row.offer.name),
        column(_("عضو"), given_to),
        column(_("نوع"), lambda row: str(KINDS.get(row.kind, row.kind))),
        column(_("ارزش"), lambda row: money_unit(row.worth)),
        money("discount", _("تخفیف")),
        money("credit", _("اعتبار")),
        count("points", _("امتیاز")),
        at("occurred_at", _("زمان")),
        column(_("خرید"), by_what),
        column(_("برگشت"), state),
    )
    list_filter = (OfMemberFilter, DaysFilter)
    list_select_related = ("member", "offer")
    ordering = ("-occurred_at", "-id")
    fields = list_display
    readonly_fields = fields

    def title_of(self, row: Any) -> str:
        """By the offer."""
        return str(row.offer.name)


def what_it_was(row: Any) -> str:
    """The occasion in words; an activity by what the club calls its type."""
    return row.type_name or name_of(row.trigger, {})


@admin.register(Occasion, site=site)
class OccasionAdmin(SeenAdmin):
    """What offers answered to beyond purchases."""

    list_display = (
        column(_("مناسبت"), what_it_was),
        column(_("عضو"), given_to),
        column(_("هدیه"), lambda row: listed(award["name"] for award in row.awards)),
        at("occurred_at", _("زمان")),
        "note",
        at("taken_back_at", _("پس گرفته‌شده")),
        "reason",
    )
    list_filter = (OfMemberFilter, DaysFilter)
    list_select_related = ("member",)
    ordering = ("-occurred_at", "-id")
    fields = list_display
    readonly_fields = fields

    def title_of(self, row: Any) -> str:
        """By what it was."""
        return what_it_was(row)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Occasion]:
        """With what the club calls its types of activity."""
        return with_names(super().get_queryset(request))


class LotteryForm(CodedForm):
    """A lottery to be."""

    class Meta:
        model = Lottery
        fields = ["name", "code"]

    def act(self) -> Lottery:
        """Make it; a code never changes, and neither does the name people were promised."""
        return open_lottery(**self.cleaned_data, actor=self.actor)


@admin.register(Lottery, site=site)
class LotteryAdmin(KeptAdmin):
    """Lotteries; their pages and draws come later."""

    form = LotteryForm
    list_display = ("name", code(_("کد")), at("created_at", _("ساخت")))
    ordering = ("-id",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What was promised, to read."""
        return ("name", "code") if obj is None else ("name", code(_("کد")))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All of one that is there."""
        return () if obj is None else self.get_fields(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: chances were promised in it."""
        return False
