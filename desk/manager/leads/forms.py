"""Forms of leads: who it is, what to do next, why it was lost, and how the club goes about its leads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import JalaliDateField, MoneyField, PhoneField, WholeField, set_choices
from core.language import in_language
from crm.leads.assigning import experts
from crm.leads.checks import MOST_EXPECTED
from crm.leads.models import Lead, LeadKind, LeadRule, LeadSettings, LeadStage
from crm.leads.settings import Rule, incentives
from desk.manager.settings.forms import SettingsForm

NAMES = {
    "expected_rial": "expected",
    "next_activity_on": "next_on",
    "owner_id": "owner",
}
"""What services call otherwise than the form."""


class LeadForm(SettingsForm):
    """A lead as the staff write it down."""

    phone = PhoneField(label=_("موبایل"), help_text=_("پیامک و عضویت با موبایل است؛ شمارهٔ ثابت را در یادداشت بنویسید."))
    name = forms.CharField(label=_("نام"), max_length=120)
    kind = forms.ChoiceField(label=_("نوع"), choices=LeadKind.choices, initial=LeadKind.PERSON)
    email = forms.EmailField(label=_("ایمیل"), required=False)
    source = forms.CharField(label=_("از کجا آمد"), max_length=40, required=False)
    expected = MoneyField(label=_("مبلغ پیش‌بینی"), required=False, max_rial=MOST_EXPECTED)
    owner = forms.ChoiceField(label=_("کارشناس"), required=False)
    next_activity = forms.CharField(label=_("کار بعدی"), max_length=200, required=False)
    next_on = JalaliDateField(label=_("روز کار بعدی"), required=False)
    note = forms.CharField(
        label=_("یادداشت"), max_length=1_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any, *, lead: Lead | None = None, phone: str = "", gives: bool = True) -> None:
        super().__init__(data, initial=_shown(lead) if lead else {"phone": phone})
        if gives:
            self._offer_experts(lead)
        else:
            del self.fields["owner"]
        self.fields["email"].widget.attrs |= {"dir": "ltr"}
        self.fields["source"].widget.attrs |= {"list": "sources", "autocomplete": "off"}
        if lead and lead.member_id:
            self.fields["phone"].disabled = True
            self.fields["phone"].help_text = _("عضو شده است؛ شماره در کارت عضو عوض می‌شود.")

    def _offer_experts(self, lead: Lead | None) -> None:
        first = _("برنداشته") if lead else _("خودکار، به قاعدهٔ باشگاه")
        people = [(str(user.pk), str(user)) for user in experts()]
        if lead and lead.owner and str(lead.owner.pk) not in dict(people):
            people.append((str(lead.owner.pk), str(lead.owner)))
        set_choices(self, "owner", [("", first), *people])

    def values(self) -> dict[str, Any]:
        """What was typed, under the names of the services."""
        typed = self.cleaned_data
        inner = {outer: name for name, outer in NAMES.items()}
        found = {inner.get(name, name): value for name, value in typed.items()}
        if "owner_id" in found:
            found["owner_id"] = int(typed["owner"]) if typed["owner"] else None
        return found

    def outer(self, name: str) -> str:
        """What the form calls a field of the services."""
        return NAMES.get(name, name)


class PlanForm(SettingsForm):
    """What was said, and what is to be done next and when; nothing, where it is done."""

    note = forms.CharField(
        label=_("یادداشت"), max_length=1_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_activity = forms.CharField(label=_("کار بعدی"), max_length=200, required=False)
    next_on = JalaliDateField(label=_("روز"), required=False)

    def outer(self, name: str) -> str:
        """What the form calls a field of the services."""
        return NAMES.get(name, name)


class LoseForm(SettingsForm):
    """Why a lead came to nothing, and for whom."""

    lost_reason = forms.CharField(label=_("چرا از دست رفت"), max_length=200)
    rival = forms.CharField(
        label=_("رقیب"), max_length=80, required=False, help_text=_("اگر به کسب‌وکار دیگری رفت، نامش را بنویسید.")
    )

    def __init__(self, data: Any = None, *, lead: Lead) -> None:
        super().__init__(data, initial={"rival": lead.rival})
        self.fields["rival"].widget.attrs |= {"list": "rivals", "autocomplete": "off"}


class IncentiveForm(SettingsForm):
    """What the club gives a qualified lead, and whether new ones are shared out."""

    incentive = forms.ChoiceField(
        label=_("مشوق خرید نخست"),
        required=False,
        help_text=_("پیشنهادی «با کد» که سرنخ واجد شرایط یک کد شخصیِ یک‌بارمصرف از آن می‌گیرد، همین که عضو شود."),
    )
    incentive_days = WholeField(label=_("اعتبار کد"), least=1, most=3_650)
    shares_out = forms.BooleanField(
        label=_("سرنخی که به قاعده‌ای نمی‌خورد خودکار به کارشناسِ کم‌کارتر برسد"), required=False
    )
    units = {"incentive_days": pgettext_lazy("unit", "روز")}

    def __init__(self, data: Any, *, settings: LeadSettings) -> None:
        initial = {
            "incentive": str(settings.incentive_id or ""),
            "incentive_days": settings.incentive_days,
            "shares_out": settings.shares_out,
        }
        super().__init__(data, initial=initial, prefix="incentive")
        offers = [(str(offer.pk), offer.name) for offer in incentives(kept=settings.incentive_id)]
        set_choices(self, "incentive", [("", _("هیچ")), *offers])


class StageForm(SettingsForm):
    """The name of a stage, and whether reaching it qualifies a lead."""

    name = forms.CharField(label=_("نام مرحله"), max_length=60)
    is_qualifying = forms.BooleanField(label=_("از این مرحله به بعد، سرنخ واجد شرایط است"), required=False)

    def __init__(self, data: Any = None, *, stage: LeadStage | None = None) -> None:
        prefix = f"s{stage.pk}" if stage else "new"
        initial = {"name": stage.name, "is_qualifying": stage.is_qualifying} if stage else {}
        super().__init__(data, initial=initial, prefix=prefix)


class RuleForm(SettingsForm):
    """Whose leads of a source or kind are."""

    source = forms.CharField(label=_("از کجا آمد"), max_length=40, required=False, help_text=_("خالی: از هرجا"))
    kind = forms.ChoiceField(label=_("نوع"), required=False, choices=[("", _("هر نوعی")), *LeadKind.choices])
    owner = forms.ChoiceField(label=_("کارشناس"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="rule")
        set_choices(self, "owner", [(str(user.pk), str(user)) for user in experts()])

    def rule(self) -> Rule:
        """What was typed."""
        typed = self.cleaned_data
        return Rule(int(typed["owner"]), source=typed["source"], kind=typed["kind"])


def rule_words(rule: LeadRule) -> str:
    """A rule in a few words."""
    source = rule.source or str(_("از هرجا"))
    kind = str(LeadKind(rule.kind).label) if rule.kind else str(_("هر نوعی"))
    return in_language(f"{source} · {kind}")


def _shown(lead: Lead) -> dict[str, Any]:
    names = ("phone", "name", "kind", "email", "source", "next_activity", "note")
    return {name: getattr(lead, name) for name in names} | {
        "expected": lead.expected_rial,
        "next_on": lead.next_activity_on,
        "owner": str(lead.owner_id or ""),
    }
