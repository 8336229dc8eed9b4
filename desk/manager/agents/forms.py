"""Forms about agents: who is invited, under which terms, who is paid, and what the club offers to begin with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.forms import JalaliDateField, MoneyField, PhoneField, WholeField
from crm.agents.contracts import LONGEST_HOLD, Draft, NewAgent
from crm.agents.models import Agent, AgentSettings, ContractTerms
from desk.manager.fields import HundredthsField
from desk.manager.settings.forms import SettingsForm


class TermsForm(SettingsForm):
    """A version of a contract."""

    units = {"hold_days": pgettext_lazy("unit", "روز")}
    percent_bp = HundredthsField(label=_("درصد از خرید"))
    basis = forms.ChoiceField(label=_("از کدام خرید"), choices=ContractTerms.Basis.choices)
    hold_days = WholeField(
        label=_("نگه‌داری"),
        most=LONGEST_HOLD,
        help_text=_("پورسانت پس از این روزها پرداختنی می‌شود؛ به اندازهٔ مهلت برگشت کالا بگذارید."),
    )
    starts_on = JalaliDateField(label=_("از روز"))
    ends_on = JalaliDateField(label=_("تا پایان روز"), required=False, help_text=_("خالی: بی پایان"))
    cap_month = MoneyField(label=_("سقف هر ماه"), required=False, min_rial=1)
    cap_total = MoneyField(label=_("سقف کل قرارداد"), required=False, min_rial=1)

    def draft(self) -> Draft:
        """What was asked for, of a form that is valid."""
        return Draft(**{name: self.cleaned_data[name] for name in TermsForm.base_fields})


class InviteForm(TermsForm):
    """Who is invited, and under which terms."""

    name = forms.CharField(label=_("نام"), max_length=80)
    phone = PhoneField(label=_("شماره موبایل"))
    kind = forms.ChoiceField(label=_("نوع"), choices=Agent.Kind.choices)
    field_order = ("name", "phone", "kind")

    def new(self) -> NewAgent:
        """Who was written, of a form that is valid."""
        asked = self.cleaned_data
        return NewAgent(name=asked["name"], phone=asked["phone"], kind=asked["kind"])


class AgentSettingsForm(SettingsForm):
    """What contracts begin with, and whether anybody may ask for one."""

    units = {"hold_days": pgettext_lazy("unit", "روز")}
    takes_applications = forms.BooleanField(label=_("هر کس می‌تواند از صفحهٔ باشگاه درخواست همکاری بدهد"), required=False)
    about = forms.CharField(
        label=_("متن صفحهٔ درخواست"),
        required=False,
        max_length=1_000,
        help_text=_("از همکاری چه به دست می‌آید و برای چه کسانی است."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    percent_bp = HundredthsField(label=_("درصد از خرید"))
    basis = forms.ChoiceField(label=_("از کدام خرید"), choices=ContractTerms.Basis.choices)
    hold_days = WholeField(label=_("نگه‌داری"), most=LONGEST_HOLD)

    def __init__(self, data: Any, *, settings: AgentSettings) -> None:
        super().__init__(data, initial={name: getattr(settings, name) for name in self.base_fields})

    def clean_percent_bp(self) -> int:
        """Nothing is no commission."""
        percent: int = self.cleaned_data["percent_bp"]
        if not percent:
            raise forms.ValidationError(_("درصدی بیش از ۰ و تا ۱۰۰ بنویسید."))
        return percent


class PaidForm(SettingsForm):
    """What the bank says of a transfer."""

    reference = forms.CharField(
        label=_("شمارهٔ پیگیری بانک"), max_length=60, widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"})
    )
    paid_on = JalaliDateField(label=_("روز پرداخت"))
