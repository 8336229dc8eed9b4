"""Members: found in any spelling, enrolled and changed through services; the fields that the club added to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from club.awards.enrolment import enrol_member
from club.awards.profile import change_member
from club.members.models import CustomField, Member
from club.members.own_fields import PREFIX, fields_in_use, form_fields, typed_values, without_blanks
from club.members.selectors import search
from club.members.standing import change_standing
from club.tiers.models import Tier
from core.forms import JalaliDateField, NumberTextField, PhoneField, WholeField
from core.tables import writing as tables
from core.templatetags.club_ui import money_unit, number
from desk.manager.fields import WordsField
from desk.manager.filters import JoinedFilter, ReturnedFilter
from desk.manager.record import (
    ClubForm,
    RecordAdmin,
    ServiceAdmin,
    ServiceForm,
    at,
    code,
    column,
    count,
    money,
    phone_column,
)
from desk.manager.tables import member_columns, with_standing

PERSON = (
    "phone",
    "first_name",
    "last_name",
    "gender",
    "birth_date",
    "email",
    "card",
    "external_id",
    "source",
    "tags",
)


class MemberForm(ServiceForm):
    """A member's own data; fields the club added are put in by `with_custom_fields`."""

    phone = PhoneField(label=_("موبایل"), required=False)
    card = NumberTextField(label=_("شمارهٔ کارت"), required=False, max_length=40)
    external_id = NumberTextField(label=_("شناسهٔ بیرونی"), required=False, max_length=64)
    birth_date = JalaliDateField(label=_("تاریخ تولد"), required=False)
    tags = WordsField(label=_("برچسب‌ها"), required=False, help_text=_("با ویرگول از هم جدا کنید."))

    class Meta:
        model = Member
        fields = ["phone", "first_name", "last_name", "gender", "birth_date", "email", "card", "external_id", "source"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in self.fields:
            if name.startswith(PREFIX):
                self.initial[name] = self.instance.custom.get(name.removeprefix(PREFIX), "")
        self.initial["tags"] = self.instance.tags
        self.initial.update({name: self.initial.get(name) or "" for name in ("phone", "card", "external_id")})

    def act(self) -> Member:
        """Enrol a new member; change what was changed of a known one."""
        now = timezone.now()
        if self.instance.pk is None:
            person = {name: self.cleaned_data[name] for name in PERSON if self.cleaned_data.get(name)}
            person["tags"] = tuple(person.get("tags", ()))
            return enrol_member(actor=self.actor, now=now, custom=self._custom(), **person)
        changes = self.changes()
        standing = {name: changes.pop(name) for name in ("status", "sms_consent") if name in changes}
        changed_custom = [name for name in changes if name.startswith(PREFIX)]
        for name in changed_custom:
            del changes[name]
        if changed_custom:
            changes["custom"] = self._custom()
        member = self.instance
        if standing:
            member = change_standing(member.pk, actor=self.actor, now=now, **standing)
        return change_member(member.pk, changes, actor=self.actor, now=now) if changes else member

    def _custom(self) -> dict[str, Any]:
        return without_blanks({**self.instance.custom, **typed_values(self.cleaned_data)})


class KnownMemberForm(MemberForm):
    """A known member also has a standing, and a floor below which the tier never falls."""

    status = forms.ChoiceField(
        label=_("وضعیت"), choices=[(c.value, c.label) for c in (Member.Status.ACTIVE, Member.Status.BLOCKED)]
    )
    tier_floor = forms.ChoiceField(label=_("کف سطح"), required=False, help_text=_("سطح عضو از این پایین‌تر نمی‌آید."))

    class Meta(MemberForm.Meta):
        fields = [*MemberForm.Meta.fields, "status", "sms_consent", "tier_floor"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        tiers = [(tier.code, tier.name) for tier in Tier.objects.order_by("rank")]
        if "tier_floor" in self.fields:
            self.fields["tier_floor"].choices = [("", _("ندارد")), *tiers]  # type: ignore[attr-defined]

    def clean_tier_floor(self) -> str | None:
        """The code of a tier, or none."""
        return self.cleaned_data["tier_floor"] or None


def with_custom_fields(form: type[MemberForm]) -> tuple[type[MemberForm], list[str]]:
    """The form with a field for each one that the club added, and their names."""
    added = form_fields(fields_in_use())
    return type(form.__name__, (form,), {**added, "Meta": form.Meta}), list(added)


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
        person = ["phone", "first_name", "last_name", "gender", "birth_date", "email", "card", "external_id", "source"]
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
    list_display = ("label", *kept, *ASKED, "is_active")
    ordering = ("position", "id")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What members' values are kept under is shown, not asked for, once it is there."""
        return ["label", *(self.kept if obj else ("code", "kind")), "choices", "position", *ASKED, "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What members' values are kept under does not change."""
        return self.kept if obj else ()
