"""Whether the conditions of an offer can ever hold together, and how far a fact may go where they do. Pure.

Says "never" only where it is sure: what it does not understand it takes to be possible. Conditions are spread out into
ways, each a list of conditions that must hold or must not; a way is impossible where no value is left to some fact, or
where two facts that belong together contradict each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import lcm

from core.jalali import to_jalali, weekday
from core.lunar import LAST_YEAR
from core.named_days import LONGEST, OF_THE_COUNTRY
from offers.known import ANYTHING, Known
from offers.ranges import ANY_NUMBER, ANY_WORD, HIGHEST, LOWEST, Domains, Numbers, Values, Words, is_many
from offers.rules import AllOf, AnyOf, Condition, Group, Not, Of
from offers.vocabulary import CUSTOM

MOST_WAYS = 400
MOST_COUNTED = 1_000
"""Days, or multiples, that are looked at one by one."""
LAST_OF_MONTH = (31,) * 6 + (30,) * 6
FIRST_DAY, LAST_DAY = date(1900, 1, 1).toordinal(), date(2200, 1, 1).toordinal()
MOVED = timedelta(days=3)
"""So far may a club move a named day of the moon."""
CALENDAR = ("weekday", "jalali_month", "jalali_day")

Literal = tuple[Condition, bool]
"""A condition, and whether it must hold or must not."""
Way = tuple[Literal, ...]
Axis = tuple[str, Of | int | None]


class TooManyWays(Exception):
    """The conditions can hold in more ways than are looked at."""


@dataclass(frozen=True)
class Frame:
    """What the conditions are held against: the club's tiers and goods, and the days on which the offer is open."""

    domains: Domains = field(default_factory=Domains)
    known: Known = ANYTHING
    days: Numbers = field(default_factory=Numbers)


def clash(group: Group, frame: Frame) -> Way | None:
    """Conditions that contradict each other, where the group can never hold; None where it may."""
    first: Way | None = None
    try:
        for way in _ways(group, holds=True):
            found = _clash_in(way, frame)
            if found is None:
                return None
            first = first if first is not None else found
    except TooManyWays:
        return None
    return first if first is not None else ()


def implies(group: Group, other: Group, frame: Frame) -> bool:
    """Whether the other surely holds wherever the group does."""
    return clash(AllOf((group, Not(other))), frame) is not None


def bounds(group: Group, axis: Axis, frame: Frame) -> tuple[int | None, int | None]:
    """The least and the most that a fact in numbers may be where the group holds; None where that is not bounded."""
    try:
        possible = [way for way in _ways(group, holds=True) if _clash_in(way, frame) is None]
    except TooManyWays:
        return None, None
    sets = [_Read(way, frame).numbers(axis) for way in possible]
    low, high = min((one.low for one in sets), default=LOWEST), max((one.high for one in sets), default=HIGHEST)
    return None if low == LOWEST else low, None if high == HIGHEST else high


def _ways(group: Group, *, holds: bool) -> list[Way]:
    match group:
        case Condition():
            return [((group, holds),)]
        case Not(part):
            return _ways(part, holds=not holds)
        case AllOf(parts) | AnyOf(parts):
            found = [_ways(part, holds=holds) for part in parts]
            if isinstance(group, AllOf) is not holds:
                return _checked([way for ways in found for way in ways])
            together: list[Way] = [()]
            for ways in found:
                together = _checked([(*one, *another) for one in together for another in ways])
            return together


def _checked(ways: list[Way]) -> list[Way]:
    if len(ways) > MOST_WAYS:
        raise TooManyWays
    return ways


def _clash_in(way: Way, frame: Frame) -> Way | None:
    """The conditions of one way that contradict each other, as few as are found; None where none do."""
    read = _Read(way, frame)
    return next((found for check in CHECKS for found in check(read)), None)


