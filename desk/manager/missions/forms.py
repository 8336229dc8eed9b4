"""The form of a mission: what is counted, in which window, and what it brings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.catalogue.models import Group, Product
from club.catalogue.selectors import names_of
from club.missions.models import Mission
from club.missions.services import FROZEN, LIMITS
from club.tiers.models import Tier
from core.errors import AppError, Text, ValidationFailed
from core.forms import JalaliDateField, MoneyField, WholeField, set_choices
from core.jalali import day_bounds, last_day, local_date
from core.money import unit_name
from core.tenancy.scope import club_zone, current_club
from core.text import clean_name, words_of
from desk.manager.fields import HundredthsField
from desk.manager.settings.forms import SettingsForm

LEAST, MOST = LIMITS["target"]
GIVES: dict[str, Text] = {
    "points": gettext_lazy("امتیاز"),
    "credit": gettext_lazy("اعتبار"),
    "percent": gettext_lazy("درصد تخفیف روی یک خرید"),
    "amount": gettext_lazy("مبلغ تخفیف روی یک خرید"),
    "product": gettext_lazy("یک کالای رایگان"),
    "none": gettext_lazy("هیچ؛ تنها نشان"),
}
ICONS: dict[str, Text] = {
    "stamp": gettext_lazy("مهر"),
    "coffee": gettext_lazy("فنجان"),
    "gift": gettext_lazy("هدیه"),
    "trophy": gettext_lazy("جام"),
    "medal": gettext_lazy("مدال"),
    "crown": gettext_lazy("تاج"),
    "star": gettext_lazy("ستاره"),
    "cake-slice": gettext_lazy("کیک"),
    "shopping-bag": gettext_lazy("کیف خرید"),
    "sparkles": gettext_lazy("درخشش"),
}
KINDS = {
    "points": ("points_amount", "points"),
    "credit": ("credit_amount", "amount"),
    "percent": ("discount_percent", "percent"),
    "amount": ("discount_amount", "amount"),
    "product": ("free_item", "product"),
}
BY_KIND = {kind: gives for gives, (kind, _figure) in KINDS.items()}


class MissionForm(SettingsForm):
    """A mission; of a live one what it asks is shown and not changed."""

    name = forms.CharField(label=gettext_lazy("نام"), max_length=60)
    about = forms.CharField(label=gettext_lazy("توضیح برای مشتری"), max_length=200, required=False)
    counts = forms.ChoiceField(label=gettext_lazy("چه چیزی شمرده شود؟"), choices=Mission.Counts.choices)
    target = forms.Field()
    of = forms.CharField(
        label=gettext_lazy("تنها از این کالاها و گروه‌ها"),
        required=False,
        help_text=gettext_lazy("نام یا کد، با ویرگول؛ خالی: همه"),
    )
    window = forms.ChoiceField(label=gettext_lazy("در چه بازه‌ای؟"), choices=Mission.Window.choices)
    days = WholeField(
        label=gettext_lazy("چند روز؟"), required=False, least=1, most=LIMITS["days"][1],
        help_text=gettext_lazy("برای «چند روز از نخستین خرید»"),
    )  # fmt: skip
    again = forms.ChoiceField(label=gettext_lazy("چند بار؟"), choices=Mission.Again.choices)
    gives = forms.ChoiceField(label=gettext_lazy("هدیه"), choices=list(GIVES.items()))
    value = forms.Field()
    valid_days = WholeField(
        label=gettext_lazy("کد هدیه تا چند روز؟"), least=1, most=LIMITS["valid_days"][1],
        help_text=gettext_lazy("برای تخفیف و کالای رایگان"),
    )  # fmt: skip
    badge = forms.CharField(
        label=gettext_lazy("نام نشان"), max_length=40, required=False, help_text=gettext_lazy("خالی: نام مأموریت")
    )
    icon = forms.ChoiceField(label=gettext_lazy("شکل"), choices=list(ICONS.items()))
    tier_code = forms.ChoiceField(label=gettext_lazy("از کدام سطح؟"), required=False)
    limit = WholeField(
        label=gettext_lazy("سقف هدیه‌ها"), required=False, least=1, most=LIMITS["limit"][1],
        help_text=gettext_lazy("روی هم چند بار؛ خالی: بی سقف"),
    )  # fmt: skip
    starts_on = JalaliDateField(
        label=gettext_lazy("از روز"), required=False, help_text=gettext_lazy("خالی: از همین اکنون")
    )
    ends_on = JalaliDateField(label=gettext_lazy("تا روز"), required=False, help_text=gettext_lazy("خالی: بی پایان"))
    units = {"days": gettext_lazy("روز"), "valid_days": gettext_lazy("روز"), "limit": gettext_lazy("بار")}

    def __init__(self, data: Any, *, mission: Mission | None = None, ready: dict[str, Any] | None = None) -> None:
        super().__init__(data)
        self.mission = mission
        self.initial = {"valid_days": 30, **_initial(mission)} if mission else {"valid_days": 30, **(ready or {})}
        tiers = Tier.objects.order_by("rank").values_list("code", "name")
        set_choices(self, "tier_code", [("", _("همه")), *tiers])
        if mission and mission.benefit and not _is_simple(mission.benefit):
            set_choices(self, "gives", [("keep", _("همان که هست")), *GIVES.items()])
        self.fields["target"] = target_field(str(self["counts"].value() or "visits"))
        self.fields["value"] = value_field(str(self["gives"].value() or "points"))
        self.is_live = mission is not None and mission.status == Mission.Status.LIVE
        for name in (*FROZEN, "starts_on") if self.is_live else ():
            if name in self.fields:
                self.fields[name].disabled = True
        self.order_fields(ORDER)
        self.dress()
        for field in self.fields.values():
            if field.disabled:
                field.suffix = ""  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What a mission is made of, as the services take it. Raises ValidationFailed for a name nobody has."""
        cleaned = self.cleaned_data
        names = ("name", "about", "counts", "target", "window", "days", "again", "valid_days", "badge", "icon")
        said = {name: cleaned[name] for name in (*names, "tier_code", "limit")}
        zone = club_zone()
        starts, ends = cleaned["starts_on"], cleaned["ends_on"]
        said |= {"of": codes_of(cleaned["of"]), "benefit": self._benefit()}
        said["starts_at"] = day_bounds(starts, zone)[0] if starts else None
        said["ends_at"] = day_bounds(ends, zone)[1] if ends else None
        if self.is_live:
            said = {name: value for name, value in said.items() if name not in FROZEN}
        return said

    def refuse(self, refused: AppError) -> None:
        """A fault of the benefit stands beside its figure, one of a moment beside its day."""
        if isinstance(refused, ValidationFailed):
            moved = {"starts_at": "starts_on", "ends_at": "ends_on", "benefit": "gives"}
            texts: dict[str, Any] = {
                "value" if name.startswith("benefit.") else moved.get(name, name): text
                for name, text in refused.errors.items()
            }
            refused = ValidationFailed(texts)
        super().refuse(refused)

    def _benefit(self) -> Any:
        gives, value = self.cleaned_data["gives"], self.cleaned_data["value"]
        if gives == "none":
            return None
        if gives == "keep" and self.mission:
            return self.mission.benefit
        kind, figure = KINDS[gives]
        if gives == "product":
            return {"kind": kind, figure: product_code(value or ""), "quantity": 1}
        if value in (None, ""):
            raise ValidationFailed({"value": [_("این را هم بنویسید.")]})
        return {"kind": kind, figure: value / 100 if gives == "percent" else value}


