"""Whether a condition or a group of them holds in a situation, and of one that does not, how far off it is. Pure."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

from offers.rules import AllOf, AnyOf, Condition, Group, Not, Own, Value
from offers.situation import Judged
from offers.vocabulary import CUSTOM, FACTS

BP = 10_000


@dataclass(frozen=True)
class Miss:
    """A condition that did not hold: its fact as it is, and how much more of it would be enough, where more is."""

    condition: Condition
    value: Value
    actual: Any
    missing: int | None


def holds(group: Group, here: Judged) -> bool:
    """Whether the group holds."""
    match group:
        case Condition():
            return _meets(group, here)
        case AllOf(parts):
            return all(holds(part, here) for part in parts)
        case AnyOf(parts):
            return any(holds(part, here) for part in parts)
        case Not(part):
            return not holds(part, here)


def misses(group: Group, here: Judged) -> list[Miss]:
    """The conditions for which the group does not hold: of `any` those of each part, of `not` what holds within."""
    match group:
        case Condition():
            return [] if _meets(group, here) else [_miss(group, here)]
        case AllOf(parts) | AnyOf(parts):
            if holds(group, here):
                return []
            return [miss for part in parts for miss in misses(part, here)]
        case Not(part):
            return [_miss(held, here) for held in _held(part, here)] if holds(part, here) else []


def _held(group: Group, here: Judged) -> list[Condition]:
    """The conditions within that do hold."""
    match group:
        case Condition():
            return [group] if _meets(group, here) else []
        case AllOf(parts) | AnyOf(parts):
            return [held for part in parts for held in _held(part, here)]
        case Not(part):
            return _held(part, here)


def _meets(condition: Condition, here: Judged) -> bool:
    actual = here.value(condition.fact, condition.of)
    value = _due(condition.value, here)
    if isinstance(actual, frozenset):
        return _among_many(condition.op, actual, value)
    if actual is None or value is None:
        return condition.op in ("ne", "not_in")
    if condition.fact == "tier":
        return by_rank(condition.op, actual, value, here)
    if condition.fact.startswith(CUSTOM):
        actual = _like(actual, value)
    if condition.fact == "time" and condition.op == "between":
        return _within_hours(actual, *value)
    return _compare(condition.op, actual, value)


def _due(value: Value, here: Judged) -> Any:
    """What the fact is held against; None for a share of a figure that the member has not."""
    if not isinstance(value, Own):
        return value
    figure = here.own(value.figure)
    return None if figure is None else -(-figure * value.percent_bp // BP)


def _among_many(op: str, actual: frozenset[str], value: Any) -> bool:
    wanted = set(value) if isinstance(value, tuple) else {value}
    found = not actual.isdisjoint(wanted)
    return not found if op in ("ne", "not_in") else found


def by_rank(op: str, actual: str, value: Any, here: Judged) -> bool:
    """Whether a tier stands to others as the operator says, by their ranks in the club."""
    if op in ("eq", "ne", "in", "not_in"):
        return _compare(op, actual, value)
    codes = value if isinstance(value, tuple) else (value,)
    if actual not in here.ranks or any(code not in here.ranks for code in codes):
        return False
    ranks = tuple(here.ranks[code] for code in codes)
    return _compare(op, here.ranks[actual], ranks if isinstance(value, tuple) else ranks[0])


def _like(actual: Any, value: Any) -> Any:
    """A field of the club's own as the kind it is held against: dates and numbers are kept as text."""
    one = value[0] if isinstance(value, tuple) and value else value
    try:
        if isinstance(one, date):
            return date.fromisoformat(str(actual))
        if isinstance(one, int):
            return int(actual)
    except ValueError:
        return actual
    return str(actual)


def _compare(op: str, actual: Any, value: Any) -> bool:
    one = value[0] if isinstance(value, tuple) else value
    if op in ORDERED and isinstance(actual, str) is not isinstance(one, str):
        return False  # a text has no place among numbers
    return bool(COMPARE[op](actual, value))


COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda actual, value: actual in value,
    "not_in": lambda actual, value: actual not in value,
    "between": lambda actual, value: value[0] <= actual <= value[1],
    "every": lambda actual, value: actual > 0 and actual % value == 0,
}
ORDERED = ("gt", "gte", "lt", "lte", "between", "every")


def _within_hours(actual: float, start: int, end: int) -> bool:
    """Whether the second of the day lies from the start to before the end, over midnight where the end comes first."""
    return start <= actual < end if start < end else actual >= start or actual < end


def _miss(condition: Condition, here: Judged) -> Miss:
    actual = here.value(condition.fact, condition.of)
    value = _due(condition.value, here)
    return Miss(condition, value, actual, _missing(condition, actual, value))


def _missing(condition: Condition, actual: Any, value: Any) -> int | None:
    """How much more makes it hold, exactly; None where more does not, or where nobody can have more by wanting."""
    fact = FACTS.get(condition.fact)
    if fact is None or fact.kind not in ("money", "count", "days") or not isinstance(actual, int) or value is None:
        return None
    match condition.op:
        case "gt" if actual <= value:
            return int(value - actual + 1)
        case "gte" | "eq" if actual < value:
            return int(value - actual)
        case "between" if actual < value[0]:
            return int(value[0] - actual)
        case "in" if any(actual < one for one in value):
            return int(min(one for one in value if actual < one) - actual)
        case "every":
            return int(ceil((actual + 1) / value) * value - actual)
    return None
