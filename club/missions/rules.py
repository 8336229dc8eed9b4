"""What a mission asks, and how far purchases have filled it. Pure.

Progress is never stored: it is reckoned from the purchases with what is left of each, so that a refund takes it back
by itself. A round is a target filled once; within a window the rounds are numbered from 1.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from core.jalali import MONTHS_IN_PERIOD, Period, day_bounds, end_of_period, from_jalali, local_date, to_jalali

PERIODS: dict[str, Period] = {"month": "month", "season": "season", "year": "year"}
SETS = ("groups", "products")
BY_LINES = ("groups", "products", "units")


@dataclass(frozen=True)
class Bought:
    """What is left of a line of a purchase."""

    product: str
    groups: tuple[str, ...]
    quantity: int
    net: int


@dataclass(frozen=True)
class Visit:
    """What is left of a purchase. A `silent` one counts but brings no reward: it was imported, or settled elsewhere."""

    id: int
    at: datetime
    net: int
    points: int
    lines: tuple[Bought, ...] = ()
    silent: bool = False


@dataclass(frozen=True)
class Rule:
    """A live mission. `of`: only these products and groups count; empty, all do."""

    id: int
    name: str
    counts: str
    target: int
    window: str = "whole"
    again: str = "once"
    days: int | None = None
    of: frozenset[str] = frozenset()
    tier_code: str = ""
    icon: str = "stamp"
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether the moment lies within its time."""
        return (self.starts_at is None or at >= self.starts_at) and (self.ends_at is None or at < self.ends_at)

    def span(self, at: datetime, zone: str) -> tuple[datetime | None, datetime | None]:
        """The window around the moment within the mission's own time; of days from a purchase the whole time."""
        start, end = self.starts_at, self.ends_at
        if period := PERIODS.get(self.window):
            first, last = _period(at, period, zone)
            start, end = max(first, start or first), min(last, end or last)
        return start, end

    def window_of(self, at: datetime, zone: str) -> str:
        """What the window around the moment is called in a win; empty where rounds are numbered through."""
        period = PERIODS.get(self.window)
        if self.again == "once" or not period:
            return ""
        year, month, _day = to_jalali(local_date(at, zone))
        part = (month - 1) // MONTHS_IN_PERIOD[period] + 1
        return f"{year}" if period == "year" else f"{year}-{part:02}" if period == "month" else f"{year}-s{part}"


@dataclass(frozen=True)
class Stretch:
    """One window of a mission: what its purchases add up to, how often that fills, and how many of it are rewarded."""

    rule: Rule
    start: datetime | None
    end: datetime | None
    total: int = 0
    fills: int = 0
    rewarded: int = 0

    @property
    def progress(self) -> int:
        """How far the round that is open has come; a mission that is filled once stays full."""
        if self.rule.again == "each":
            return self.total - self.fills * self.rule.target
        return min(self.total, self.rule.target)


@dataclass
class _Count:
    """A running count of one window."""

    rule: Rule
    total: int = 0
    fills: int = 0
    rewarded: int = 0
    seen: set[str] = field(default_factory=set)

    def add(self, visit: Visit) -> None:
        self.total += _new(self.rule, visit, self.seen)
        fills = self.total // self.rule.target if self.rule.again == "each" else int(self.total >= self.rule.target)
        self.rewarded += 0 if visit.silent else max(0, fills - self.fills)
        self.fills = fills


def stretches(rule: Rule, visits: Iterable[Visit], zone: str) -> list[Stretch]:
    """The windows in which something was counted, in their order."""
    inside = sorted((visit for visit in visits if rule.is_open(visit.at)), key=lambda visit: (visit.at, visit.id))
    found: list[tuple[datetime | None, datetime | None, _Count]] = []
    for visit in inside:
        if not _new(rule, visit, set()):
            continue
        last = found[-1] if found else None
        if last is None or (last[1] is not None and visit.at >= last[1]):
            found.append((*_window(rule, visit.at, zone), _Count(rule)))
        found[-1][2].add(visit)
    return [Stretch(rule, start, end, one.total, one.fills, one.rewarded) for start, end, one in found]


def stretch_at(rule: Rule, visits: Iterable[Visit], at: datetime, zone: str) -> Stretch:
    """The window around the moment; an empty one where nothing was counted in it yet."""
    for one in stretches(rule, visits, zone):
        if (one.start is None or one.start <= at) and (one.end is None or at < one.end):
            return one
    return Stretch(rule, *rule.span(at, zone))


def due(rule: Rule, visits: Iterable[Visit], zone: str) -> dict[str, int]:
    """How many rounds the purchases have earned, by the window's name."""
    earned: dict[str, int] = {}
    for one in stretches(rule, visits, zone):
        name = rule.window_of(one.start, zone) if one.start else ""
        earned[name] = earned.get(name, 0) + one.rewarded
    return {name: min(1, count) for name, count in earned.items()} if rule.again == "once" else earned


def read_rules(text: str | None) -> tuple[Rule, ...]:
    """The missions as the database says them in JSON; the same text is read once."""
    return _read(text) if text else ()


def rule_of(said: Mapping[str, Any]) -> Rule:
    """One mission, its moments as text."""
    moments = {name: datetime.fromisoformat(said[name]) if said[name] else None for name in ("starts_at", "ends_at")}
    return Rule(**{**said, **moments, "of": frozenset(said["of"])})


@lru_cache(maxsize=256)
def _read(text: str) -> tuple[Rule, ...]:
    return tuple(rule_of(said) for said in json.loads(text))


def _window(rule: Rule, at: datetime, zone: str) -> tuple[datetime | None, datetime | None]:
    """The window that a counted purchase lies in, or opens."""
    start, end = rule.span(at, zone)
    if rule.window == "days":
        last = day_bounds(local_date(at, zone) + timedelta(days=(rule.days or 1) - 1), zone)[1]
        return at, min(last, end or last)
    return start, end


def _period(at: datetime, period: Period, zone: str) -> tuple[datetime, datetime]:
    day = local_date(at, zone)
    year, month, _day = to_jalali(day)
    length = MONTHS_IN_PERIOD[period]
    first = from_jalali(year, (month - 1) // length * length + 1, 1)
    return day_bounds(first, zone)[0], day_bounds(end_of_period(day, period), zone)[1]


def _new(rule: Rule, visit: Visit, seen: set[str]) -> int:
    """What the purchase adds; `seen` are the products or groups that were counted, and gets those of it."""
    lines: Sequence[Bought] = [line for line in visit.lines if line.quantity > 0]
    if rule.of:
        lines = [line for line in lines if line.product in rule.of or not rule.of.isdisjoint(line.groups)]
    if rule.counts in SETS:
        return _newly(rule, lines, seen)
    if rule.counts == "units":
        return sum(line.quantity for line in lines)
    if rule.of:
        return int(bool(lines)) if rule.counts == "visits" else sum(line.net for line in lines)
    return {"visits": 1, "spent": visit.net, "points": visit.points}[rule.counts]


def _newly(rule: Rule, lines: Sequence[Bought], seen: set[str]) -> int:
    if rule.counts == "products":
        found = {line.product for line in lines if line.product}
    else:
        found = {group for line in lines for group in line.groups}
        found &= rule.of or found
    before = len(seen)
    seen |= found
    return len(seen) - before
