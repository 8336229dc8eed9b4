"""The form of one condition: a fact, an operator, and fields for what this fact is held against."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from core.errors import Text
from core.forms import JalaliDateField, MoneyField, WholeField, set_choices
from core.language import in_language
from core.money import unit_name
from core.tenancy.scope import current_club
from core.text import NUMBER_MARKS, latin_digits
from desk.manager.fields import HourField, HundredthsField, WordsField
from desk.manager.offers.choices import OPS, Choices, Shelf, with_own
from desk.manager.offers.conditions import ONE_OF, Typed, fact_of, ops_of, said_of
from desk.manager.settings.forms import SettingsForm
from offers.vocabulary import FACTS, MOST_DAYS, OWN_OPS, RANGES, Fact, Kind

FIRST_FACT = "visit_number"
FIRST_WITHOUT_BASKET = "member_for_days"
DAYS: Text = gettext_lazy("روز")
GOODS: Text = gettext_lazy("کدام کالاها")
VALUES = ("value", "to", "several", "share", "unit")
UNITS: dict[Kind, Text] = {"days": DAYS, "birthday": DAYS}


class SignedField(WholeField):
    """A whole number that may lie below zero."""

    def to_python(self, value: Any) -> Any:
        typed = latin_digits("" if value is None else str(value)).translate(NUMBER_MARKS)
        typed = typed.replace("−", "-").replace("\u200e", "").replace("\u200f", "").strip()
        if not typed.startswith("-"):
            return super().to_python(typed)
        number = WholeField(most=-self.least).to_python(typed[1:])
        return None if number is None else -number


class NumbersField(WordsField):
    """Whole numbers with commas between them; cleans to a list."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        self.each = WholeField(least=least, most=most)
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        """The numbers, each once."""
        return [self.each.to_python(word) for word in super().to_python(value)]

    def prepare_value(self, value: Any) -> Any:
        """The numbers on one line."""
        return super().prepare_value([in_language(one) for one in value] if isinstance(value, list) else value)


def _of_this_kind(data: Any, prefix: str, shelf: Shelf) -> Any:
    """What was posted, without the value of a fact of another kind: 30 days are not 30 of the club's money."""
    fact = fact_of(data.get(f"{prefix}-fact", ""), shelf.kinds) if data is not None else None
    if fact is None or data.get(f"{prefix}-kind", fact.kind) == fact.kind:
        return data
    kept = data.copy()
    for name in VALUES:
        kept.pop(f"{prefix}-{name}", None)
    return kept


