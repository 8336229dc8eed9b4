"""The settings of the programme as people read and type them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from club.programme.rules import BIGINT_MAX, CHOICES, NUMBERS, REQUIRED, Programme
from core.errors import Text
from core.forms import MoneyField, WholeField
from core.templatetags.club_ui import money_unit, number, percent
from desk.manager.fields import HundredthsField

PERIODS = {
    None: _("بی پایان"),
    "month": _("پایان همان ماه"),
    "season": _("پایان همان فصل"),
    "year": _("پایان همان سال"),
}
SHORTFALLS = {"clip": _("همان که هست پس گرفته شود"), "debt": _("مانده بدهی شود")}


@dataclass(frozen=True)
class Setting:
    """A setting of the programme: `unit` is what its number counts, where that is no money."""

    name: str
    label: Text
    kind: str
    hint: Text = ""
    unit: Text = ""

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
                is_open = None in CHOICES[self.name]
                shown = PERIODS if is_open else SHORTFALLS
                options["required"] = not is_open
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
        said = {"money": money_unit, "percent": percent}.get(self.kind, number)(value)
        return f"{said} {self.unit}" if self.unit and self.kind == "whole" else said


@dataclass(frozen=True)
class Chapter:
    """Settings of one subject."""

    title: Text
    lead: Text
    settings: tuple[Setting, ...]


DAYS, HOURS, POINTS = pgettext_lazy("unit", "روز"), _("ساعت"), _("امتیاز")
NEVER_IDLE = _("خالی: هرگز؛ هر خرید این روزها را از نو آغاز می‌کند.")
CHAPTERS = (
    Chapter(
        _("گرفتن امتیاز و اعتبار"),
        _("هر خرید چه می‌دهد و از کی می‌شود خرجش کرد."),
        (
            Setting("rial_per_point", _("خرید برای هر امتیاز"), "money", _("خالی: خرید امتیاز نمی‌دهد")),
            Setting("credit_bp", _("اعتبار از هر خرید (درصد)"), "percent", _("مانند ۷٫۵؛ خالی: ندارد")),
            Setting(
                "points_usable_after_hours",
                _("امتیاز پس از چند ساعت خرج می‌شود"),
                "whole",
                _("۰: همان لحظه"),
                HOURS,
            ),
            Setting(
                "credit_usable_after_hours",
                _("اعتبار پس از چند ساعت خرج می‌شود"),
                "whole",
                _("۰: همان لحظه"),
                HOURS,
            ),
            Setting("points_per_visit", _("امتیاز هر بار خرید"), "whole", _("خالی: ندارد"), POINTS),
            Setting("earn_on_part_paid_by_value", _("بخشی که با امتیاز و اعتبار پرداخت شد هم پاداش دارد"), "bool"),
        ),
    ),
    Chapter(
        _("مهلت خرج کردن"),
        _("هر کدام زودتر برسد پایان است؛ آنچه پیش از این داده شده مهلت خودش را دارد."),
        (
            Setting("points_valid_days", _("مهلت امتیاز به روز"), "whole", _("خالی: بی پایان"), DAYS),
            Setting("credit_valid_days", _("مهلت اعتبار به روز"), "whole", _("خالی: بی پایان"), DAYS),
            Setting("points_valid_to", _("مهلت امتیاز تا"), "choice"),
            Setting("credit_valid_to", _("مهلت اعتبار تا"), "choice"),
            Setting("points_idle_days", _("پایان امتیاز پس از چند روز بی‌خرید"), "whole", NEVER_IDLE, DAYS),
            Setting("credit_idle_days", _("پایان اعتبار پس از چند روز بی‌خرید"), "whole", NEVER_IDLE, DAYS),
        ),
    ),
    Chapter(
        _("خرج کردن"),
        _("امتیاز و اعتبار چگونه جای پول را می‌گیرند."),
        (
            Setting("point_worth", _("ارزش هر امتیاز هنگام خرج"), "money"),
            Setting("max_credit_share_bp", _("بیشترین سهم خرید که با اعتبار می‌شود (درصد)"), "percent", _("خالی: همه")),
            Setting("min_purchase_to_spend", _("کمترین خرید برای خرج کردن"), "money", _("خالی: هر خریدی")),
            Setting(
                "credit_worth_bp",
                _("ارزش اعتبار در سنجش با تخفیف (درصد)"),
                "percent",
                _("تنها برای مقایسه؛ اعتبار هنگام خرج همیشه به همان مبلغ است."),
            ),
            Setting("points_spendable", _("امتیاز در صندوق خرج می‌شود"), "bool"),
        ),
    ),
    Chapter(
        _("سقف‌ها و گرد کردن"),
        _("بیش از این داده نمی‌شود."),
        (
            Setting("max_points_per_purchase", _("بیشترین امتیاز یک خرید"), "whole", _("خالی: بی سقف"), POINTS),
            Setting("max_points_per_day", _("بیشترین امتیاز یک روز"), "whole", _("خالی: بی سقف"), POINTS),
            Setting("max_points_balance", _("بیشترین ماندهٔ امتیاز"), "whole", _("خالی: بی سقف"), POINTS),
            Setting("max_discount_bp", _("بیشترین تخفیف یک خرید (درصد)"), "percent", _("خالی: بی سقف")),
            Setting("rounding_step", _("گرد کردن مبلغ‌ها به"), "money"),
        ),
    ),
    Chapter(
        _("برگشت خرید و گزارش‌ها"),
        _("امتیاز و اعتبار خریدی که برمی‌گردد پس گرفته می‌شود."),
        (
            Setting("refund_shortfall", _("اگر هنگام برگشت، پاداش خرج شده بود"), "choice"),
            Setting(
                "margin_bp",
                _("سود فروش، برای گزارش‌ها (درصد)"),
                "percent",
                _("برای سنجیدن اینکه یک پیشنهاد می‌ارزد یا نه."),
            ),
        ),
    ),
)
ASKED = {setting.name: setting for chapter in CHAPTERS for setting in chapter.settings}