def target_field(counts: str) -> forms.Field:
    """Money for what is counted in money, a whole number for the rest."""
    said = _("مبلغ به %(unit)s، یا شمار") % {"unit": unit_name(current_club().currency_unit)}
    if counts == "spent":
        return MoneyField(label=gettext_lazy("تا چند؟"), min_rial=LEAST, max_rial=MOST, help_text=said)
    return WholeField(label=gettext_lazy("تا چند؟"), least=LEAST, most=MOST, help_text=said)


def value_field(gives: str) -> forms.Field:
    """The figure of what is given: points, percents, money, or the name of a product."""
    label = gettext_lazy("چقدر، یا کدام کالا؟")
    match gives:
        case "points":
            return WholeField(label=label, required=False, least=1, most=1_000_000_000)
        case "percent":
            return HundredthsField(label=label, required=False)
        case "credit" | "amount":
            return MoneyField(label=label, required=False, min_rial=1)
    return forms.CharField(label=label, required=False, max_length=120)


def codes_of(typed: str) -> list[str]:
    """The codes of the products and groups typed by name or code. Raises ValidationFailed for one that is not there."""
    asked = [clean_name(word) for word in words_of(typed)]
    found: dict[str, str] = {}
    for kind in (Product, Group):
        found |= {code: code for code in kind.objects.filter(code__in=asked).values_list("code", flat=True)}
        for code, name in kind.objects.filter(name__in=asked).values_list("code", "name"):
            found.setdefault(name, code)
    missing = [word for word in asked if word not in found]
    if missing:
        raise ValidationFailed({"of": [_("کالا یا گروهی به نام «%(name)s» نیست.") % {"name": missing[0]}]})
    return [found[word] for word in asked]


def product_code(typed: str) -> str:
    """The code of the product typed by name or code. Raises ValidationFailed for one that is not there."""
    name = clean_name(typed)
    rows = Product.objects.filter(is_active=True)
    code = rows.filter(code=name).values_list("code", flat=True).first()
    code = code or rows.filter(name=name).values_list("code", flat=True).first()
    if not code:
        raise ValidationFailed({"value": [_("کالایی به این نام نیست.") if name else _("نام کالا را بنویسید.")]})
    return str(code)


def _initial(mission: Mission) -> dict[str, Any]:
    names = ("name", "about", "counts", "target", "window", "days", "again", "valid_days", "badge", "icon")
    said = {name: getattr(mission, name) for name in (*names, "tier_code", "limit")}
    goods = names_of(mission.of)
    said["of"] = "، ".join(goods.get(code, code) for code in mission.of)
    said |= _figure(mission.benefit)
    said["starts_on"] = _day(mission.starts_at)
    said["ends_on"] = last_day(mission.ends_at, club_zone()) if mission.ends_at else None
    return said


def _day(at: datetime | None) -> Any:
    return local_date(at, club_zone()) if at else None


def _is_simple(benefit: dict[str, Any]) -> bool:
    gives = BY_KIND.get(benefit["kind"])
    return gives is not None and benefit.keys() <= {"kind", KINDS[gives][1], "quantity"}


def _figure(benefit: dict[str, Any] | None) -> dict[str, Any]:
    if benefit is None:
        return {"gives": "none"}
    if not _is_simple(benefit):
        return {"gives": "keep"}
    gives = BY_KIND[benefit["kind"]]
    value = benefit[KINDS[gives][1]]
    if gives == "product":
        value = names_of([value]).get(value, value)
    return {"gives": gives, "value": round(value * 100) if gives == "percent" else value}


ORDER = (
    *("name", "about", "counts", "target", "of", "window", "days", "again", "gives", "value", "valid_days"),
    *("badge", "icon", "tier_code", "limit", "starts_on", "ends_on"),
)
