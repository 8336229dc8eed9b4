"""A reward as a manager types it: its price, and what it gives, of the kinds that people ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.awards.granting import GrantOrder
from club.catalogue.models import Product
from club.rewards.models import Reward
from club.rewards.services import MOST_COUNT, MOST_DAYS
from core.errors import AppError, Text, ValidationFailed
from core.forms import MoneyField, WholeField, set_choices, show_only_for
from core.reading import MOST_RIAL
from desk.manager.fields import HundredthsField, free_code
from desk.manager.settings.catalogue import CodedForm
from desk.manager.settings.forms import SettingsForm
from offers.made import AT_ONCE

NOTHING, OTHER = "", "other"
KINDS: dict[str, Text] = {
    NOTHING: gettext_lazy("چیزی که دستش می‌دهید"),
    "free_item": gettext_lazy("کالای رایگان"),
    "discount_percent": gettext_lazy("درصد تخفیف"),
    "discount_amount": gettext_lazy("مبلغ تخفیف"),
    "credit_amount": gettext_lazy("اعتبار خرید"),
}
NEEDS = {
    "free_item": ("product",),
    "discount_percent": ("percent",),
    "discount_amount": ("amount",),
    "credit_amount": ("amount",),
}
PATHS = {"benefit.product": "product", "benefit.percent": "percent", "benefit.amount": "amount"}


class RewardForm(CodedForm):
    """The form; a benefit of a kind that it has no fields for (made by a program) stays as it is."""

    units = {"points": gettext_lazy("امتیاز")}

    about = forms.CharField(
        label=gettext_lazy("توضیح برای عضو"), required=False, max_length=200, help_text=gettext_lazy("یک سطر کوتاه")
    )
    points = WholeField(label=gettext_lazy("چند امتیاز؟"), least=1, most=MOST_RIAL)
    gives = forms.ChoiceField(label=gettext_lazy("چه می‌دهد"), required=False)
    product = forms.ChoiceField(label=gettext_lazy("کدام کالا؟"), required=False)
    percent = HundredthsField(label=gettext_lazy("چند درصد؟"), required=False)
    amount = MoneyField(label=gettext_lazy("چه مبلغ؟"), required=False, min_rial=1, max_rial=MOST_RIAL)
    stock = WholeField(
        label=gettext_lazy("موجودی"), required=False, least=0, most=MOST_COUNT, help_text=gettext_lazy("خالی: بی‌سقف")
    )
    per_member = WholeField(
        label=gettext_lazy("هر عضو چند بار"), required=False, least=1, most=MOST_COUNT,
        help_text=gettext_lazy("خالی: بی‌سقف"),
    )  # fmt: skip
    valid_days = WholeField(
        label=gettext_lazy("چند روز فرصت استفاده"), required=False, least=1, most=MOST_DAYS,
        help_text=gettext_lazy("خالی: بی مهلت"),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("اعضا می‌توانند بگیرند"), required=False, initial=True)

    def __init__(self, data: Any, *, row: Reward | None) -> None:
        self.kept: dict[str, Any] | None = row.benefit if row else None
        super().__init__(data, row=None)
        self.row = row
        self.fields["name"].max_length = 100  # type: ignore[attr-defined]
        self.fields["code"].help_text = _("برای نرم‌افزارهای دیگر؛ پس از ساختن عوض نمی‌شود.")
        products = Product.objects.filter(is_active=True).order_by("name", "code").values_list("code", "name")
        used = (self.kept or {}).get("product")
        known = dict(products)
        choices = [("", "—"), *known.items(), *([(used, used)] if used and used not in known else [])]
        set_choices(self, "product", choices)
        kinds = [(kind, str(label)) for kind, label in KINDS.items()]
        if self._is_other:
            kinds.append((OTHER, _("همان که هست (پیشرفته)")))
        set_choices(self, "gives", kinds)
        for name in ("product", "percent", "amount"):
            show_only_for(self, name, "gives", (kind for kind, needs in NEEDS.items() if name in needs))
        show_only_for(self, "valid_days", "gives", (kind for kind, _label in kinds if kind not in AT_ONCE))
        if row is None:
            self.initial["code"] = free_code("reward", set(Reward.objects.values_list("code", flat=True)))
        else:
            del self.fields["code"]
            self.initial = self._shown(row)

    @property
    def _is_other(self) -> bool:
        """Whether what it gives has more to it than the fields here can say."""
        kept = self.kept or {}
        known = {"kind", *NEEDS.get(kept.get("kind", ""), ()), "quantity"}
        return bool(kept) and (kept["kind"] not in KINDS or bool(kept.keys() - known) or kept.get("quantity", 1) != 1)

    def _shown(self, row: Reward) -> dict[str, Any]:
        shown = {name: getattr(row, name) for name in self.fields if hasattr(row, name)}
        kept = self.kept or {}
        shown["gives"] = OTHER if self._is_other else kept.get("kind", NOTHING)
        if not self._is_other:
            shown |= {"product": kept.get("product"), "amount": kept.get("amount")}
            shown["percent"] = round(kept["percent"] * 100) if "percent" in kept else None
        return shown

    def clean(self) -> dict[str, Any]:
        """What the chosen kind needs is there."""
        typed = super().clean()
        for name in NEEDS.get(typed.get("gives", ""), ()):
            if not typed.get(name) and not self.has_error(name):
                self.add_error(name, _("این را هم بنویسید."))
        return typed

    def values(self) -> dict[str, Any]:
        """What is to be written."""
        typed = self.cleaned_data
        plain = ("name", "about", "points", "stock", "per_member", "valid_days", "is_active")
        said = {name: typed[name] for name in plain}
        if typed["gives"] != OTHER:
            said["benefit"] = self._benefit(typed)
        return said if self.row else {**said, "code": typed["code"]}

    def _benefit(self, typed: dict[str, Any]) -> dict[str, Any] | None:
        kind = typed["gives"]
        match kind:
            case "free_item":
                return {"kind": kind, "product": typed["product"], "quantity": 1}
            case "discount_percent":
                percent = typed["percent"]
                return {"kind": kind, "percent": percent // 100 if percent % 100 == 0 else percent / 100}
            case "discount_amount" | "credit_amount":
                return {"kind": kind, "amount": typed["amount"]}
        return None

    def refuse(self, refused: AppError) -> None:
        """Beside the field that it is about."""
        if isinstance(refused, ValidationFailed):
            refused.errors = {PATHS.get(path, path): texts for path, texts in refused.errors.items()}
        super().refuse(refused)


def is_voucher(row: Reward) -> bool:
    """Whether a code comes of it; what is given at once has none to be sent."""
    return not row.benefit or row.benefit["kind"] not in AT_ONCE


GIVES: tuple[tuple[str, Text], ...] = (
    ("voucher", gettext_lazy("کد یک جایزه یا هدیه")),
    ("points", gettext_lazy("امتیاز")),
    ("credit", gettext_lazy("اعتبار")),
)


# The fields of each that is given to a list.
ONLY = {"points": "points", "credit": "credit", "reason": "points credit", "reward": "voucher", "name": "voucher"}


class GrantForm(SettingsForm):
    """What is given to a list, and to whom: phones written or in a file, or the members that a list shows."""

    units = {"valid_days": gettext_lazy("روز"), "points": gettext_lazy("امتیاز")}

    gives = forms.ChoiceField(label=gettext_lazy("چه داده شود"), choices=GIVES, required=False)
    points = WholeField(
        label=gettext_lazy("به هر نفر چند امتیاز"), required=False, least=1, most=MOST_RIAL,
        help_text=gettext_lazy("برای «امتیاز»"),
    )  # fmt: skip
    credit = MoneyField(
        label=gettext_lazy("به هر نفر چقدر اعتبار"), required=False, min_rial=1, max_rial=MOST_RIAL,
        help_text=gettext_lazy("برای «اعتبار»"),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("چرا"), required=False, max_length=200,
        help_text=gettext_lazy("برای امتیاز و اعتبار؛ در کارنامهٔ عضو می‌ماند"),
    )  # fmt: skip
    reward = forms.ChoiceField(label=gettext_lazy("جایزه"), required=False)
    name = forms.CharField(
        label=gettext_lazy("یا نام هدیه‌ای دیگر"), required=False, max_length=100,
        help_text=gettext_lazy("چیزی که صندوق دستش می‌دهد، مانند «ماگ باشگاه»"),
    )  # fmt: skip
    valid_days = WholeField(
        label=gettext_lazy("فرصت استفاده"), required=False, least=1, most=MOST_DAYS,
        help_text=gettext_lazy("خالی: بی مهلت"),
    )  # fmt: skip
    phones = forms.CharField(
        label=gettext_lazy("شماره‌های موبایل"), required=False, max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "ltr"}), help_text=gettext_lazy("هر سطر یکی"),
    )  # fmt: skip
    file = forms.FileField(
        label=gettext_lazy("یا فایل شماره‌ها"), required=False, help_text=gettext_lazy("CSV یا متن؛ شماره در هر ستونی")
    )

    def __init__(self, *args: Any, rewards: list[Reward], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", _("— نام هدیه را می‌نویسم —")), *((row.code, row.name) for row in rewards if is_voucher(row))]
        set_choices(self, "reward", choices)
        for name, gives in ONLY.items():
            show_only_for(self, name, "gives", gives.split())

    def order(self, key: str) -> GrantOrder:
        """What is to be given; only of a valid form."""
        typed = self.cleaned_data
        gives = typed["gives"] or "voucher"
        return GrantOrder(
            key,
            reward=typed["reward"],
            name=typed["name"],
            valid_days=typed["valid_days"],
            gives=gives,
            amount=0 if gives == "voucher" else typed[gives] or 0,
            reason=typed["reason"],
        )

    def refuse(self, refused: AppError) -> None:
        """Beside the field that it is about; nobody, or too many, beside the phones, where these are asked."""
        if isinstance(refused, ValidationFailed):
            moved = {"amount": self.cleaned_data.get("gives") or "points", "members": "phones"}
            refused.errors = {moved.get(path, path): texts for path, texts in refused.errors.items()}
        super().refuse(refused)