class _Read:
    """One way, by the facts that it speaks of."""

    def __init__(self, way: Way, frame: Frame) -> None:
        self.frame = frame
        self.way = way
        self.by_axis: dict[Axis, list[Literal]] = {}
        for condition, holds in way:
            self.by_axis.setdefault((condition.fact, condition.of), []).append((condition, holds))
        self.values = {axis: self._values(axis) for axis in self.by_axis if not is_many(axis[0])}

    def literals(self, *axes: Axis) -> Way:
        return tuple(literal for axis in axes for literal in self.by_axis.get(axis, ()))

    def numbers(self, axis: Axis) -> Numbers:
        """What is left to a fact in numbers."""
        found = self.values.get(axis)
        if found is None:
            found = ANY_NUMBER if axis[0].startswith(CUSTOM) else self.frame.domains.of(axis[0])
        return found if isinstance(found, Numbers) else ANY_NUMBER

    def _values(self, axis: Axis) -> Values:
        met = [self._met(literal) for literal in self.by_axis[axis]]
        sets = [one for one in met if one is not None]
        if axis[0].startswith(CUSTOM):
            of_words = [one for one in sets if isinstance(one, Words)]
            if len(of_words) not in (0, len(sets)):
                return ANY_WORD  # what is a number to one condition and a text to another
            left: Values = ANY_WORD if of_words else ANY_NUMBER
        else:
            left = self.frame.domains.of(axis[0])
        for one in sets:
            left = _both(left, one)
        return left

    def _met(self, literal: Literal) -> Values | None:
        condition, holds = literal
        met = self.frame.domains.met_by(condition)
        return met if met is None or holds else met.others()


def _both(one: Values, other: Values) -> Values:
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return one.both(other)
    if isinstance(one, Words) and isinstance(other, Words):
        return one.both(other)
    raise TypeError("a fact is a number or a word")


def _twice(read: _Read) -> Iterator[Way]:
    """The same condition that must hold and must not."""
    asked = set(read.way)
    for condition, holds in read.way:
        if holds and (condition, False) in asked:
            yield ((condition, True), (condition, False))


def _nothing_left(read: _Read) -> Iterator[Way]:
    """A fact to which no value is left."""
    for axis, values in read.values.items():
        if values.is_empty:
            yield read.literals(axis)


def _none_of_many(read: _Read) -> Iterator[Way]:
    """One of these tags is asked for, and each of them is barred."""
    for axis, literals in read.by_axis.items():
        if not is_many(axis[0]):
            continue
        wanted: list[frozenset[object]] = []
        barred: frozenset[object] = frozenset()
        for condition, holds in literals:
            value = condition.value
            names = frozenset(value) if isinstance(value, tuple) else frozenset({value})
            if (condition.op in ("ne", "not_in")) is holds:
                barred |= names
            else:
                wanted.append(names)
        if any(names <= barred for names in wanted):
            yield tuple(literals)


def _no_multiple(read: _Read) -> Iterator[Way]:
    """A multiple is asked for, and none is left."""
    for axis, literals in read.by_axis.items():
        every = [(condition.value, holds) for condition, holds in literals if condition.op == "every"]
        wanted = [value for value, holds in every if holds and isinstance(value, int)]
        if not wanted:
            continue
        unwanted = [value for value, holds in every if not holds and isinstance(value, int)]
        step = lcm(*wanted)
        left = read.numbers(axis)
        if any(step % one == 0 for one in unwanted) or not _some_multiple(left, step, unwanted):
            yield tuple(literals)


