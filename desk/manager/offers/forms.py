"""The form of the offer builder: four cards of fields, rows of conditions, and the JSON that no field can show."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Text, ValidationFailed
from core.forms import JalaliDateField, MoneyField, WholeField
from core.tenancy.scope import club_zone
from desk.manager.fields import HourField, HundredthsField
from desk.manager.offers import figures
from desk.manager.offers.choices import GOALS, TRIGGERS, Shelf, goods_used, with_own
from desk.manager.offers.conditions import Said
from desk.manager.offers.conditions_form import ConditionsForm, groups_field, groups_shown
from desk.manager.offers.rows import RowForm, chips_field, goods_field
from desk.manager.offers.shape import FIGURES, OFTEN, Shape, Written, shape_of, written
from offers.parsing import EVENT_TYPE_LENGTH
from offers.vocabulary import BENEFITS, MOST_COUNT, MOST_RIAL, ONE_UNIT, WITH_BASKET

STACKING: dict[str, Text] = {
    "best": gettext_lazy("بهترین برای عضو داده شود"),
    "always": gettext_lazy("با بقیه جمع شود"),
    "alone": gettext_lazy("به‌جای همه، اگر بیشتر ارزید"),
}
SCOPES: dict[str, Text] = {
    "": gettext_lazy("همهٔ کالاهای بالا"),
    "basket": gettext_lazy("همهٔ سبد"),
    "matching_lines": gettext_lazy("همان کالاها"),
    "cheapest_matching": gettext_lazy("ارزان‌ترین یک عدد"),
    "dearest_matching": gettext_lazy("گران‌ترین یک عدد"),
}
TIMES: Text = gettext_lazy("بار")
# Where the JSON calls a thing otherwise than the form.
PATHS = {
    "starts_at": "starts_on",
    "ends_at": "ends_on",
    "control_percent": "control",
    "benefit": "kind",
    "benefit.of": "goods",
    "benefit.applies_to": "scope",
    "when": "groups",
}


class OfferForm(ConditionsForm):
    """An offer as the builder shows it."""

    name = forms.CharField(label=gettext_lazy("نام پیشنهاد"), max_length=100)
    summary = forms.CharField(  # type: ignore[assignment] # the form's own `summary` stays
        label=gettext_lazy("خلاصه برای عضو"), max_length=200, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("ساده و کوتاه؛ در پنل عضو و پیامک می‌آید."),
    )  # fmt: skip
    goal = forms.ChoiceField(label=gettext_lazy("هدف"), choices=list(GOALS.items()))
    trigger = forms.ChoiceField(label=gettext_lazy("چه هنگام داده می‌شود؟"), choices=list(TRIGGERS.items()))
    event_type = forms.CharField(
        label=gettext_lazy("کد فعالیت"), max_length=EVENT_TYPE_LENGTH,
        widget=forms.TextInput(attrs={"dir": "ltr"}),
        help_text=gettext_lazy("با حروف لاتین؛ نوعش را در «فعالیت‌ها» بسازید."),
    )  # fmt: skip
    amount_above = MoneyField(label=gettext_lazy("خرید بیش از"), required=False, max_rial=MOST_RIAL)
    starts_on = JalaliDateField(label=gettext_lazy("از تاریخ"), required=False)
    ends_on = JalaliDateField(label=gettext_lazy("تا پایان روز"), required=False)
    hour_from = HourField(label=gettext_lazy("از ساعت"), required=False)
    hour_to = HourField(label=gettext_lazy("تا ساعت"), required=False)
    budget = MoneyField(label=gettext_lazy("بودجهٔ کل"), required=False, min_rial=1, max_rial=MOST_RIAL)
    budget_per_month = MoneyField(label=gettext_lazy("بودجهٔ هر ماه"), required=False, min_rial=1, max_rial=MOST_RIAL)
    total = WholeField(label=gettext_lazy("چند بار در کل"), required=False, least=1, most=MOST_COUNT)
    per_member = WholeField(label=gettext_lazy("هر عضو در کل"), required=False, least=1, most=MOST_COUNT)
    per_member_per_day = WholeField(label=gettext_lazy("هر عضو در روز"), required=False, least=1, most=MOST_COUNT)
    per_member_per_month = WholeField(label=gettext_lazy("هر عضو در ماه"), required=False, least=1, most=MOST_COUNT)
    stacking = forms.ChoiceField(
        label=gettext_lazy("با پیشنهادهای دیگر"), choices=list(STACKING.items()), widget=forms.RadioSelect
    )
    code_required = forms.BooleanField(label=gettext_lazy("تنها با کد تخفیف"), required=False)
    priority = WholeField(
        label=gettext_lazy("اولویت"), required=False, most=MOST_COUNT,
        help_text=gettext_lazy("بزرگ‌تر زودتر حساب می‌شود؛ در جمع شدن چند پیشنهاد اثر دارد."),
    )  # fmt: skip
    control = HundredthsField(
        label=gettext_lazy("گروه شاهد"), required=False, most=5_000,
        help_text=gettext_lazy(
            "این چند درصد، به قرعه، پیشنهاد را نمی‌بینند و نمی‌گیرند؛ خرید آن‌ها در برابر بقیه نشان می‌دهد پیشنهاد "
            "واقعاً اثر داشت یا نه. خالی یا صفر: خاموش."
        ),
    )  # fmt: skip
    groups = groups_field(gettext_lazy("فهرستی از گروه‌ها به زبان API؛ با شرط‌های بالا با هم لازم‌اند."))
    units = {
        "total": TIMES,
        "per_member": TIMES,
        "per_member_per_day": TIMES,
        "per_member_per_month": TIMES,
    }

    def __init__(
        self, data: Any, *, said: Said, shelf: Shelf, quiet: bool = False, rows: list[int] | None = None
    ) -> None:
        super().__init__(data)
        self.before, self.shelf, self.quiet, self.zone = said, shelf, quiet, club_zone()
        shape = shape_of(said, zone=self.zone, custom=shelf.kinds)
        self.groups_shown = shape.groups
        self.initial = dict(shape.fields)
        if shape.groups:
            self.initial["groups"] = groups_shown(shape.groups)
        self._fit(said)
        self.lay_rows(shape.rows, rows, has_basket=self.has_basket)
        self.dress()

    @property
    def has_basket(self) -> bool:
        """Whether what sets it off brings a purchase, with goods and an amount."""
        return str(self["trigger"].value()) in WITH_BASKET

    @property
    def has_goods(self) -> bool:
        """Whether goods are asked for; what is said of them already stays in sight."""
        return bool(self.has_basket or self["goods"].value() or self["scope"].value() or self.is_often)

    def _suffix(self, name: str, field: forms.Field) -> Text:
        """What a number counts."""
        return figures.UNITS.get(name) or super()._suffix(name, field)

    @property
    def figures(self) -> list[forms.BoundField]:
        """How much is given."""
        return [self[name] for name in FIGURES[self.chosen_kind] if name != "most"]

    @property
    def often(self) -> list[forms.BoundField]:
        """How often it is given in one purchase."""
        return [self[name] for name in OFTEN if name in self.fields]

    @property
    def is_often(self) -> bool:
        """Whether anything is said of that."""
        return any(field.value() or field.errors for field in self.often)

    @property
    def most_field(self) -> forms.BoundField | None:
        """The most that a purchase gives, where it is a share of it."""
        return self["most"] if "most" in self.fields else None

    @property
    def event_field(self) -> forms.BoundField | None:
        """The name of an event of other programs."""
        return self["event_type"] if "event_type" in self.fields else None

    @property
    def chosen_kind(self) -> str:
        """The benefit as it is chosen now."""
        chosen = str(self["kind"].value() or "")
        return chosen if chosen in FIGURES else str(self.before["benefit"]["kind"])

    def written(self) -> Written:
        """The JSON that the valid form says."""
        fields = {**dict.fromkeys(self.initial), **self.cleaned_data}
        rows = [{**row.cleaned_data} for row in self.rows]
        shape = Shape(fields, rows, self.cleaned_data["groups"])
        return written(shape, before=self.before, zone=self.zone, custom=self.shelf.kinds)

    def refuse_paths(self, refused: ValidationFailed, places: list[str]) -> None:
        """Say each fault of the JSON beside the field that it came from; `places` are those of the conditions."""
        for path, texts in refused.errors.items():
            for text in texts:
                self._refuse(path, str(text), places)

    def _refuse(self, path: str, text: str, places: list[str]) -> None:
        if path.startswith("when.all["):
            number, _bracket, tail = path.removeprefix("when.all[").partition("]")
            place = places[int(number)] if int(number) < len(places) else "groups"
            kind, _colon, index = place.partition(":")
            if kind == "row":
                self._refuse_row(self.rows[int(index)], tail, text)
                return
            name = "groups" if kind == "group" else place
            self.add_error(name, f"[{index}]{tail}: {text}" if kind == "group" else text)
            return
        name = PATHS.get(path) or figures.field_at(path, self.chosen_kind) or path.removeprefix("limits.")
        if name == "groups":
            text = f"{path}: {text}"
        self.add_error(name if name in self.fields else None, text)

    def _refuse_row(self, row: RowForm, tail: str, text: str) -> None:
        name = tail.lstrip(".").partition("[")[0].partition(".")[0]
        where = {"value": ("value", "share", "several"), "of": ("goods", "days"), "op": ("op",)}.get(name, ())
        row.add_error(next((one for one in where if one in row.fields), "fact"), text)

    def _fit(self, said: Said) -> None:
        """The fields that this kind of benefit and this trigger have."""
        shelf, benefit = self.shelf, said["benefit"]
        trigger = str(self["trigger"].value())
        chosen = str((self.data.get("kind") if self.is_bound else "") or self.initial["kind"])
        kinds = [
            (kind, str(label))
            for kind, label in figures.KINDS.items()
            if kind == chosen or (kind != "chances" and (self.has_basket or not BENEFITS[kind].needs_purchase))
        ]
        self.fields["kind"] = forms.ChoiceField(
            label=gettext_lazy("نوع پاداش"), choices=kinds, widget=forms.RadioSelect(), initial=benefit["kind"]
        )
        word = BENEFITS[self.chosen_kind]
        self.fields |= figures.fields(self.chosen_kind, shelf, benefit)
        if word.times:
            self.fields |= figures.often()
        self.fields["goods"] = goods_field(
            shelf, goods_used(benefit), required=False, label=gettext_lazy("تنها روی این‌ها")
        )
        self.fields["goods_not"] = forms.BooleanField(label=gettext_lazy("همه جز این‌ها"), required=False)
        scopes = ["", *(ONE_UNIT if word.one_unit else ())]
        scopes += [scope for scope in [self.initial["scope"]] if scope not in scopes]
        self.fields["scope"] = forms.ChoiceField(
            label=gettext_lazy("روی کدام؟"), choices=[(one, SCOPES[one]) for one in scopes], required=False
        )
        days = with_own(shelf.values("weekday", "weekday") or [], [])
        self.fields["weekdays"] = chips_field(gettext_lazy("روزهای هفته"), days, required=False)
        tiers = [("", _("همهٔ اعضا")), *((code, _("%(tier)s و بالاتر") % {"tier": name}) for code, name in shelf.tiers)]
        self.fields["tier_from"] = forms.ChoiceField(
            label=gettext_lazy("سطح عضو"), required=False, widget=forms.RadioSelect(),
            choices=with_own(tiers, [str(self.initial.get("tier_from") or "")]),
        )  # fmt: skip
        if trigger != "event":
            del self.fields["event_type"]
        elif shelf.activities:
            own = [str(self.initial.get("event_type") or "")]
            self.fields["event_type"] = forms.ChoiceField(
                label=gettext_lazy("کدام فعالیت؟"), choices=with_own(shelf.activities, own)
            )
