"""Members: found in any spelling, enrolled and changed through services; the fields that the club added to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.members.models import CustomField, Member
from club.members.own_fields import PREFIX, fields_in_use
from club.members.selectors import search
from club.tiers.models import Tier
from core.forms import WholeField
from core.tables import writing as tables
from core.templatetags.club_ui import money_unit, number
from desk.manager.fields import WordsField
from desk.manager.filters import JoinedFilter, ReturnedFilter
from desk.manager.record import (
    ClubForm,
    RecordAdmin,
    ServiceAdmin,
    at,
    code,
    column,
    count,
    money,
    phone_column,
)
from desk.manager.tables import member_columns, with_standing
from desk.members.forms import KnownMemberForm, MemberForm, with_custom_fields


class TierFilter(admin.SimpleListFilter):
    """Members of a tier."""

    title, parameter_name = _("سطح"), "tier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The club's tiers."""
        return [(tier.code, tier.name) for tier in Tier.objects.order_by("rank")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Who holds the tier."""
        return queryset.filter(tier_code=self.value()) if self.value() else queryset


class StatusFilter(admin.SimpleListFilter):
    """Members who may use the card, and those blocked."""

    title, parameter_name = _("وضعیت"), "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Active or blocked."""
        return [(status.value, status.label) for status in (Member.Status.ACTIVE, Member.Status.BLOCKED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Who has the status."""
        return queryset.filter(status=self.value()) if self.value() else queryset


def name_of(member: Member) -> SafeString:
    """The name; who is blocked is marked."""
    name = member.full_name or _("بی‌نام")
    if member.status == Member.Status.ACTIVE:
        return format_html("{}", name)
    return format_html('{} <span class="tag tag-bad">{}</span>', name, member.get_status_display())


@admin.register(Member, site=site)
class MemberAdmin(ServiceAdmin):
    """Members of the club."""

    form = MemberForm
    search_fields = ("phone",)  # what is found is decided by `search`
    search_help_text = _("موبایل، چند رقم آخر، کارت یا نام با هر املا")
    list_display = (
        column(_("عضو"), name_of, order="last_name"),
        phone_column("phone", _("موبایل")),
        column(_("سطح"), lambda row: row.tier_name),
        count("points", _("امتیاز")),
        money("credit", _("اعتبار")),
        count("visits", _("خریدها")),
        money("spent_rial", _("جمع خرید")),
        at("last_purchase_at", _("آخرین خرید")),
    )
    list_filter = (TierFilter, StatusFilter, JoinedFilter, ReturnedFilter)
    ordering = ("-enrolled_at", "-id")
    readonly_fields = ("figures", "lists")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Members with their balances and the name of their tier; who was erased is no longer shown."""
        return with_standing(super().get_queryset(request).exclude(status=Member.Status.ERASED))

    def export_columns(self) -> list[tables.Column]:
        """All that is known of a member."""
        return member_columns()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], term: str) -> tuple[Any, bool]:
        """By phone, last digits, card, or name in any spelling: what the till finds."""
        text = term.replace("\x00", "").strip()
        return (queryset.filter(pk__in=search(text).values("pk")) if text else queryset), False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """With the fields that the club added."""
        options["form"], _names = with_custom_fields(KnownMemberForm if obj else MemberForm)
        options["fields"] = None
        return super().get_form(request, obj, change=change, **options)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who it is; what the club asks besides; how the member stands."""
        custom = [PREFIX + field.code for field in fields_in_use()]
        person = ["phone", "first_name", "last_name", "gender", "birth_date", "email", "city", "language"]
        person += ["card", "external_id", "source"]
        sets: list[tuple[Any, Any]] = [(None, {"fields": person}), (_("بیشتر"), {"fields": ["tags", *custom]})]
        if obj:
            sets.insert(0, (_("در یک نگاه"), {"fields": ["figures", "lists"]}))
            sets.append((_("وضعیت"), {"fields": ["status", "sms_consent", "tier_floor"]}))
        return sets

    @admin.display(description=_("اندازه‌ها"))
    def figures(self, member: Any) -> SafeString:
        """Balances and figures on one line."""
        return format_html(
            "{} {} · {} {} · {} {} · {} {} · {} {}",
            number(member.points or 0),
            _("امتیاز"),
            money_unit(member.credit or 0),
            _("اعتبار"),
            number(member.visits),
            _("خرید"),
            money_unit(member.spent_rial),
            _("جمع خرید"),
            _("سطح"),
            member.tier_name or "—",
        )

    @admin.display(description=_("فهرست‌ها"))
    def lists(self, member: Any) -> SafeString:
        """The member's own purchases, entries and messages."""
        query = urlencode({"of": member.pk})
        return format_html(
            '<a href="{}?{}">{}</a> · <a href="{}?{}">{}</a> · <a href="{}?{}">{}</a>',
            reverse("admin:purchases_purchase_changelist"),
            query,
            _("خریدها"),
            reverse("admin:ledger_entry_changelist"),
            query,
            _("گردش امتیاز و اعتبار"),
            reverse("admin:sms_outboxmessage_changelist"),
            query,
            _("پیامک‌ها"),
        )


ASKED = ("is_asked_at_till", "is_asked_at_joining", "is_shown_to_member")


class CustomFieldForm(ClubForm):
    """A field of the club's own."""

    choices = WordsField(label=_("گزینه‌ها"), required=False, help_text=_("تنها برای نوع «گزینه»؛ با ویرگول جدا کنید."))
    position = WholeField(label=_("ترتیب"), most=32_767, required=False, initial=0)

    class Meta:
        model = CustomField
        fields = ["label", "code", "kind", "choices", "position", *ASKED, "is_active"]
        error_messages = {"code": {"invalid": _("کد تنها حرف و رقم لاتین، «-» و «_» دارد؛ مانند coffee.")}}

    def clean_position(self) -> int:
        """First where nothing was typed."""
        return self.cleaned_data["position"] or 0

    def clean(self) -> dict[str, Any]:
        """A field of choices has some."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") == CustomField.Kind.CHOICE and not cleaned.get("choices"):
            self.add_error("choices", _("گزینه‌ها را بنویسید."))
        return cleaned


@admin.register(CustomField, site=site)
class CustomFieldAdmin(RecordAdmin):
    """The fields that the club added to its members."""

    form = CustomFieldForm
    kept = (code(_("کد")), "kind")
    list_display = ("label", *kept, "is_active")
    ordering = ("position", "id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What members' values are kept under is shown, not asked for, once it is there."""
        return ["label", *(self.kept if obj else ("code", "kind")), "choices", "position", *ASKED, "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What members' values are kept under does not change."""
        return self.kept if obj else ()
