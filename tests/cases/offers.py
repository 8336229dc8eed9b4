"""A case's own words for offers, rates and coupons, as the offers of the API contract: each a small pure function.

Money is a case's units times `unit`, Rial.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.jalali import from_jalali, to_jalali
from tests.cases.words import NotBuilt, UnknownWord, only

Terms = dict[str, Any]

AUTOMATIC, BY_CODE = False, True
OFFER_WORDS = (
    "id", "kind", "value", "scope", "max_discount", "max_items", "buy", "free", "free_qty", "included", "repeat",
    "conditions", "limits", "budget", "spent", "stackable", "exclusive",
)  # fmt: skip


def offer(case: dict[str, Any], unit: int, *, code_required: bool = AUTOMATIC) -> Terms:
    """The offer under its own id as a name."""
    only(case, *OFFER_WORDS)
    if case["kind"] not in BENEFITS:
        raise UnknownWord(case["kind"])
    return {
        "name": case["id"],
        "trigger": "purchase",
        "benefit": BENEFITS[case["kind"]](case, unit),
        "when": conditions(case.get("conditions", {}), unit),
        "stacking": stacking(case),
        "limits": limits(case, unit),
        "code_required": code_required,
    }


def stacking(case: dict[str, Any]) -> str:
    """A case counts one of all offers unless it says more: those are `best`; what stacks comes on top of them."""
    if case.get("exclusive"):
        return "alone"
    return "always" if case.get("stackable") else "best"


def limits(case: dict[str, Any], unit: int) -> Terms:
    """How often, and up to which cost."""
    said = only(case.get("limits", {}), "total", "per_member")
    return {**said, "budget": case["budget"] * unit} if "budget" in case else said


def window(days: Sequence[str | None]) -> Terms:
    """From the start of the first day to the end of the last, as days without a time are read; open where None."""
    starts, ends = days
    return {"starts_at": starts, "ends_at": ends}


def conditions(case: dict[str, Any], unit: int) -> Terms:
    """All of them have to hold."""
    only(case, *CONDITIONS)
    return {"all": [CONDITIONS[word](value, unit) for word, value in case.items()]}


def _at_least_units(value: dict[str, Any], _unit: int) -> Terms:
    """Units of a group, or, where the case names none, of anything."""
    only(value, "group", "qty")
    of = {"of": value["group"]} if "group" in value else {}
    return {"fact": "quantity_of", "op": "gte", "value": value["qty"], **of}


def _visit(value: str, _unit: int) -> Terms:
    """The first visit is the first purchase that ever was: one that was taken back was it all the same."""
    if value != "first":
        raise UnknownWord(f"visit {value}")
    return {"fact": "is_first_purchase", "op": "eq", "value": True}


def _around_birthday(value: dict[str, int], _unit: int) -> Terms:
    """Days before count down to the birthday."""
    only(value, "days_before", "days_after")
    return {"fact": "days_from_birthday", "op": "between", "value": [-value["days_before"], value["days_after"]]}


CONDITIONS: dict[str, Callable[[Any, int], Terms]] = {
    "min_amount": lambda value, unit: {"fact": "amount", "op": "gte", "value": value * unit},
    "min_qty": _at_least_units,
    "visit": _visit,
    "birthday": _around_birthday,
}


def _of(scope: str) -> Terms:
    """`order` is every line; a group or a product is found by its code."""
    kind, _colon, code = scope.partition(":")
    if kind not in ("order", "group", "sku"):
        raise UnknownWord(scope)
    return {"of": code} if code else {}


def _percent(case: dict[str, Any], unit: int) -> Terms:
    """Of one item at most: of the cheapest, as a shop would; the case has one price."""
    most = {"max": case["max_discount"] * unit} if "max_discount" in case else {}
    items = case.get("max_items")
    if items not in (None, 1):
        raise NotBuilt("a discount on some units of a line")
    one = {"applies_to": "cheapest_matching"} if items else {}
    return {"kind": "discount_percent", "percent": case["value"], **most, **one, **_of(case["scope"])}


def _fixed(case: dict[str, Any], unit: int) -> Terms:
    return {"kind": "discount_amount", "amount": case["value"] * unit, **_of(case["scope"])}


def _buy_x_get_y(case: dict[str, Any], _unit: int) -> Terms:
    """Where what is free is among what is bought, "3 for 2" buys two and gets one; else it comes on top."""
    times, free, count = {"repeat": case.get("repeat", 1)}, case["free"], case["free_qty"]
    if case["included"]:
        if free != "cheapest":
            raise UnknownWord(free)
        return {"kind": "buy_x_get_y", "buy": case["buy"] - count, "get": count, **times}
    product = _of(free)["of"]
    return {"kind": "free_item", "product": product, "quantity": count, "per_quantity": case["buy"], **times}


BENEFITS: dict[str, Callable[[dict[str, Any], int], Terms]] = {
    "percent": _percent,
    "fixed": _fixed,
    "buy_x_get_y": _buy_x_get_y,
}


def coupon(case: dict[str, Any]) -> dict[str, Any]:
    """What a code may do; without a word on it, as often as anybody likes."""
    only(case, "code", "member", "uses", "uses_per_member", "offer")
    return {"code": case["code"], "uses": case.get("uses"), "per_member": case.get("uses_per_member")}


def spent_by(case: dict[str, Any]) -> int:
    """The purchase of somebody else that has spent so much of the budget, in the case's units."""
    if case["kind"] != "percent" or case["spent"] * 100 % case["value"]:
        raise UnknownWord("spent")
    return int(case["spent"] * 100 // case["value"])


def birth_date(text: str, comes_round_in: int | None) -> date:
    """The day of birth; where a year is named, the one whose Jalali birthday is that Gregorian day in that year."""
    born = date.fromisoformat(text)
    if comes_round_in is None:
        return born
    year, _month, _day = to_jalali(born)
    _year, month, day = to_jalali(born.replace(year=comes_round_in))
    return from_jalali(year, month, day)


@dataclass(frozen=True)
class Rate:
    """What the programme gives by itself: Rial for a point, everywhere or in these groups alone, and the unit."""

    rial_per_point: int | None = None
    unit: int = 1
    groups: tuple[str, ...] = ()


RULE_WORDS = (
    "type", "rate", "on", "include_group", "min_amount", "final", "group", "by", "per", "points", "round",
)  # fmt: skip


def rates(rules: list[dict[str, Any]]) -> tuple[Rate, list[Terms]]:
    """The first rate that always holds is the programme's; all that come beside it are offers that always apply."""
    for rule in rules:
        only(rule, *RULE_WORDS)
        if rule.get("on", "net") != "net":
            raise NotBuilt("points on gross")
    own = bool(rules) and not any(word in rules[0] for word in ("min_amount", "final"))
    rate = _own_rate(rules[0]) if own else Rate()
    rest = list(enumerate(rules))[int(own) :]
    return rate, [_rule(place, rule, rules[:place], rate.unit) for place, rule in rest]


def _own_rate(rule: dict[str, Any]) -> Rate:
    """`n` points a unit are one point a Rial, with a unit of `n` Rial."""
    if rule["type"] == "per_amount":
        assert (rule["points"], rule["round"]) == (1, "down")
        return Rate(rule["per"])
    assert rule["type"] == "per_unit"
    if "include_group" in rule:
        return Rate(None, rule["rate"], tuple(rule["include_group"]))
    return Rate(1, rule["rate"])


def _rule(place: int, rule: dict[str, Any], before: list[dict[str, Any]], unit: int) -> Terms:
    return {
        "name": f"rule {place}",
        "trigger": "purchase",
        "benefit": _points(rule, unit),
        "when": {"all": [_from(rule, unit), *({"not": _from(one, unit)} for one in before if one.get("final"))]},
        "stacking": "always",
    }


def _from(rule: dict[str, Any], unit: int) -> Terms:
    """When a rule fires; one after a final rule only where that has not: what ends the others is said of each."""
    return conditions({word: rule[word] for word in ("min_amount",) if word in rule}, unit)


def _points(rule: dict[str, Any], unit: int) -> Terms:
    if rule["type"] == "multiply":
        return {"kind": "points_factor", "factor": rule["by"], "of": rule["group"]}
    assert rule["type"] == "per_unit" and "include_group" not in rule
    return {"kind": "points_amount", "points": rule["rate"], "per_amount": unit}


def referral_offers(told: dict[str, Any], unit: int) -> list[Terms]:
    """What both sides get of a referral: an offer for the referrer on the friend's first purchase, one for the friend."""
    if not told:
        return []
    only(told, "reward_referrer", "reward_friend", "on", "min_amount", "max_rewarded")
    assert told["on"] == "first_purchase"
    enough = {"fact": "amount", "op": "gte", "value": told.get("min_amount", 0) * unit}
    friend = [{"fact": fact, "op": "eq", "value": True} for fact in ("referred", "is_first_purchase")]
    limits = {"limits": {"per_member": told["max_rewarded"]}} if "max_rewarded" in told else {}
    points = [{"kind": "points_amount", "points": told[side]} for side in ("reward_referrer", "reward_friend")]
    return [
        {"name": "معرف", "trigger": "referral_converted", "when": {"all": [enough]}, "benefit": points[0], **limits},
        {"name": "دوست", "trigger": "purchase", "when": {"all": [*friend, enough]}, "benefit": points[1]},
    ]
