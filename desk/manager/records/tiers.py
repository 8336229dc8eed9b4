"""Tiers: the levels that members climb."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from accounts.rights import actor_of
from club.members.models import Member
from club.tiers.models import Tier
from club.tiers.services import NewTier, create_tier, delete_tier, still_held, update_tier
from core.errors import AppError, Text
from core.forms import WholeField, set_choices
from core.money import format_money, parse_money, unit_name
from core.templatetags.club_ui import money_unit, number
from core.tenancy.scope import current_club
from core.text import latin_digits
from desk.manager.fields import HundredthsField
from desk.manager.record import (
    KeptAdmin,
    ServiceForm,
    column,
    count,
    rate,
)

FACTOR = HundredthsField(per=100)


class TierForm(ServiceForm):
    """A tier; its threshold is money, points or purchases, by its metric."""

    rank = WholeField(label=_("پایه"), most=32_767, help_text=_("۰ پایین‌ترین سطح است."))
    threshold = forms.CharField(label=_("از"), help_text=_("همان که در سنجه برگزیدید: مبلغ خرید، امتیاز یا شمار خرید."))
    window_days = WholeField(
        label=_("در چند روز گذشته"), required=False, least=1, most=36_500, help_text=_("خالی: از آغاز عضویت")
    )
    points_factor_bp = HundredthsField(label=_("ضریب امتیاز"), per=100, most=1_000_000, help_text=_("مانند ۱٫۵"))
    extra_credit_bp = HundredthsField(label=_("درصد اعتبار افزوده"), required=False)
    grace_days = WholeField(label=_("روزهای مهلت پیش از پایین رفتن"), required=False, most=36_500)

    class Meta:
        model = Tier
        fields = [
            "name",
            "code",
            "rank",
            "metric",
            "threshold",
            "window_days",
            "points_factor_bp",
            "extra_credit_bp",
            "downgrade",
            "grace_days",
        ]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "metric" in self.fields:
            spent = _("جمع خرید (%(unit)s)") % {"unit": unit_name(current_club().currency_unit)}
            metrics = {**dict(Tier.Metric.choices), Tier.Metric.SPENT: spent}
            set_choices(self, "metric", list(metrics.items()))
        if self.instance.pk:
            in_money = self.instance.metric == Tier.Metric.SPENT
            unit = current_club().currency_unit
            shown = format_money(self.instance.threshold, unit) if in_money else number(self.instance.threshold)
            self.initial["threshold"] = shown
            if "code" in self.fields:
                self.fields["code"].disabled = True
        else:
            self.initial["points_factor_bp"] = 10_000

    def clean_extra_credit_bp(self) -> int:
        """None is none."""
        return self.cleaned_data["extra_credit_bp"] or 0

    def clean_grace_days(self) -> int:
        """None is none."""
        return self.cleaned_data["grace_days"] or 0

    def clean(self) -> dict[str, Any]:
        """Read the threshold by what it is counted in."""
        cleaned = super().clean() or {}
        if "threshold" in cleaned and "metric" in cleaned:
            try:
                unit = current_club().currency_unit if cleaned["metric"] == Tier.Metric.SPENT else "rial"
                cleaned["threshold"] = parse_money(latin_digits(cleaned["threshold"]), unit)
            except AppError as refused:
                self.add_error("threshold", refused.detail)
        return cleaned

    def act(self) -> Tier:
        """Make the tier, or change what was changed."""
        if self.instance.pk is None:
            return create_tier(NewTier(**self.cleaned_data), actor=self.actor)
        changes = {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "code" and value != getattr(self.instance, name)
        }
        return update_tier(self.instance.code, changes, actor=self.actor) if changes else self.instance


def threshold(tier: Tier) -> str:
    """From how much, in what it is counted."""
    if tier.metric == Tier.Metric.SPENT:
        return money_unit(tier.threshold)
    return f"{number(tier.threshold)} {_('امتیاز') if tier.metric == Tier.Metric.POINTS else _('خرید')}"


def factor(tier: Tier) -> str:
    """How many times the points, as it is typed in the form."""
    return str(_("%(times)s برابر") % {"times": FACTOR.prepare_value(tier.points_factor_bp)})


@admin.register(Tier, site=site)
class TierAdmin(KeptAdmin):
    """The levels members climb."""

    form = TierForm
    list_display = (
        "name",
        column(_("از"), threshold),
        count("window_days", _("در چند روز")),
        column(_("ضریب امتیاز"), factor, order="points_factor_bp"),
        rate("extra_credit_bp", _("اعتبار افزوده")),
        "downgrade",
        column(_("اعضا"), lambda row: number(row.members), kind="number", value=attrgetter("members")),
    )
    ordering = ("rank",)

    def prepare(self, rows: list[Any]) -> None:
        """How many hold each tier."""
        held = dict(Member.objects.values_list("tier_code").annotate(members=Count("pk")).order_by())
        for row in rows:
            row.members = held.get(row.code, 0)

    def why_kept(self, request: HttpRequest, row: Any) -> Text | None:
        """The members who hold it."""
        held = still_held(row.code)
        return held.detail if held else None

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """By the service, which looks again."""
        delete_tier(obj.code, actor=actor_of(request.user))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """The service audits."""
