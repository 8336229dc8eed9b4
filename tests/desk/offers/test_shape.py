"""The builder's form says exactly what the JSON of an offer says, and the JSON what the form says."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from core.jalali import TEHRAN
from desk.manager.offers.shape import Shape, shape_of, written
from offers.parsing import parse
from offers.services import DEFAULTS
from offers.starters import STARTERS, started
from offers.vocabulary import BENEFITS, FACTS, OPS
from offers.words import Names
from tests.cases import offers as cases
from tests.cases.table import cases as all_cases

Said = dict[str, Any]

KINDS = {"pet": "text", "height": "number", "wedding": "date"}
ANSWERS = {
    "coupon": 4,
    "activity": "event:story",
    "tier": "silver",
    "goods": "drinks",
    "product": "latte",
    "money": 900_000,
}
VALUES: dict[str, Any] = {
    "money": 500_000, "count": 5, "days": 30, "birthday": -3, "weekday": 3, "month": 12, "day": 30, "time": "16:30",
    "date": "2026-03-21", "word": "x", "flag": True, "tier": "silver", "many": "vip",
}  # fmt: skip
LATER: dict[str, Any] = {
    "money": 900_000,
    "birthday": 3,
    "weekday": 5,
    "day": 31,
    "time": "20:00",
    "date": "2026-04-01",
}


def offer(**said: Any) -> Said:
    return {
        **DEFAULTS,
        "name": "x",
        "trigger": "purchase",
        "benefit": {"kind": "credit_percent", "percent": 10},
        **said,
    }


def condition(fact: str, op: str, value: Any, **more: Any) -> Said:
    return {"fact": fact, "op": op, "value": value, **more}


def conditions_of_every_fact() -> list[Said]:
    found = []
    for name, fact in FACTS.items():
        of: dict[str, Any] = {"of": 90} if fact.of == "days" else {"of": ["cake", "tea"]} if fact.of else {}
        known = {"channel": "till", "named_day": "yalda"}
        low, high = known.get(name, VALUES[fact.kind]), LATER.get(fact.kind, VALUES[fact.kind])
        for op in OPS[fact.kind]:
            several, value = [low], {"between": [low, high], "every": 3}.get(op, low)
            found.append(condition(name, op, several if op in ("in", "not_in") else value, **of))
        if fact.own:
            found.append(condition(name, "gte", {"own": fact.own, "percent": 150}, **of))
    return found


BENEFIT_EXAMPLES: list[Said] = [
    {"kind": "credit_percent", "percent": 7.5, "max": 500_000, "of_credit": "base_credit"},
    {"kind": "discount_percent", "percent": 7, "of": {"not": ["cake", "tea"]}, "applies_to": "cheapest_matching"},
    {"kind": "points_factor", "factor": 1.25},
    {"kind": "credit_amount", "amount": 10_000, "per_amount": 1_000_000, "repeat": 3},
    {"kind": "discount_amount", "amount": 10_000, "per_quantity": 2, "of": "tea", "applies_to": "basket"},
    {"kind": "points_amount", "points": 10},
    {"kind": "free_item", "product": "tea", "quantity": 1},
    {"kind": "buy_x_get_y", "buy": 2, "get": 1, "percent": 50},
    {"kind": "fixed_price", "amount": 0, "quantity": 2, "of": ["tea"]},
    {"kind": "free_delivery"},
    {"kind": "coupon", "offer": 4, "valid_days": 30},
    {"kind": "chances", "lottery": "nowruz", "count": 1},
    {"kind": "tier", "code": "gold", "days": 30},
]
WORTHLESS: dict[str, Said] = {kind: {"stacking": "always"} for kind, word in BENEFITS.items() if word.worthless}
OFFERS: list[Said] = [
    offer(**started(starter, {ask.path: ANSWERS[ask.kind] for ask in starter.asks}, Names())) for starter in STARTERS
]
OFFERS += [
    {**DEFAULTS, **cases.offer(said, 10)}
    for case in all_cases()
    if case["kind"] == "offer"
    for said in case["given"].get("offers", [])
]
OFFERS += [offer(when=one) for one in conditions_of_every_fact()]
OFFERS += [offer(benefit=one, **WORTHLESS.get(one["kind"], {})) for one in BENEFIT_EXAMPLES]
OFFERS += [
    offer(
        when={"all": [{"any": [condition("age", "gt", 60), condition("tag", "has", "vip")]}, condition("age", "gt", 5)]}
    ),
    offer(when={"not": condition("weekday", "eq", 6)}),
    offer(when={"all": [condition("weekday", "in", [3]), condition("weekday", "eq", 3), condition("age", "every", 2)]}),
    offer(when=condition("time", "between", ["16:00", "24:00"])),
    offer(when=condition("time", "between", ["00:00", "24:00"])),
    offer(when=condition("custom.pet", "in", ["گربه", "سگ"])),
    offer(when=condition("days_from.wedding", "between", [-7, 0])),
    offer(when=condition("days_from.wedding", "in", [0, 1])),
    offer(starts_at="2026-11-23T20:30:00+00:00", ends_at="2027-01-20T20:30:00+00:00", control_percent=12.5),
    offer(
        starts_at="2026-11-23T08:15:00+00:00",
        ends_at="2027-01-20T09:00:00+00:00",
        trigger="event:story_shared",
        benefit={"kind": "points_amount", "points": 20},
    ),
    offer(
        limits={"budget": 5, "budget_per_month": 4, "total": 3, "per_member": 2, "per_member_per_day": 1}, priority=-3
    ),
]


@pytest.mark.parametrize("said", OFFERS, ids=str)
def test_what_nobody_touched_is_written_as_it_was(said: Said) -> None:
    shape = shape_of(said, zone=TEHRAN, custom=KINDS)

    assert {**said, **written(shape, before=said, zone=TEHRAN, custom=KINDS).said} == said


@pytest.mark.parametrize("said", OFFERS, ids=str)
def test_written_from_nothing_it_means_the_same(said: Said) -> None:
    blank = offer(benefit={"kind": "discount_amount", "amount": 1}, when=condition("age", "eq", 99))
    shape = shape_of(said, zone=TEHRAN, custom=KINDS)

    anew = {**said, **written(shape, before=blank, zone=TEHRAN, custom=KINDS).said}

    one, other = (parse(each, zone=lambda: TEHRAN) for each in (said, anew))
    assert replace(one, when=other.when, starts_at=None, ends_at=None) == replace(other, starts_at=None, ends_at=None)
    assert as_parts(said["when"]) == as_parts(anew["when"])


def as_parts(when: Said) -> list[Said]:
    """What must hold together, in an order of its own."""
    parts = when["all"] if set(when) == {"all"} else [when] if when else []
    return sorted(parts, key=str)


def test_the_tuesday_offer_fills_fields_that_everybody_understands() -> None:
    tuesday = offer(
        when={
            "all": [
                condition("weekday", "eq", 3),
                condition("amount", "gt", 1_500_000),
                condition("tier", "gte", "silver"),
            ]
        }
    )

    shape = shape_of(tuesday, zone=TEHRAN, custom={})

    fields = {name: shape.fields[name] for name in ("weekdays", "amount_above", "tier_from", "kind", "percent")}
    assert fields == {
        "weekdays": ["3"], "amount_above": 1_500_000, "tier_from": "silver", "kind": "credit_percent", "percent": 1_000,
    }  # fmt: skip
    assert (shape.rows, shape.groups) == ([], [])


def test_groups_within_groups_stay_json_and_each_place_is_known() -> None:
    group = {"any": [condition("age", "gt", 60), condition("tag", "has", "vip")]}
    said = offer(when={"all": [group, condition("visit_number", "gt", 10), condition("weekday", "eq", 3)]})

    shape = shape_of(said, zone=TEHRAN, custom={})
    done = written(
        Shape({**shape.fields, "weekdays": ["4"]}, shape.rows, shape.groups), before=said, zone=TEHRAN, custom={}
    )

    assert shape.groups == [group]
    assert done.places == ["weekdays", "row:0", "group:0"]
    assert done.said["when"] == {"all": [condition("weekday", "eq", 4), condition("visit_number", "gt", 10), group]}


def test_days_that_were_not_touched_keep_their_very_moment() -> None:
    said = offer(starts_at="2026-11-23T08:15:00+00:00", ends_at="2027-01-20T20:30:00+00:00")
    shape = shape_of(said, zone=TEHRAN, custom={})
    assert (shape.fields["starts_on"], shape.fields["ends_on"]) == (date(2026, 11, 23), date(2027, 1, 20))

    later = Shape({**shape.fields, "ends_on": date(2027, 1, 21)})
    done = written(later, before=said, zone=TEHRAN, custom={}).said

    assert (done["starts_at"], done["ends_at"]) == (said["starts_at"], "2027-01-21")


def test_an_empty_hour_is_the_end_of_the_day() -> None:
    said = offer(when=condition("time", "between", ["16:00", "24:00"]))

    shape = shape_of(said, zone=TEHRAN, custom={})

    assert (shape.fields["hour_from"], shape.fields["hour_to"]) == (time(16), None)
