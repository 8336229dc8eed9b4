"""From the JSON of an offer to its terms: strictly, with every fault under its path (`when.all[2].value`). Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import ValidationFailed
from core.reading import Choice, Fault, Faults, Field, Flag, Moment, Record, Scaled, Text, Values, Whole
from offers.known import ANYTHING, Known
from offers.parsing_benefits import BenefitField, check_benefit
from offers.parsing_conditions import GroupField
from offers.rules import Limits, Terms, conditions
from offers.vocabulary import BENEFITS, EVENT, GOALS, MOST_COUNT, MOST_RIAL, STACKINGS, TRIGGERS

EVENT_TYPE_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class TriggerField(Field):
    """A trigger by its name, or `event:` and the type of an event."""

    def take(self, value: Any) -> str:
        text = str(Text(most=len(EVENT) + EVENT_TYPE_LENGTH, least=1).take(value))
        kind = text.removeprefix(EVENT)
        if text not in TRIGGERS and (kind == text or not kind.replace("_", "").isalnum() or not kind.isascii()):
            raise Fault(_("چنین رویدادی نیست؛ یکی از نام‌های راهنما، یا event:نام با حروف لاتین بنویسید."))
        return text

    def kind(self) -> dict[str, Any]:
        return {"type": "string", "pattern": rf"^({'|'.join(TRIGGERS)}|{EVENT}[A-Za-z0-9_]+)$"}


def _most(most: int) -> Whole:
    return Whole(nullable=True, least=1, most=most)


LIMITS = Record(
    nullable=True,
    fields={
        "per_member": _most(MOST_COUNT),
        "per_member_per_day": _most(MOST_COUNT),
        "per_member_per_month": _most(MOST_COUNT),
        "total": _most(MOST_COUNT),
        "budget": _most(MOST_RIAL),
        "budget_per_month": _most(MOST_RIAL),
    },
)


def offer_record(known: Known = ANYTHING, zone: Callable[[], str] | None = None) -> Record:
    """What an offer may say; codes are held against what is known, days against the zone."""
    return Record(
        fields={
            "name": Text(required=True, least=1, most=100),
            "summary": Text(most=200),
            "goal": Choice(values=GOALS),
            "trigger": TriggerField(required=True),
            "starts_at": Moment(nullable=True, zone=zone),
            "ends_at": Moment(nullable=True, zone=zone, ends=True),
            "when": GroupField(known=known),
            "benefit": BenefitField(required=True, known=known),
            "stacking": Choice(values=STACKINGS),
            "priority": Whole(least=-MOST_COUNT, most=MOST_COUNT),
            "code_required": Flag(),
            "limits": LIMITS,
            "control_percent": Scaled(unit=100, most=5_000),
            "message": Values(nullable=True),
        },
        check=_check,
    )


def parse(data: Any, *, known: Known = ANYTHING, zone: Callable[[], str] | None = None) -> Terms:
    """The terms that the JSON says. Raises ValidationFailed with every fault by its path."""
    faults: Faults = {}
    read = offer_record(known, zone).read(data, "", faults)
    if "" in faults:
        faults["body"] = faults.pop("")
    if faults:
        raise ValidationFailed(faults)
    return _terms(read)


def _terms(read: Mapping[str, Any]) -> Terms:
    said = dict(read)
    limits = Limits(**(said.pop("limits", None) or {}))
    control = said.pop("control_percent", 0)
    return Terms(**said, limits=limits, control_bp=control)


def _check(read: dict[str, Any], start: str, faults: Faults) -> None:
    """What goes with what; each part is right by itself already."""
    terms = _terms(read)
    if terms.starts_at and terms.ends_at and terms.starts_at >= terms.ends_at:
        faults[f"{start}ends_at"] = [_("پایان باید پس از آغاز باشد.")]
    if BENEFITS[terms.benefit.kind].worthless and terms.stacking != "always":
        faults[f"{start}stacking"] = [_("ارزش این هدیه سنجیدنی نیست؛ فقط always می‌پذیرد.")]
    if terms.code_required and terms.trigger != "purchase":
        faults[f"{start}code_required"] = [_("کد تخفیف فقط در خرید داده می‌شود.")]
    if not _can_be_kept(terms.message):
        faults[f"{start}message"] = [_("عددی دارد که عدد نیست (NaN).")]
    check_benefit(terms, f"{start}benefit", faults)
    if not terms.has_basket and any(condition.needs_purchase for condition in conditions(terms.when)):
        faults[f"{start}when"] = [_("در این رویداد خریدی نیست؛ شرط‌های سبد را بردارید.")]


def _can_be_kept(value: Any) -> bool:
    """Whether all numbers within are numbers."""
    if isinstance(value, dict | list):
        return all(_can_be_kept(inner) for inner in (value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float | Decimal) or isfinite(value)
