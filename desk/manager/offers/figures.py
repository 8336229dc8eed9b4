"""The fields of each kind of benefit: its figures, and how often they are given."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.utils.translation import gettext_lazy

from core.errors import Text
from core.forms import MoneyField, WholeField
from desk.manager.fields import HundredthsField
from desk.manager.offers.choices import Shelf, with_own
from desk.manager.offers.conditions import Said
from desk.manager.offers.shape import FIGURES, OFTEN
from offers.parsing_benefits import MOST_FACTOR_BP
from offers.vocabulary import MOST_COUNT, MOST_DAYS, MOST_RIAL

KINDS: dict[str, Text] = {
    "credit_percent": gettext_lazy("اعتبار برگشتی"),
    "discount_percent": gettext_lazy("تخفیف درصدی"),
    "points_factor": gettext_lazy("امتیاز چندبرابر"),
    "free_item": gettext_lazy("کالای رایگان"),
    "credit_amount": gettext_lazy("مبلغی اعتبار"),
    "discount_amount": gettext_lazy("مبلغی تخفیف"),
    "points_amount": gettext_lazy("چند امتیاز"),
    "buy_x_get_y": gettext_lazy("چند تا بخر، چند تا ببر"),
    "fixed_price": gettext_lazy("چند کالا به یک قیمت"),
    "free_delivery": gettext_lazy("ارسال رایگان"),
    "coupon": gettext_lazy("کوپن خرید بعد"),
    "tier": gettext_lazy("سطح بالاتر برای مدتی"),
    "chances": gettext_lazy("شانس قرعه‌کشی"),
}
DAYS: Text = gettext_lazy("روز")
PIECES: Text = gettext_lazy("عدد")
UNITS: dict[str, Text] = {
    "points": gettext_lazy("امتیاز"),
    "quantity": PIECES,
    "buy": PIECES,
    "get": PIECES,
    "per_quantity": PIECES,
    "repeat": gettext_lazy("بار"),
    "count": gettext_lazy("شانس"),
    "valid_days": DAYS,
    "tier_days": DAYS,
    "factor": gettext_lazy("برابر"),
}
"""What a number counts; money and percents say it themselves."""


def fields(kind: str, shelf: Shelf, benefit: Said) -> dict[str, forms.Field]:
    """The fields of the kind's figures, in the order in which they are filled in."""
    return {name: _figure(name, shelf, benefit) for name in FIGURES[kind]}


def often() -> dict[str, forms.Field]:
    """How often it is given in one purchase."""
    return {
        "per_amount": MoneyField(
            label=gettext_lazy("به ازای هر"), required=False, min_rial=1, max_rial=MOST_RIAL,
            help_text=gettext_lazy("خالی: یک بار در خرید"),
        ),
        "per_quantity": _count(gettext_lazy("یا به ازای هر چند عدد"), required=False),
        "repeat": _count(gettext_lazy("حداکثر چند بار در خرید"), required=False),
    }  # fmt: skip


def field_at(path: str, kind: str) -> str:
    """The field that a path of the benefit's JSON came from; empty for none."""
    name = path.removeprefix("benefit.").partition("[")[0].partition(".")[0]
    if not path.startswith("benefit.") or name == "kind":
        return "kind" if path == "benefit.kind" else ""
    if name == "of":
        return "goods"
    called = {said: ours for ours, said in {**FIGURES[kind], **OFTEN}.items()}
    return called.get(name, "")


def _figure(name: str, shelf: Shelf, benefit: Said) -> forms.Field:
    if name in WRITTEN:
        return WRITTEN[name]()
    if name == "product":
        return _product(shelf, str(benefit.get("product") or ""))
    if name == "coupon":
        choices = with_own(shelf.coupons, [str(benefit.get("offer") or "")])
        hint = gettext_lazy("پیشنهادی که «تنها با کد تخفیف» است.")
        label = gettext_lazy("کوپن کدام پیشنهاد")
        return forms.TypedChoiceField(label=label, coerce=int, empty_value=None, choices=choices, help_text=hint)
    choices = with_own(shelf.tiers, [str(benefit.get("code") or "")])
    return forms.ChoiceField(label=gettext_lazy("کدام سطح"), choices=choices)


def _of_credit() -> forms.Field:
    choices = [("purchase", gettext_lazy("مبلغ خرید")), ("base_credit", gettext_lazy("اعتبار پایهٔ همین خرید"))]
    return forms.ChoiceField(label=gettext_lazy("درصد از"), choices=choices, required=False)


def _get_percent() -> forms.Field:
    hint = gettext_lazy("خالی: رایگان")
    return HundredthsField(label=gettext_lazy("با چند درصد تخفیف"), required=False, help_text=hint)


def _most() -> forms.Field:
    return MoneyField(label=gettext_lazy("سقف هر خرید"), required=False, min_rial=1, max_rial=MOST_RIAL)


def _product(shelf: Shelf, used: str) -> forms.Field:
    if shelf.has_all_products:
        return forms.ChoiceField(label=gettext_lazy("کدام کالا"), choices=with_own(shelf.products, [used]))
    widget = forms.TextInput(attrs={"dir": "ltr"})
    return forms.CharField(label=gettext_lazy("کد کالا"), max_length=64, widget=widget)


def _count(label: Text, *, most: int = MOST_COUNT, required: bool = True) -> WholeField:
    return WholeField(label=label, least=1, most=most, required=required)


WRITTEN: dict[str, Callable[[], forms.Field]] = {
    "percent": lambda: HundredthsField(label=gettext_lazy("چند درصد"), most=100_000),
    "get_percent": _get_percent,
    "of_credit": _of_credit,
    "most": _most,
    "factor": lambda: HundredthsField(label=gettext_lazy("چند برابر"), per=100, most=MOST_FACTOR_BP),
    "amount": lambda: MoneyField(label=gettext_lazy("چه مبلغی"), max_rial=MOST_RIAL),
    "points": lambda: _count(gettext_lazy("چند امتیاز")),
    "quantity": lambda: _count(gettext_lazy("چند عدد")),
    "buy": lambda: _count(gettext_lazy("چند تا بخرد")),
    "get": lambda: _count(gettext_lazy("چند تا ببرد")),
    "count": lambda: _count(gettext_lazy("چند شانس")),
    "valid_days": lambda: _count(gettext_lazy("تا چند روز"), most=MOST_DAYS),
    "tier_days": lambda: _count(gettext_lazy("تا چند روز"), most=MOST_DAYS),
    "lottery": lambda: forms.CharField(label=gettext_lazy("کد قرعه‌کشی"), max_length=64),
}
