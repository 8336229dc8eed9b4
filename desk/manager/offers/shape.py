"""Between the JSON of an offer and what the builder's form holds of it. Pure; form(JSON) -> JSON is the same.

A condition that has a field of its own goes there, any other to a row; what neither can say exactly (groups within
groups) stays JSON. What a person did not touch is written as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from core.jalali import last_day, local_date
from desk.manager.offers.conditions import (
    Said,
    Typed,
    bp_of,
    clock,
    goods_said,
    goods_typed,
    number_of,
    said_of,
    typed_of,
)
from offers.vocabulary import EVENT, SEGMENT_TRIGGERS

LIMITS = ("budget", "budget_per_month", "total", "per_member", "per_member_per_day", "per_member_per_month")
PLAIN = ("name", "summary", "goal", "stacking", "code_required")

# The figures of each kind of benefit: by the field of the form, the name in the JSON.
FIGURES: dict[str, dict[str, str]] = {
    "credit_percent": {"percent": "percent", "of_credit": "of_credit", "most": "max"},
    "discount_percent": {"percent": "percent", "most": "max"},
    "points_factor": {"factor": "factor"},
    "credit_amount": {"amount": "amount"},
    "discount_amount": {"amount": "amount"},
    "points_amount": {"points": "points"},
    "free_item": {"product": "product", "quantity": "quantity"},
    "buy_x_get_y": {"buy": "buy", "get": "get", "get_percent": "percent"},
    "fixed_price": {"quantity": "quantity", "amount": "amount"},
    "free_delivery": {},
    "coupon": {"coupon": "offer", "valid_days": "valid_days"},
    "tier": {"tier_code": "code", "tier_days": "days"},
    "chances": {"lottery": "lottery", "count": "count"},
}
OF_PURCHASE = "purchase"
"""Goes without saying."""
PERCENTS = ("percent", "get_percent")
OFTEN = {"per_amount": "per_amount", "per_quantity": "per_quantity", "repeat": "repeat"}


@dataclass(frozen=True)
class Shape:
    """What the form holds: a value for each field, the rows of conditions, and what is left of them as JSON."""

    fields: dict[str, Any]
    rows: list[Typed] = field(default_factory=list)
    groups: list[Said] = field(default_factory=list)


@dataclass(frozen=True)
class Written:
    """The JSON that a form says; `places` tells which field or row each condition of it came from."""

    said: Said
    places: list[str]


def shape_of(said: Said, *, zone: str, custom: Mapping[str, str]) -> Shape:
    """What the form shows of an offer; `custom` has the kind of each field of the club's own."""
    trigger = said["trigger"]
    is_event = trigger.startswith(EVENT) and trigger not in SEGMENT_TRIGGERS
    event = trigger.removeprefix(EVENT) if is_event else ""
    fields: dict[str, Any] = {
        **{name: said[name] for name in PLAIN},
        "trigger": "event" if event else trigger,
        "event_type": event,
        "priority": said["priority"],
        "control": bp_of(said["control_percent"]),
        "starts_on": _first_day(said["starts_at"], zone),
        "ends_on": _last_day(said["ends_at"], zone),
        **{name: said["limits"].get(name) for name in LIMITS},
        **_benefit_fields(said["benefit"]),
    }
    rows: list[Typed] = []
    groups: list[Said] = []
    for part in _parts(said["when"]):
        own = _own_field(part)
        if own and not own.keys() & fields.keys():
            fields |= own
        elif (row := typed_of(part, custom)) is not None:
            rows.append(row)
        else:
            groups.append(part)
    return Shape(fields, rows, groups)


def written(shape: Shape, *, before: Said, zone: str, custom: Mapping[str, str]) -> Written:
    """What the form says; what says the same as `before` is written as it was there."""
    fields = shape.fields
    placed = [
        *_own_parts(fields),
        *((f"row:{number}", said_of(row, custom)) for number, row in enumerate(shape.rows)),
        *((f"group:{number}", group) for number, group in enumerate(shape.groups)),
    ]
    when: Said = {"all": [part for _place, part in placed]} if placed else {}
    is_event = fields["trigger"] == "event"
    said = {
        **{name: fields[name] for name in PLAIN},
        "trigger": f"{EVENT}{fields['event_type']}" if is_event else fields["trigger"],
        "priority": fields["priority"] or 0,
        "control_percent": number_of(fields["control"] or 0),
        "starts_at": _moment(fields["starts_on"], _first_day(before["starts_at"], zone), before["starts_at"]),
        "ends_at": _moment(fields["ends_on"], _last_day(before["ends_at"], zone), before["ends_at"]),
        "limits": {name: fields[name] for name in LIMITS if fields[name] is not None},
        "benefit": _benefit_said(fields, before["benefit"]),
        "when": before["when"] if _same(_parts(when), _parts(before["when"])) else when,
    }
    return Written(said, [place for place, _part in placed])


# --- conditions that have a field of their own ----------------------------------------------------------------------


def _parts(when: Said) -> list[Said]:
    """What must hold together."""
    if set(when) == {"all"} and isinstance(when["all"], list):
        return list(when["all"])
    return [when] if when else []