def _some_multiple(left: Numbers, step: int, unwanted: Sequence[int]) -> bool:
    looked_at = 0
    for low, high in left.spans:
        for multiple in range(max(step, -(-low // step) * step), high + 1, step):
            looked_at += 1
            if looked_at > MOST_COUNTED or all(multiple % one for one in unwanted):
                return True
    return False


def _unknown_goods(read: _Read) -> Iterator[Way]:
    """Goods that the club has none of are never in a basket."""
    for axis, values in read.values.items():
        of = axis[1]
        if isinstance(of, Of) and not of.negated and isinstance(values, Numbers) and 0 not in values:
            known = read.frame.known
            if not any(code in known.products or code in known.groups for code in of.codes):
                yield read.literals(axis)


def _part_above_whole(read: _Read) -> Iterator[Way]:
    """More is asked of a part than of the whole that it is part of."""
    for part in read.by_axis:
        for whole in _wholes(part, read):
            if read.numbers(part).low > read.numbers(whole).high:
                yield read.literals(part, whole)


def _wholes(part: Axis, read: _Read) -> Iterator[Axis]:
    """Facts that are never less than the part."""
    fact, of = part
    match fact:
        case "amount_of":
            yield "amount", None
        case "line_count":
            yield "quantity_of", None
        case "distinct_products":
            yield from (("line_count", None), ("quantity_of", None))
        case "quantity_of" if of is not None:
            yield "quantity_of", None
    for whole in read.by_axis:
        wider = whole[1]
        if whole[0] != fact or whole == part:
            continue
        if fact == "visits_in_days" and isinstance(of, int) and isinstance(wider, int) and of <= wider:
            yield whole
        if fact in ("amount_of", "quantity_of") and isinstance(of, Of) and isinstance(wider, Of) and within(of, wider):
            yield whole


def within(of: Of | None, wider: Of | None) -> bool:
    """Whether every line that is one of these is surely one of the wider."""
    if wider is None or of is None:
        return wider is None
    if of.negated and wider.negated:
        return wider.codes <= of.codes
    return not of.negated and not wider.negated and of.codes <= wider.codes


def _first_and_later(read: _Read) -> Iterator[Way]:
    """Who buys for the first time has no earlier purchase."""
    first = read.values.get(("is_first_purchase", None))
    if not isinstance(first, Words) or True not in first.some or first.but or False in first.some:
        return
    if 1 not in read.numbers(("visit_number", None)):
        yield read.literals(("is_first_purchase", None), ("visit_number", None))
    if ("days_since_last_purchase", None) in read.values and not read.numbers(
        ("days_since_last_purchase", None)
    ).absent:
        yield read.literals(("is_first_purchase", None), ("days_since_last_purchase", None))


def _no_such_day(read: _Read) -> Iterator[Way]:
    """Days of the week, of the month and of the year that never fall together while the offer is open."""
    weekdays, months, days = (read.numbers((fact, None)) for fact in CALENDAR)
    dates = read.numbers(("date", None)).both(read.frame.days)
    if dates.count <= MOST_COUNTED:
        if dates.spans and not FIRST_DAY <= dates.low <= dates.high <= LAST_DAY:
            return
        fitting = (day for day in map(date.fromordinal, dates) if weekday(day) in weekdays)
        if any(month in months and number in days for _year, month, number in map(to_jalali, fitting)):
            return
    elif any(day in days for month in months for day in range(1, LAST_OF_MONTH[month - 1] + 1)):
        return
    yield read.literals(("date", None), *((fact, None) for fact in CALENDAR))


def _no_such_name(read: _Read) -> Iterator[Way]:
    """Named days that do not come while the offer is open, nor would if the club moved one."""
    dates = read.numbers(("date", None)).both(read.frame.days)
    literals = read.by_axis.get(("named_day", None), [])
    if not (literals and dates.spans) or dates.count > MOST_COUNTED or not FIRST_DAY <= dates.low <= LAST_DAY:
        return
    first, last = date.fromordinal(dates.low) - MOVED, date.fromordinal(dates.high) + MOVED
    if to_jalali(last)[0] > LAST_YEAR:
        return
    coming = {one.code for one in OF_THE_COUNTRY.within(first - LONGEST, last) if one.last >= first}
    for condition, holds in literals:
        wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        if holds is not (condition.op in ("ne", "not_in")) and coming.isdisjoint(map(str, wanted)):
            yield ((condition, holds), *read.literals(("date", None)))


CHECKS = (
    _twice,
    _nothing_left,
    _none_of_many,
    _no_multiple,
    _unknown_goods,
    _part_above_whole,
    _first_and_later,
    _no_such_day,
    _no_such_name,
)
