"""How the club rewards: the settings of the programme in force from a day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from accounts.rights import actor_of
from club.programme.models import ProgrammeVersion
from club.programme.rules import BIGINT_MAX, CHOICES, NUMBERS, REQUIRED, Programme
from club.programme.selectors import programme_at
from club.programme.services import change_programme, withdraw_change
from core.errors import AppError, Text
from core.forms import JalaliDateField, MoneyField
from core.jalali import day_bounds, local_date
from core.templatetags.club_ui import jalali_time, money_unit, number, percent
from core.tenancy.scope import current_club
from desk.manager.fields import HundredthsField, WholeField
from desk.manager.record import (
    ServiceAdmin,
    ServiceForm,
    actor_column,
    at,
    column,
    with_names,
)

PERIODS = {
    None: _("بی پایان"),
    "month": _("پایان همان ماه"),
    "season": _("پایان همان فصل"),
    "year": _("پایان همان سال"),
}
SHORTFALLS = {"clip": _("همان که هست پس گرفته شود"), "debt": _("مانده بدهی شود")}


@dataclass(frozen=True)
class Setting:
    """A setting of the programme as people read and type it."""

    name: str
    label: Text
    kind: str
    hint: Text = ""

    def field(self) -> forms.Field:
        """The form field of the setting."""
        options: dict[str, Any] = {"label": self.label, "help_text": self.hint, "required": self.name in REQUIRED}
        least, most = NUMBERS.get(self.name, (0, 0))
        match self.kind:
            case "money":
                return MoneyField(min_rial=least, max_rial=most, **options)
            case "percent":
                return HundredthsField(most=most, **options)
            case "bool":
                return forms.BooleanField(**{**options, "required": False})
            case "choice":
                shown = PERIODS if None in CHOICES[self.name] else SHORTFALLS
                options["required"] = False
                choices = [(code or "", text) for code, text in shown.items()]
                return forms.TypedChoiceField(choices=choices, empty_value=None, **options)
        return WholeField(least=least, most=min(most, BIGINT_MAX), **options)

    def shown(self, settings: Programme | Mapping[str, Any]) -> str:
        """The value in words."""
        value = settings[self.name] if isinstance(settings, Mapping) else getattr(settings, self.name)
        if self.kind == "bool":
            return str(_("بله") if value else _("نه"))
        if self.kind == "choice":
            return str((PERIODS if self.name.endswith("valid_to") else SHORTFALLS)[value])
        if value is None:
            return "—"
        return {"money": money_unit, "percent": percent}.get(self.kind, number)(value)


SETTINGS: tuple[tuple[Text, tuple[Setting, ...]], ...] = (
    (
        _("امتیاز"),
        (
            Setting("rial_per_point", _("خرید برای هر امتیاز"), "money", _("خالی: خرید امتیاز نمی‌دهد")),
            Setting("points_per_visit", _("امتیاز هر بار خرید"), "whole", _("خالی: ندارد")),
            Setting("point_worth", _("ارزش هر امتیاز هنگام خرج"), "money"),
            Setting("points_spendable", _("امتیاز در صندوق خرج می‌شود"), "bool"),
            Setting("points_valid_days", _("مهلت امتیاز به روز"), "whole", _("خالی: بی پایان")),
            Setting("points_valid_to", _("مهلت امتیاز تا"), "choice"),
            Setting("points_idle_days", _("پایان امتیاز پس از چند روز بی‌خرید"), "whole", _("خالی: هرگز")),
            Setting("points_usable_after_hours", _("امتیاز پس از چند ساعت خرج می‌شود"), "whole"),
        ),
    ),
    (
        _("اعتبار"),
        (
            Setting("credit_bp", _("اعتبار از هر خرید (درصد)"), "percent", _("مانند ۷٫۵؛ خالی: ندارد")),
            Setting(
                "credit_worth_bp",
                _("ارزش اعتبار در سنجش با تخفیف (درصد)"),
                "percent",
                _("تنها برای مقایسه؛ اعتبار هنگام خرج همیشه به همان مبلغ است."),
            ),
            Setting("credit_valid_days", _("مهلت اعتبار به روز"), "whole", _("خالی: بی پایان")),
            Setting("credit_valid_to", _("مهلت اعتبار تا"), "choice"),
            Setting("credit_idle_days", _("پایان اعتبار پس از چند روز بی‌خرید"), "whole", _("خالی: هرگز")),
            Setting("credit_usable_after_hours", _("اعتبار پس از چند ساعت خرج می‌شود"), "whole"),
        ),
    ),
    (
        _("خرج کردن"),
        (
            Setting("max_credit_share_bp", _("بیشترین سهم خرید که با اعتبار می‌شود (درصد)"), "percent", _("خالی: همه")),
            Setting("min_purchase_to_spend", _("کمترین خرید برای خرج کردن"), "money", _("خالی: هر خریدی")),
            Setting("earn_on_part_paid_by_value", _("بخشی که با امتیاز و اعتبار پرداخت شد هم پاداش دارد"), "bool"),
            Setting("refund_shortfall", _("اگر هنگام برگشت، پاداش خرج شده بود"), "choice"),
        ),
    ),
    (
        _("سقف‌ها و گرد کردن"),
        (
            Setting("rounding_step", _("گرد کردن مبلغ‌ها به"), "money"),
            Setting("max_discount_bp", _("بیشترین تخفیف یک خرید (درصد)"), "percent", _("خالی: بی سقف")),
            Setting("max_points_per_purchase", _("بیشترین امتیاز یک خرید"), "whole", _("خالی: بی سقف")),
            Setting("max_points_per_day", _("بیشترین امتیاز یک روز"), "whole", _("خالی: بی سقف")),
            Setting("max_points_balance", _("بیشترین ماندهٔ امتیاز"), "whole", _("خالی: بی سقف")),
            Setting("margin_bp", _("سود فروش، برای گزارش‌ها (درصد)"), "percent"),
        ),
    ),
)
ALL_SETTINGS = {setting.name: setting for _title, settings in SETTINGS for setting in settings}


class ProgrammeForm(ServiceForm):
    """All settings as they are, and from when the changed ones hold."""

    effective_from = JalaliDateField(
        label=_("از روز"), required=False, help_text=_("خالی: از همین حالا. خریدهای پیشین هرگز عوض نمی‌شوند.")
    )

    class Meta:
        model = ProgrammeVersion
        fields: list[str] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = timezone.now()
        present = programme_at(self.now)
        self.fields["effective_from"].first = local_date(self.now, current_club().time_zone)  # type: ignore[attr-defined]
        for name, setting in ALL_SETTINGS.items():
            self.fields[name] = setting.field()
            self.initial[name] = getattr(present, name)
        self.say_units()

    def clean(self) -> dict[str, Any]:
        """Something is changed."""
        cleaned = super().clean() or {}
        if not self.errors and not self._changed():
            self.add_error(None, _("چیزی عوض نشده است."))
        return cleaned

    def _changed(self) -> dict[str, Any]:
        return {name: value for name, value in self.changes().items() if name in ALL_SETTINGS}

    def act(self) -> ProgrammeVersion:
        """Put the changes in force."""
        change_programme(self._changed(), effective_from=self._start(), actor=self.actor)
        newest: ProgrammeVersion = ProgrammeVersion.objects.order_by("-id")[0]
        return newest

    def _start(self) -> datetime:
        day, zone = self.cleaned_data.get("effective_from"), current_club().time_zone
        return self.now if day is None or day == local_date(self.now, zone) else day_bounds(day, zone)[0]


def when(version: ProgrammeVersion) -> SafeString:
    """Whether a version is in force, over, or to come."""
    tone, text = {
        "now": ("ok", _("در حال اجرا")),
        "later": ("saffron", _("در راه")),
        "past": ("plain", _("گذشته")),
        "withdrawn": ("plain", _("پس گرفته شد")),
    }[getattr(version, "when", "past")]
    return format_html('<span class="tag tag-{}">{}</span>', tone, text)


def differences(version: ProgrammeVersion) -> SafeString | str:
    """What was asked to hold from then on."""
    if getattr(version, "is_first", False):
        return str(_("نخستین تنظیم"))
    if version.withdraws_id:
        return str(_("تغییر این زمان پس گرفته شد"))
    settings = Programme.from_json(version.settings)
    asked = [item for name, item in ALL_SETTINGS.items() if name in version.changes]
    shown = format_html_join("، ", "{}: {}", ((item.label, item.shown(settings)) for item in asked))
    return shown or str(_("دنبالهٔ تغییری که پیش از این آغاز می‌شود"))


@admin.register(ProgrammeVersion, site=site)
class ProgrammeAdmin(ServiceAdmin):
    """Versions of the programme: a new one is added, an old one is only read."""

    form = ProgrammeForm
    list_display = (
        at("effective_from", _("از")),
        column(_("وضعیت"), when),
        column(_("چه عوض شد"), differences),
        actor_column(_("چه کسی")),
        at("created_at", _("ثبت")),
    )
    ordering = ("-effective_from", "-id")
    actions = ("withdraw",)
    actions_selection_counter = False

    @admin.action(description=_("پس گرفتن تغییری که هنوز در راه است"))
    def withdraw(self, request: HttpRequest, queryset: Any) -> None:
        """Each chosen change that is not in force yet, or why not."""
        for version in queryset.order_by("effective_from", "id"):
            try:
                withdraw_change(version.pk, actor=actor_of(request.user), now=timezone.now())
            except AppError as refused:
                self.message_user(request, f"{jalali_time(version.effective_from)}: {refused.detail}", messages.ERROR)
            else:
                self.message_user(request, _("تغییر %s پس گرفته شد.") % jalali_time(version.effective_from))

    def title_of(self, row: Any) -> str:
        """By its first moment."""
        return str(_("از %(moment)s") % {"moment": jalali_time(row.effective_from)})

    def audit_target(self, obj: Any) -> str:
        """All versions are of one programme."""
        return "programme"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was in force stays as it was."""
        return False

    def prepare(self, rows: list[Any]) -> None:
        """Each version beside the one before it; who wrote it."""
        with_names(rows)
        now, ordered = timezone.now(), list(ProgrammeVersion.objects.order_by("effective_from", "id"))
        in_force = [version.pk for version in ordered if version.effective_from <= now][-1:]
        withdrawn = {version.withdraws_id for version in ordered}
        first = min((version.pk for version in ordered), default=None)
        for row in rows:
            row.is_first = row.pk == first
            row.when = "now" if row.pk in in_force else "later" if row.effective_from > now else "past"
            if row.pk in withdrawn:
                row.when = "withdrawn"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """All fields of the form are its own."""
        if obj is not None:
            return super().get_form(request, obj, change=change, **{**options, "fields": []})
        return type("ProgrammeForm", (ProgrammeForm,), {"actor": actor_of(request.user), "Meta": ProgrammeForm.Meta})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A version as it is; a new one by subject."""
        if obj is not None:
            return [(None, {"fields": ["start", "settings_shown", "author"]})]
        groups = [(title, {"fields": [setting.name for setting in settings]}) for title, settings in SETTINGS]
        return [(None, {"fields": ["effective_from"]}), *groups]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A version is only read."""
        return ("start", "settings_shown", "author") if obj else ()

    @admin.display(description=_("از"))
    def start(self, version: ProgrammeVersion) -> str:
        """The moment from which it holds."""
        return jalali_time(version.effective_from)

    @admin.display(description=_("چه کسی"))
    def author(self, version: ProgrammeVersion) -> str:
        """Who wrote it, and when."""
        with_names([version])
        return f"{version.actor_name} · {jalali_time(version.created_at)}"  # type: ignore[attr-defined]

    @admin.display(description=_("تنظیم‌ها"))
    def settings_shown(self, version: ProgrammeVersion) -> SafeString:
        """All settings with their values."""
        programme = Programme.from_json(version.settings)
        rows = ((item.label, item.shown(programme)) for item in ALL_SETTINGS.values())
        return format_html("<dl class='facts'>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))
