"""The form of a mission: what is counted, in which window, and what it brings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.awards.naming import known_codes
from club.catalogue.models import Group, Product
from club.catalogue.selectors import names_of
from club.missions.models import Mission
from club.missions.services import FROZEN, LIMITS
from club.purchases.overlooking import times_within
from club.tiers.models import Tier
from core.errors import AppError, Text, ValidationFailed
from core.forms import JalaliDateField, MoneyField, WholeField, set_choices, show_only_for
from core.jalali import day_bounds, last_day, local_date
from core.tenancy.scope import club_zone
from core.text import clean_name, words_of
from desk.manager.fields import HundredthsField
from desk.manager.settings.forms import SettingsForm

LEAST, MOST = LIMITS["target"]
MOST_POINTS = 1_000_000_000
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
# The benefit of each gift and its figure, which the field of the same name holds.
KINDS = {
    "points": ("points_amount", "points"),
    "credit": ("credit_amount", "amount"),
    "percent": ("discount_percent", "percent"),
    "amount": ("discount_amount", "amount"),
    "product": ("free_item", "product"),
}
FIGURES = ("points", "percent", "amount", "product")
# Fields that only some choices have, with the choice that they hang on.
ONLY = {
    "target": ("counts", ("visits", "points", "groups", "products", "units")),
    "spent": ("counts", ("spent",)),
    "of": ("counts", ("visits", "spent", "groups", "products", "units")),
    "days": ("window", ("days",)),
    "points": ("gives", ("points",)),
    "percent": ("gives", ("percent",)),
    "amount": ("gives", ("credit", "amount")),
    "product": ("gives", ("product",)),
    "valid_days": ("gives", ("percent", "amount", "product", "keep")),
    "budget": ("gives", ("points", "credit", "amount", "product")),
}
SECTIONS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (gettext_lazy("چه کاری؟"), ("name", "about", "counts", "target", "spent", "of", "tier_code")),
    (gettext_lazy("کِی و چند بار؟"), ("window", "days", "again", "starts_on", "ends_on")),
    (gettext_lazy("چه هدیه‌ای؟"), ("gives", *FIGURES, "valid_days", "limit", "budget", "badge", "icon")),
)
NEEDED: Text = gettext_lazy("این را هم بنویسید.")
BY_KIND = {kind: gives for gives, (kind, _figure) in KINDS.items()}


class MissionForm(SettingsForm):
    """A mission; of a live one what it asks is shown and not changed."""

    name = forms.CharField(label=gettext_lazy("نام"), max_length=60)
    about = forms.CharField(label=gettext_lazy("توضیح برای مشتری"), max_length=200, required=False)
    counts = forms.ChoiceField(label=gettext_lazy("چه چیزی شمرده شود؟"), choices=Mission.Counts.choices)
    target = WholeField(label=gettext_lazy("تا چند؟"), required=False, least=LEAST, most=MOST)
    spent = MoneyField(label=gettext_lazy("تا چه مبلغ؟"), required=False, min_rial=LEAST, max_rial=MOST)
    of = forms.CharField(
        label=gettext_lazy("تنها از این کالاها و گروه‌ها"),
        required=False,
        help_text=gettext_lazy("نام یا کد، با ویرگول؛ خالی: همه"),
    )
    window = forms.ChoiceField(label=gettext_lazy("در چه بازه‌ای؟"), choices=Mission.Window.choices)
    days = WholeField(
        label=gettext_lazy("چند روز؟"), required=False, least=1, most=LIMITS["days"][1],
        help_text=gettext_lazy("از نخستین خرید هر عضو"),
    )  # fmt: skip
    again = forms.ChoiceField(label=gettext_lazy("چند بار؟"), choices=Mission.Again.choices)
    gives = forms.ChoiceField(label=gettext_lazy("هدیه"), choices=list(GIVES.items()))
    points = WholeField(label=gettext_lazy("چند امتیاز؟"), required=False, least=1, most=MOST_POINTS)
    percent = HundredthsField(label=gettext_lazy("چند درصد؟"), required=False)
    amount = MoneyField(label=gettext_lazy("چه مبلغ؟"), required=False, min_rial=1)
    product = forms.CharField(
        label=gettext_lazy("کدام کالا؟"), required=False, max_length=120, help_text=gettext_lazy("نام یا کد")
    )
    valid_days = WholeField(
        label=gettext_lazy("کد هدیه تا چند روز؟"), least=1, most=LIMITS["valid_days"][1],
        help_text=gettext_lazy("برای تخفیف و کالای رایگان، که با کد داده می‌شوند"),
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
    budget = MoneyField(
        label=gettext_lazy("یا بودجهٔ هدیه‌ها"), required=False, min_rial=1, max_rial=MOST,
        help_text=gettext_lazy("به شمار هدیه‌هایی که در آن جا می‌شوند برگردانده می‌شود"),
    )  # fmt: skip
    starts_on = JalaliDateField(
        label=gettext_lazy("از روز"), required=False, help_text=gettext_lazy("خالی: از همین اکنون")
    )
    ends_on = JalaliDateField(label=gettext_lazy("تا روز"), required=False, help_text=gettext_lazy("خالی: بی پایان"))
    units = {
        "days": gettext_lazy("روز"),
        "valid_days": gettext_lazy("روز"),
        "limit": gettext_lazy("بار"),
        "points": gettext_lazy("امتیاز"),
    }

    def __init__(self, data: Any, *, mission: Mission | None = None, ready: dict[str, Any] | None = None) -> None:
        super().__init__(data)
        self.mission = mission
        self.initial = {"valid_days": 30, **_initial(mission)} if mission else {"valid_days": 30, **(ready or {})}
        tiers = Tier.objects.order_by("rank").values_list("code", "name")
        set_choices(self, "tier_code", [("", _("همه")), *tiers])
        if mission and mission.benefit and not _is_simple(mission.benefit):
            set_choices(self, "gives", [("keep", _("همان که هست")), *GIVES.items()])
        self.is_live = mission is not None and mission.status == Mission.Status.LIVE
        for name in (*FROZEN, "spent", "starts_on") if self.is_live else ():
            if name in self.fields:
                self.fields[name].disabled = True
                self.fields[name].suffix = ""  # type: ignore[attr-defined]
        for name, (choice, values) in ONLY.items():
            show_only_for(self, name, choice, values)

    @property
    def sections(self) -> list[tuple[Text, list[forms.BoundField]]]:
        """The fields by what they are about."""
        return [(title, [self[name] for name in names]) for title, names in SECTIONS]

    def clean(self) -> dict[str, Any]:
        """What the chosen target and gift need is there."""
        typed = super().clean()
        target = "spent" if typed.get("counts") == "spent" else "target"
        gives = typed.get("gives", "")
        for name in (target, *([KINDS[gives][1]] if gives in KINDS else [])):
            if typed.get(name) in (None, "") and not self.has_error(name):
                self.add_error(name, str(NEEDED))
        return typed

    def values(self) -> dict[str, Any]:
        """What a mission is made of, as the services take it. Raises ValidationFailed for a name nobody has."""
        cleaned = self.cleaned_data
        names = ("name", "about", "counts", "window", "days", "again", "valid_days", "badge", "icon")
        said = {name: cleaned[name] for name in (*names, "tier_code", "limit")}
        said["target"] = cleaned["spent" if cleaned["counts"] == "spent" else "target"]
        zone = club_zone()
        starts, ends = cleaned["starts_on"], cleaned["ends_on"]
        goods = "" if cleaned["counts"] == "points" else cleaned["of"]
        said |= {"of": codes_of(goods), "benefit": self._benefit()}
        said["starts_at"] = day_bounds(starts, zone)[0] if starts else None
        said["ends_at"] = day_bounds(ends, zone)[1] if ends else None
        if cleaned["budget"] is not None:
            said["limit"] = self._within(cleaned["budget"], said)
        if self.is_live:
            said = {name: value for name, value in said.items() if name not in FROZEN}
        return said

    def refuse(self, refused: AppError) -> None:
        """A fault of the benefit stands beside its figure, one of a moment beside its day."""
        if isinstance(refused, ValidationFailed):
            moved = {"starts_at": "starts_on", "ends_at": "ends_on", "benefit": "gives"}
            if self.cleaned_data.get("counts") == "spent":
                moved["target"] = "spent"
            texts: dict[str, Any] = {
                moved.get(name, name.removeprefix("benefit.")): text for name, text in refused.errors.items()
            }
            refused = ValidationFailed(texts)
        super().refuse(refused)

    def _within(self, budget: int, said: dict[str, Any]) -> int:
        """How many gifts the budget and the limit leave. Raises ValidationFailed where the budget holds none."""
        now, benefit = timezone.now(), said["benefit"]
        times = times_within(budget, said["name"], benefit, known=known_codes(), now=now) if benefit else None
        if times is None:
            text = _("ارزش این هدیه معلوم نیست؛ به جای بودجه سقف را به شمار بنویسید.")
            raise ValidationFailed({"budget": [text]})
        if not times:
            raise ValidationFailed({"budget": [_("یک هدیه هم در این بودجه جا نمی‌شود.")]})
        return min(times, said["limit"] or times, LIMITS["limit"][1])

    def _benefit(self) -> Any:
        gives = self.cleaned_data["gives"]
        if gives == "none":
            return None
        if gives == "keep" and self.mission:
            return self.mission.benefit
        kind, figure = KINDS[gives]
        value = self.cleaned_data[figure]
        if gives == "product":
            return {"kind": kind, figure: product_code(value), "quantity": 1}
        return {"kind": kind, figure: value / 100 if gives == "percent" else value}


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
        raise ValidationFailed({"product": [_("کالایی به این نام نیست.")]})
    return str(code)


def _initial(mission: Mission) -> dict[str, Any]:
    names = ("name", "about", "counts", "window", "days", "again", "valid_days", "badge", "icon")
    said = {name: getattr(mission, name) for name in (*names, "tier_code", "limit")}
    said["spent" if mission.counts == Mission.Counts.SPENT else "target"] = mission.target
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
    return {"gives": gives, KINDS[gives][1]: round(value * 100) if gives == "percent" else value}
