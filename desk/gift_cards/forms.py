"""What is typed of a gift card: one sold, and many issued."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.branches import Branches
from club.catalogue.models import Branch
from club.gift_cards.services import LONGEST_REASON, MOST_AT_ONCE, MOST_RIAL, CardIssue, CardSale
from club.purchases.payments import METHODS
from core.forms import JalaliDateField, MoneyField, PhoneField, WholeField, set_choices
from core.jalali import day_bounds
from core.templatetags.club_ui import money_unit
from core.tenancy.scope import club_zone
from desk.manager.settings.forms import SettingsForm

USUAL = (2_000_000, 5_000_000, 10_000_000, 20_000_000)
"""Sums in Rial that are sold most."""
IN_SHOP = ("cash", "card", "transfer")


class SellForm(SettingsForm):
    """A card to be sold: a usual sum or another, how it is paid, and who gets it."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    buyer = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    usual = forms.TypedChoiceField(
        label=gettext_lazy("مبلغ کارت"), required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )
    amount = MoneyField(
        label=gettext_lazy("یا مبلغی دیگر"), required=False, min_rial=1, max_rial=MOST_RIAL, help_text=""
    )
    payment_method = forms.ChoiceField(
        label=gettext_lazy("پرداخت"), choices=[(code, METHODS[code]) for code in IN_SHOP]
    )
    phone = PhoneField(
        label=gettext_lazy("موبایل گیرنده"), required=False, max_length=20,
        help_text=gettext_lazy("کد پیامک می‌شود؛ خالی: تنها کارت چاپی"),
    )  # fmt: skip
    is_personal = forms.BooleanField(label=gettext_lazy("تنها خود این عضو بتواند خرج کند"), required=False)
    ends_on = JalaliDateField(
        label=gettext_lazy("تا پایان روز"), required=False, help_text=gettext_lazy("خالی: بی مهلت")
    )
    branch = forms.ChoiceField(label=gettext_lazy("شعبه"), required=False)

    def __init__(self, *args: Any, own: Branches, **options: Any) -> None:
        super().__init__(*args, **options)
        set_choices(self, "usual", [(sum_, money_unit(sum_)) for sum_ in USUAL])
        rows = Branch.objects.filter(is_active=True).order_by("name")
        branches = [(row.pk, row.name) for row in rows if own is None or row.pk in own]
        nowhere = [("", "—")] if own is None else []
        set_choices(self, "branch", [*nowhere, *branches])
        self.fields["branch"].required = own is not None
        if not branches:
            del self.fields["branch"]
        self.dress()

    def clean_key(self) -> str:
        """A key of visible characters only."""
        return visible(self.cleaned_data["key"])

    def clean(self) -> dict[str, Any]:
        """One sum: what is typed stands for more than what was ticked before."""
        typed = super().clean()
        if not typed.get("amount") and not typed.get("usual") and not self.has_error("amount"):
            self.add_error("amount", _("مبلغ کارت را برگزینید یا بنویسید."))
        return typed

    def sale(self) -> CardSale:
        """What is asked for; only of a valid form."""
        typed = self.cleaned_data
        return CardSale(
            amount=typed["amount"] or typed["usual"],
            payment_method=typed["payment_method"],
            phone=typed["phone"],
            is_personal=typed["is_personal"],
            ends_at=end_of(typed["ends_on"]),
            branch=int(typed["branch"]) if typed.get("branch") else None,
            buyer=typed["buyer"],
        )


class IssueForm(SettingsForm):
    """Cards to be given away."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    amount = MoneyField(label=gettext_lazy("مبلغ هر کارت"), min_rial=1, max_rial=MOST_RIAL)
    count = WholeField(label=gettext_lazy("چند کارت"), least=1, most=MOST_AT_ONCE)
    ends_on = JalaliDateField(
        label=gettext_lazy("تا پایان روز"), required=False, help_text=gettext_lazy("خالی: بی مهلت")
    )
    reason = forms.CharField(
        label=gettext_lazy("برای چه"), required=False, max_length=LONGEST_REASON,
        help_text=gettext_lazy("مانند «هدیهٔ همایش پاییز»؛ در فهرست می‌ماند."),
    )  # fmt: skip

    def clean_key(self) -> str:
        """A key of visible characters only."""
        return visible(self.cleaned_data["key"])

    def issue(self) -> CardIssue:
        """What is asked for; only of a valid form."""
        typed = self.cleaned_data
        return CardIssue(
            amount=typed["amount"], count=typed["count"], ends_at=end_of(typed["ends_on"]), reason=typed["reason"]
        )


def visible(key: str) -> str:
    """The key of a form as it may be kept. Raises ValidationError."""
    if not all("!" <= letter <= "~" for letter in key):
        raise forms.ValidationError(_("این فرم کهنه است؛ صفحه را تازه کنید."))
    return key


def end_of(day: Any) -> datetime | None:
    """The end of the last day; None without one."""
    return day_bounds(day, club_zone())[1] if day else None