def _same(one: list[Said], other: list[Said]) -> bool:
    left = list(other)
    for part in one:
        if part not in left:
            return False
        left.remove(part)
    return not left


def _own_field(part: Said) -> dict[str, Any] | None:
    """The fields that say exactly this condition."""
    fields = _own_fields(part)
    said = [own for _place, own in _own_parts(fields)] if fields else []
    return fields if said == [part] else None


def _own_fields(part: Said) -> dict[str, Any]:
    match part:
        case {"fact": "weekday", "op": "eq", "value": int(day)}:
            return {"weekdays": [str(day)]}
        case {"fact": "weekday", "op": "in", "value": [*days]}:
            return {"weekdays": [str(day) for day in days]}
        case {"fact": "amount", "op": "gt", "value": int(rial)}:
            return {"amount_above": rial}
        case {"fact": "tier", "op": "gte", "value": str(code)}:
            return {"tier_from": code}
        case {"fact": "time", "op": "between", "value": [str(start), str(end)]}:
            return {"hour_from": _hour(start, "00:00"), "hour_to": _hour(end, "24:00")}
    return {}


def _own_parts(fields: Mapping[str, Any]) -> list[tuple[str, Said]]:
    parts: list[tuple[str, Said]] = []
    days = [int(day) for day in fields.get("weekdays") or []]
    if days:
        one = len(days) == 1
        value: Any = days[0] if one else days
        parts.append(("weekdays", {"fact": "weekday", "op": "eq" if one else "in", "value": value}))
    start, end = fields.get("hour_from"), fields.get("hour_to")
    if start or end:
        hours = [f"{start:%H:%M}" if start else "00:00", f"{end:%H:%M}" if end else "24:00"]
        parts.append(("hour_to", {"fact": "time", "op": "between", "value": hours}))
    if fields.get("amount_above") is not None:
        parts.append(("amount_above", {"fact": "amount", "op": "gt", "value": fields["amount_above"]}))
    if fields.get("tier_from"):
        parts.append(("tier_from", {"fact": "tier", "op": "gte", "value": fields["tier_from"]}))
    return parts


def _hour(text: str, end: str) -> time | None:
    """The hour; None at the end of the day that an empty field stands for, and for what is no hour."""
    if text == end:
        return None
    try:
        return clock(text)
    except ValueError:
        return None


# --- the benefit ----------------------------------------------------------------------------------------------------


def _benefit_fields(benefit: Said) -> dict[str, Any]:
    kind = benefit["kind"]
    fields: dict[str, Any] = {"kind": kind}
    for name, said in {**FIGURES[kind], **OFTEN}.items():
        value = benefit.get(said)
        if value is not None and name in PERCENTS:
            value = bp_of(value)
        elif value is not None and name == "factor":
            value = bp_of(value * 100) if isinstance(value, int) else round(value * 10_000)
        fields[name] = value
    fields["goods"], fields["goods_not"] = goods_typed(benefit.get("of"))
    fields["scope"] = benefit.get("applies_to", "") if benefit.get("applies_to") != _usual_scope(benefit) else ""
    return fields


def _benefit_said(fields: Mapping[str, Any], before: Said) -> Said:
    said: Said = {"kind": fields["kind"]}
    for name, called in {**FIGURES[said["kind"]], **OFTEN}.items():
        value = fields.get(name)
        if value is None or value == "" or (name == "of_credit" and value == OF_PURCHASE):
            continue
        if name in PERCENTS:
            value = number_of(value)
        elif name == "factor":
            value = number_of(value, 10_000)
        said[called] = value
    goods = goods_said(list(fields.get("goods") or []), is_not=bool(fields.get("goods_not")))
    if goods is not None:
        said["of"] = goods
    if fields.get("scope"):
        said["applies_to"] = fields["scope"]
    return before if _bare(said) == _bare(before) else said


def _bare(benefit: Said) -> Said:
    """A benefit without what goes without saying."""
    bare = {name: value for name, value in benefit.items() if value is not None}
    if bare.get("applies_to") == _usual_scope(benefit):
        del bare["applies_to"]
    if bare.get("of_credit") == OF_PURCHASE:
        del bare["of_credit"]
    if bare["kind"] == "buy_x_get_y":
        bare.setdefault("percent", 100)
    if "of" in bare:
        codes, is_not = goods_typed(bare["of"])
        bare["of"] = sorted(set(codes)), is_not
    return bare


def _usual_scope(benefit: Said) -> str:
    return "basket" if benefit.get("of") is None else "matching_lines"


# --- days -----------------------------------------------------------------------------------------------------------


def _first_day(moment: str | None, zone: str) -> date | None:
    return local_date(datetime.fromisoformat(moment), zone) if moment else None


def _last_day(moment: str | None, zone: str) -> date | None:
    return last_day(datetime.fromisoformat(moment), zone) if moment else None


def _moment(day: date | None, shown: date | None, before: str | None) -> str | None:
    """The day that was typed; untouched, the very moment there was."""
    if day == shown:
        return before
    return day.isoformat() if day else None