class RowForm(SettingsForm):
    """A condition. `values` is what it shows: what was posted, or the row as it stands."""

    fact = forms.ChoiceField(label=gettext_lazy("شرط"))
    op = forms.ChoiceField(label=gettext_lazy("چگونه"))

    def __init__(
        self,
        data: Any,
        *,
        number: int,
        shelf: Shelf,
        row: Typed | None = None,
        quiet: bool = False,
        has_basket: bool = True,
    ) -> None:
        super().__init__(
            _of_this_kind(data, f"c{number}", shelf) if quiet else data, prefix=f"c{number}", initial=row or {}
        )
        self.number, self.shelf, self.quiet = number, shelf, quiet
        first = FIRST_FACT if has_basket else FIRST_WITHOUT_BASKET
        name = str(self["fact"].value() or first)
        set_choices(self, "fact", shelf.facts(has_basket=has_basket, used=name))
        known = fact_of(name, shelf.kinds)
        self.name, self.about = (name, known) if known else (first, FACTS[first])
        ops = ops_of(self.about.kind)
        set_choices(self, "op", [(op, str(OPS[op])) for op in ops])
        asked = str(self["op"].value() or "")
        self.op_now = asked if asked in ops else ops[0]
        self._add_fields(self.about)
        self.dress()
        for each in self.fields.values():
            each.widget.is_required = False

    def full_clean(self) -> None:
        """Nothing is said against a row that only changes its shape."""
        if self.quiet:
            self._errors = forms.utils.ErrorDict()
            self.cleaned_data = {}
            return
        super().full_clean()

    def clean(self) -> dict[str, Any]:
        """What was typed, with the operator that goes with the fact."""
        return {**super().clean(), "fact": self.name}

    def said(self) -> dict[str, Any]:
        """The condition as the JSON says it."""
        return said_of(self.cleaned_data, self.shelf.kinds)

    @property
    def about_fields(self) -> list[forms.BoundField]:
        """The fields that a value is typed in."""
        return [self[name] for name in self.fields if name not in ("fact", "op", "unit", "goods_not")]

    @property
    def unit_field(self) -> forms.BoundField | None:
        """Whether the value is a share of the member's own figure."""
        return self["unit"] if "unit" in self.fields else None

    @property
    def but_field(self) -> forms.BoundField | None:
        """Whether all but the goods are meant."""
        return self["goods_not"] if "goods_not" in self.fields else None

    def _add_fields(self, fact: Fact) -> None:
        shares = bool(fact.own) and self.op_now in OWN_OPS
        is_share = shares and self._unit() == "own"
        if fact.of == "days":
            self.fields["days"] = WholeField(label=gettext_lazy("در چند روز گذشته"), least=1, most=MOST_DAYS)
        elif fact.of:
            self._add_goods(required=fact.of == "lines")
        if self.op_now in ONE_OF:
            self.fields["several"] = self._several(fact.kind)
        elif is_share:
            self.fields["share"] = HundredthsField(label=gettext_lazy("چند درصد"), most=1_000_000)
        else:
            is_range = self.op_now == "between"
            self.fields["value"] = self._field(fact.kind, gettext_lazy("از") if is_range else gettext_lazy("مقدار"))
            if is_range:
                self.fields["to"] = self._field(fact.kind, gettext_lazy("تا"))
        if shares:
            own = gettext_lazy("درصد میانگین خریدهای خود عضو")
            if fact.own == "usual_gap":
                own = gettext_lazy("درصد فاصلهٔ همیشگی خود عضو")
            unit = unit_name(current_club().currency_unit) if fact.kind == "money" else DAYS
            choices = [("", unit), ("own", own)]
            self.fields["unit"] = forms.ChoiceField(label=gettext_lazy("سنجیده به"), choices=choices, required=False)

    def _unit(self) -> str:
        name = self.add_prefix("unit")
        return str(self.data.get(name, "") if self.is_bound else self.initial.get("unit", ""))

    def _add_goods(self, *, required: bool) -> None:
        used = [] if self.is_bound else self.initial.get("goods") or []
        self.fields["goods"] = goods_field(self.shelf, used, required=required)
        self.fields["goods_not"] = forms.BooleanField(label=gettext_lazy("همه جز این‌ها"), required=False)

    def _several(self, kind: Kind) -> forms.Field:
        label = gettext_lazy("کدام‌ها")
        choices = self.shelf.values(self.name, kind)
        if choices is not None:
            used = [] if self.is_bound else self.initial.get("several") or []
            return chips_field(label, with_own(choices, map(str, used)))
        hint = gettext_lazy("با ویرگول از هم جدا کنید.")
        if kind in RANGES:
            least, most = RANGES[kind]
            return NumbersField(label=label, least=least, most=most, help_text=hint)
        return WordsField(label=label, help_text=hint)

    def _field(self, kind: Kind, label: Any) -> forms.Field:
        if self.op_now == "every":
            return WholeField(label=label, least=1)
        choices = self.shelf.values(self.name, kind)
        if choices is not None:
            used = "" if self.is_bound else str(self.initial.get("value") or "")
            return forms.ChoiceField(label=label, choices=with_own(choices, [used]))
        match kind:
            case "money":
                return MoneyField(label=label)
            case "birthday":
                hint = gettext_lazy("۰ همان روز؛ منفی پیش از آن")
                return SignedField(label=label, least=-183, most=183, help_text=hint)
            case "time":
                return HourField(label=label)
            case "date":
                return JalaliDateField(label=label)
            case "count" | "days" | "day":
                least, most = RANGES[kind]
                return WholeField(label=label, least=least, most=most)
        return forms.CharField(label=label, max_length=200)

    def _suffix(self, name: str, field: forms.Field) -> Text:
        """What a number counts, where the field does not say so."""
        if name in ("value", "to") and self.about.kind in UNITS and not isinstance(field, forms.ChoiceField):
            return UNITS[self.about.kind]
        return super()._suffix(name, field)


class CodesField(WordsField):
    """Codes of goods, written."""

    def to_python(self, value: Any) -> Any:
        """The codes in Latin digits."""
        return [latin_digits(word) for word in super().to_python(value)]


def chips_field(label: Any, choices: Choices, *, required: bool = True) -> forms.MultipleChoiceField:
    """Some of the choices, each a chip."""
    widget = forms.CheckboxSelectMultiple
    return forms.MultipleChoiceField(label=label, choices=choices, required=required, widget=widget)


def goods_field(shelf: Shelf, used: list[str], *, required: bool, label: Any = GOODS) -> forms.Field:
    """Groups and products to choose from; where there are too many products, their codes are written."""
    if shelf.has_all_products:
        return chips_field(label, with_own(shelf.goods, used), required=required)
    hint = gettext_lazy("کد گروه یا کالا؛ با ویرگول از هم جدا کنید.")
    return CodesField(label=label, required=required, help_text=hint)
