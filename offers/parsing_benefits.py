"""A benefit out of JSON: its kind, the figures of its kind, and which lines it is of. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.reading import Choice, Code, Fault, Faults, Field, Scaled, Whole
from offers.known import ANYTHING, Known
from offers.parsing_conditions import LACKING, NO_FIELD, NOT_JSON, OfField
from offers.rules import Benefit, Terms
from offers.vocabulary import BENEFITS, MOST_COUNT, MOST_DAYS, MOST_RIAL, ONE_UNIT, SCOPES

MOST_FACTOR_BP = 1_000_000
_RIAL = Whole(required=True, least=1, most=MOST_RIAL)
_COUNT = Whole(required=True, least=1, most=MOST_COUNT)
_DAYS = Whole(required=True, least=1, most=MOST_DAYS)
_MOST = Whole(nullable=True, least=1, most=MOST_RIAL)
_PERCENT = Scaled(required=True, unit=100, least=1, most=10_000)

# The figures of each kind by their names in the JSON.
FIGURES: dict[str, dict[str, Field]] = {
    "discount_percent": {"percent": _PERCENT, "max": _MOST},
    "discount_amount": {"amount": _RIAL},
    "fixed_price": {"amount": Whole(required=True, most=MOST_RIAL), "quantity": _COUNT},
    "buy_x_get_y": {"buy": _COUNT, "get": _COUNT, "percent": Scaled(unit=100, least=1, most=10_000)},
    "credit_percent": {
        "percent": Scaled(required=True, unit=100, least=1, most=100_000),
        "max": _MOST,
        "of_credit": Choice(values=("purchase", "base_credit")),
    },
    "credit_amount": {"amount": _RIAL},
    "points_factor": {"factor": Scaled(required=True, unit=10_000, least=10_001, most=MOST_FACTOR_BP)},
    "points_amount": {"points": _COUNT},
    "free_item": {"product": Code(required=True), "quantity": _COUNT},
    "free_delivery": {},
    "coupon": {"offer": _COUNT, "valid_days": _DAYS},
    "chances": {"lottery": Code(required=True), "count": _COUNT},
    "tier": {"code": Code(required=True), "days": _DAYS},
}
NAMES = {"percent": "percent_bp", "factor": "factor_bp", "max": "most", "code": "tier"}
"""How a figure is called inside, where it is not called the same."""
_SHAPE: dict[str, Field] = {
    "applies_to": Choice(values=SCOPES),
    "per_amount": Whole(nullable=True, least=1, most=MOST_RIAL),
    "per_quantity": Whole(nullable=True, least=1, most=MOST_COUNT),
    "repeat": Whole(nullable=True, least=1, most=MOST_COUNT),
}


@dataclass(frozen=True, kw_only=True)
class BenefitField(Field):
    """`{kind, …}` with the figures of the kind, `applies_to`, `of`, `per_amount` or `per_quantity`, and `repeat`."""

    known: Known = ANYTHING

    def read(self, value: Any, path: str, faults: Faults) -> Benefit | None:
        if not isinstance(value, dict):
            faults[path] = [NOT_JSON]
            return None
        kind = value.get("kind")
        if not isinstance(kind, str) or kind not in FIGURES:
            faults[f"{path}.kind"] = [_("چنین هدیه‌ای نیست.") if "kind" in value else LACKING]
            return None
        fields = {**FIGURES[kind], **_SHAPE, "of": OfField(known=self.known)}
        for name in sorted(value.keys() - fields.keys() - {"kind"}):
            faults[f"{path}.{name}"] = [NO_FIELD]
        figures: dict[str, Any] = {}
        for name, known in fields.items():
            if name in value:
                figures[NAMES.get(name, name)] = known.read(value[name], f"{path}.{name}", faults)
            elif known.required:
                faults[f"{path}.{name}"] = [LACKING]
        self._check_codes(value, path, faults)
        figures.setdefault("applies_to", "basket" if figures.get("of") is None else "matching_lines")
        return Benefit(kind, **figures)

    def _check_codes(self, value: Mapping[str, Any], path: str, faults: Faults) -> None:
        among = {
            "product": self.known.products,
            "offer": self.known.offers,
            "lottery": self.known.lotteries,
            "code": self.known.tiers,
        }
        for name in among.keys() & FIGURES[value["kind"]].keys():
            where = f"{path}.{name}"
            if name in value and where not in faults and value[name] not in among[name]:
                faults[where] = [_("چنین کدی در باشگاه نیست.")]

    def take(self, value: Any) -> Any:
        raise Fault(NOT_JSON)

    def kind(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"kind": {"type": "string", "enum": list(FIGURES)}},
            "required": ["kind"],
            "additionalProperties": True,
        }


def check_benefit(terms: Terms, path: str, faults: Faults) -> None:
    """What does not go together within a benefit, or with the trigger."""
    benefit, word = terms.benefit, BENEFITS[terms.benefit.kind]
    times = benefit.per_amount is not None or benefit.per_quantity is not None
    if benefit.per_amount is not None and benefit.per_quantity is not None:
        faults[f"{path}.per_quantity"] = [_("یا per_amount یا per_quantity، نه هر دو.")]
    elif times and not word.times:
        name = "per_amount" if benefit.per_amount is not None else "per_quantity"
        faults[f"{path}.{name}"] = [_("این هدیه به ازای مبلغ یا تعداد تکرار نمی‌شود.")]
    if benefit.applies_to in ONE_UNIT and not word.one_unit:
        faults[f"{path}.applies_to"] = [_("این هدیه بر یک واحد نمی‌نشیند.")]
    if benefit.applies_to == "basket" and benefit.of is not None and not times:
        faults[f"{path}.of"] = [_("یا همهٔ سبد (basket) یا این کالاها؛ applies_to را matching_lines بنویسید.")]
    if terms.trigger != "purchase" and word.discount:
        faults[f"{path}.kind"] = [_("تخفیف فقط با رویداد purchase می‌آید.")]
    elif not terms.has_basket and (word.needs_purchase or times or benefit.of is not None):
        faults[f"{path}.kind"] = [_("در این رویداد خریدی نیست که این هدیه از آن حساب شود.")]
