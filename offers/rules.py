"""What an offer says, as values that cannot be changed: its conditions, its benefit, its limits. Pure.

Made by `offers.parsing.parse` from the JSON of the REST API, which checks them; here they are only shaped. Money is
whole Rial; percentages and factors are basis points.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any, Protocol, TypeAlias

from offers.vocabulary import BENEFITS, EVENT, FACTS, OF_FIELDS, WITH_BASKET

FOREVER = datetime.max.replace(tzinfo=UTC)


class Sold(Protocol):
    """What is asked of a line of a basket to know whether it matches."""

    @property
    def product(self) -> str: ...
    @property
    def groups(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Of:
    """Products and groups by their codes; negated, all that is none of them."""

    codes: frozenset[str]
    negated: bool = False

    def matches(self, line: Sold) -> bool:
        """Whether the line is one of them, by its product or by any of its groups."""
        found = line.product in self.codes or not self.codes.isdisjoint(line.groups)
        return found is not self.negated


@dataclass(frozen=True)
class Own:
    """A share of the member's own figure: the mean basket in Rial, or the usual gap in days."""

    figure: str
    percent_bp: int


Scalar: TypeAlias = int | str | bool | date | time
Value: TypeAlias = Scalar | Own | tuple[Scalar, ...]


@dataclass(frozen=True)
class Condition:
    """One fact held against a value. `of`: the lines, or how many days, the fact is reckoned of."""

    fact: str
    op: str
    value: Value
    of: Of | int | None = None

    @property
    def is_of_basket(self) -> bool:
        """Whether it asks about the purchase itself, not about the moment or the member."""
        return not self.fact.startswith(OF_FIELDS) and FACTS[self.fact].place == "purchase"

    @property
    def needs_purchase(self) -> bool:
        return not self.fact.startswith(OF_FIELDS) and FACTS[self.fact].needs_purchase


@dataclass(frozen=True)
class AllOf:
    """Holds when each part does; without parts, always."""

    parts: tuple["Group", ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """Holds when one part does."""

    parts: tuple["Group", ...]


@dataclass(frozen=True)
class Not:
    """Holds when its part does not."""

    part: "Group"


Group: TypeAlias = AllOf | AnyOf | Not | Condition
ALWAYS = AllOf()


def conditions(group: Group) -> Iterator[Condition]:
    """Every condition of a group, however deep, in the order written."""
    match group:
        case Condition():
            yield group
        case Not(part):
            yield from conditions(part)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from conditions(part)


def necessary(group: Group) -> Iterator[Condition]:
    """The conditions without which a group never holds: those under `all` alone, in the order written."""
    match group:
        case Condition():
            yield group
        case AllOf(parts):
            for part in parts:
                yield from necessary(part)


@dataclass(frozen=True)
class Benefit:
    """What is given: a kind with its own figures, of which lines, and how often.

    A figure that the kind has none of is None. `of` None: every line matches. `per_amount` Rial, `per_quantity` units:
    given once for each that fits in full; `repeat`: at most so often in a purchase, None as often as it fits.
    """

    kind: str
    applies_to: str = "basket"
    of: Of | None = None
    per_amount: int | None = None
    per_quantity: int | None = None
    repeat: int | None = None
    percent_bp: int | None = None
    most: int | None = None
    """The most Rial that a percentage gives."""
    amount: int | None = None
    """Rial off, of credit, or together for the units of a fixed price."""
    points: int | None = None
    factor_bp: int | None = None
    quantity: int | None = None
    buy: int | None = None
    get: int | None = None
    of_credit: str = "purchase"
    product: str | None = None
    offer: int | None = None
    valid_days: int | None = None
    lottery: str | None = None
    count: int | None = None
    tier: str | None = None
    days: int | None = None


@dataclass(frozen=True)
class Limits:
    """How often an offer is given, and how much it may cost in worth to the member; None: no limit."""

    per_member: int | None = None
    per_member_per_day: int | None = None
    per_member_per_month: int | None = None
    total: int | None = None
    budget: int | None = None
    budget_per_month: int | None = None


@dataclass(frozen=True)
class Terms:
    """All that an offer says. Starts and ends are instants, the end excluded; None: open."""

    name: str
    trigger: str
    benefit: Benefit
    summary: str = ""
    goal: str = "grow"
    when: Group = ALWAYS
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    stacking: str = "best"
    priority: int = 0
    code_required: bool = False
    limits: Limits = field(default_factory=Limits)
    control_bp: int = 0
    message: dict[str, Any] | None = None

    @property
    def has_basket(self) -> bool:
        """Whether a purchase comes with its trigger."""
        return self.trigger in WITH_BASKET

    @property
    def event(self) -> str:
        """The type of the event that it answers to; empty for other triggers."""
        return self.trigger.removeprefix(EVENT) if self.trigger.startswith(EVENT) else ""

    @cached_property
    def is_bound(self) -> bool:
        """Whether it is not open at any time to everybody, without a code."""
        return bool(self.starts_at or self.ends_at or self.code_required)

    @cached_property
    def is_limited(self) -> bool:
        """Whether something else than its conditions may refuse it."""
        return bool(self.control_bp) or self.limits != Limits()

    def is_open(self, at: datetime) -> bool:
        """Whether the moment lies within its time."""
        return (self.starts_at is None or at >= self.starts_at) and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True)
class LiveOffer:
    """An offer in the version that is live; the lower id is the older."""

    id: int
    terms: Terms
    version: int = 1

    @cached_property
    def turn(self) -> tuple[int, datetime, int]:
        """Of offers worth the same the least is given: cash before credit before points, then the sooner over."""
        return BENEFITS[self.terms.benefit.kind].rank, self.terms.ends_at or FOREVER, self.id
