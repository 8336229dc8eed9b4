"""A condition as a row of the builder's form holds it, and back: pure, exact in both directions or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from offers.vocabulary import CUSTOM_KINDS, DAYS_FROM, EVERY_FACT, OF_FIELDS, OPS, OWN_OPS, Fact, Kind

Said = dict[str, Any]
Typed = dict[str, Any]

ONE_OF = ("in", "not_in")
# What a row has no field for stays JSON: lists of what is better said as a range.
WITHOUT_LISTS = ("money", "days", "birthday", "date")
NUMBERS = ("money", "count", "days", "birthday", "day")
NAMED_NUMBERS = ("weekday", "month")


def fact_of(name: str, custom: Mapping[str, str]) -> Fact | None:
    """The fact of this name; `custom` has the kind of each field of the club's own."""
    if not name.startswith(OF_FIELDS):
        return EVERY_FACT.get(name)
    asked, _dot, code = name.partition(".")
    kind = CUSTOM_KINDS.get(custom.get(code, ""))
    if f"{asked}." == DAYS_FROM:
        kind = "birthday" if kind == "date" else None
    return Fact(kind, "member") if kind else None


def ops_of(kind: Kind) -> list[str]:
    """The operators that a row offers for this kind."""
    return [op for op in OPS[kind] if not (op in ONE_OF and kind in WITHOUT_LISTS)]


def typed_of(said: Any, custom: Mapping[str, str]) -> Typed | None:
    """What a row shows of the condition; None where no row says exactly this."""
    if not isinstance(said, dict) or not isinstance(said.get("fact"), str):
        return None
    fact = fact_of(said["fact"], custom)
    if fact is None or said.get("op") not in ops_of(fact.kind):
        return None
    try:
        typed = _typed(said, fact)
        return typed if said_of(typed, custom) == said else None
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def said_of(typed: Typed, custom: Mapping[str, str]) -> Said:
    """The condition that a row says. KeyError for a fact that there is not."""
    fact = fact_of(typed["fact"], custom)
    if fact is None:
        raise KeyError(typed["fact"])
    said: Said = {"fact": typed["fact"], "op": typed["op"], "value": _said_value(typed, fact)}
    if fact.of == "days":
        said["of"] = typed["days"]
    elif fact.of and (goods := goods_said(typed.get("goods") or [], is_not=bool(typed.get("goods_not")))) is not None:
        said["of"] = goods
    return said


def goods_typed(of: Any) -> tuple[list[str], bool]:
    """Goods by their codes, and whether all but they are meant."""
    is_not = isinstance(of, dict)
    meant = of["not"] if is_not else of
    return ([] if meant is None else list(meant) if isinstance(meant, list) else [meant]), is_not


def goods_said(codes: list[str], *, is_not: bool) -> Any:
    """Goods as the JSON says them; None for all."""
    if not codes:
        return None
    said = codes[0] if len(codes) == 1 else codes
    return {"not": said} if is_not else said


def bp_of(percent: Any) -> int:
    """A percentage in basis points."""
    return int(Decimal(str(percent)) * 100)


def number_of(basis: int, unit: int = 100) -> int | float:
    """A percentage or factor as the JSON writes it."""
    return basis // unit if basis % unit == 0 else basis / unit


def _typed(said: Said, fact: Fact) -> Typed:
    value, op = said["value"], said["op"]
    typed: Typed = {"fact": said["fact"], "op": op, "unit": ""}
    if isinstance(value, dict):
        typed |= {"unit": "own", "share": bp_of(value["percent"])}
    elif op in ONE_OF:
        typed["several"] = [_shown(one, fact.kind, op) for one in value]
    elif op == "between":
        typed["value"], typed["to"] = (_shown(one, fact.kind, op) for one in value)
    else:
        typed["value"] = _shown(value, fact.kind, op)
    if fact.of == "days":
        typed["days"] = said["of"]
    elif "of" in said:
        typed["goods"], typed["goods_not"] = goods_typed(said["of"])
    return typed


def _said_value(typed: Typed, fact: Fact) -> Any:
    op = typed["op"]
    if typed.get("unit") == "own" and fact.own and op in OWN_OPS:
        return {"own": fact.own, "percent": number_of(typed["share"])}
    if op in ONE_OF:
        return [_plain(one, fact.kind, op) for one in typed.get("several") or []]
    if op == "between":
        return [_plain(typed.get(name), fact.kind, op) for name in ("value", "to")]
    return _plain(typed.get("value"), fact.kind, op)


def clock(text: str) -> time:
    """The hour that the API writes as 16:00. Raises ValueError for what is none, 24:00 among it."""
    return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - an hour of no day


def _shown(value: Any, kind: Kind, op: str) -> Any:
    """A value as a field of a form cleans to it."""
    if op == "every" or kind in NUMBERS:
        return value
    if kind == "time":
        return clock(value)
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "flag":
        return {True: "yes", False: "no"}[value]
    return str(value)


def _plain(value: Any, kind: Kind, op: str) -> Any:
    """A cleaned value as the JSON writes it."""
    if value is None or op == "every" or kind in NUMBERS:
        return value
    if kind in NAMED_NUMBERS:
        return int(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return value == "yes" if kind == "flag" else value
