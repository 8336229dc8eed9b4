"""What an offer is judged by: the basket, the moment and the member, and the value of each fact in it. Pure.

Money is whole Rial. A fact without a value, as the last purchase of somebody who never bought, is None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from core.jalali import from_jalali, is_leap, to_jalali, weekday
from core.named_days import OF_THE_COUNTRY
from offers.rules import Of
from offers.vocabulary import DAYS_FROM, OF_FIELDS

ESFAND, LEAP_DAY = 12, 30


class Judged(Protocol):
    """What conditions are held against: a situation, or what was kept of one."""

    @property
    def ranks(self) -> Mapping[str, int]:
        """The ranks of the club's tiers then."""

    def value(self, fact: str, of: Of | int | None = None) -> Any:
        """The value of a fact of the vocabulary; None where it has none."""

    def own(self, figure: str) -> int | None:
        """The member's own figure, in Rial or days."""


@dataclass(frozen=True)
class Line:
    """A line of the basket: of `quantity` units, each at `unit_price` with its VAT."""

    product: str
    groups: tuple[str, ...]
    quantity: int
    unit_price: int
    discountable: bool = True

    @property
    def gross(self) -> int:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class Basket:
    """What is bought at once, and how."""

    lines: tuple[Line, ...]
    payment_method: str | None = None
    channel: str | None = None
    branch: str | None = None
    delivery_price: int = 0


@dataclass(frozen=True)
class Person:
    """The member at the moment, this purchase counted into `visit_number` alone.

    `spent` and `visits`: by the number of days that some offer asks about. `mean_basket` (Rial) and `usual_gap` (days):
    the member's own figures, None under three purchases. Birthdays are kept in the Jalali calendar.
    """

    id: int = 0
    visit_number: int = 1
    is_first_purchase: bool = True
    tier: str = ""
    segments: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    birth_date: date | None = None
    last_purchase: date | None = None
    enrolled: date | None = None
    gender: str = ""
    referred: bool = False
    source: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)
    spent: Mapping[int, int] = field(default_factory=dict)
    visits: Mapping[int, int] = field(default_factory=dict)
    mean_basket: int | None = None
    usual_gap: int | None = None


@dataclass(frozen=True)
class Situation:
    """Somebody at a moment, with a basket where the trigger brings one; `ranks` are those of the club's tiers.

    `named_days`: what the day is in the club's calendar; None: as in the country's.
    """

    at: datetime
    zone: str
    person: Person
    basket: Basket | None = None
    ranks: Mapping[str, int] = field(default_factory=dict)
    named_days: frozenset[str] | None = None
    _known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was asked already: the next offer asks the same."""

    @property
    def local(self) -> datetime:
        return _local(self.at, self.zone)

    @property
    def today(self) -> date:
        return _today(self.at, self.zone)

    def value(self, fact: str, of: Of | int | None = None) -> Any:
        """The value of a fact of the vocabulary; None where it has none."""
        if of is not None:
            return VALUES[fact](self, of)
        known = self._known
        if fact not in known:
            known[fact] = self._of_field(fact) if fact.startswith(OF_FIELDS) else VALUES[fact](self, None)
        return known[fact]

    def _of_field(self, fact: str) -> Any:
        asked, _dot, code = fact.partition(".")
        found = self.person.custom.get(code)
        if f"{asked}." == DAYS_FROM:
            return days_from_field(found, self.today)
        return None if found == "" else found

    def own(self, figure: str) -> int | None:
        """The member's own figure, in Rial or days."""
        return self.person.mean_basket if figure == "mean_basket" else self.person.usual_gap


@lru_cache(maxsize=64)
def _local(at: datetime, zone: str) -> datetime:
    """Many are judged at one moment."""
    return at.astimezone(ZoneInfo(zone))


@lru_cache(maxsize=64)
def _today(at: datetime, zone: str) -> date:
    return _local(at, zone).date()


@lru_cache(maxsize=4_096)
def days_from_birthday(born: date, today: date) -> int:
    """Days since the nearest Jalali birthday; negative before it. 30 Esfand is kept on 29 Esfand in common years."""
    _year, month, day = to_jalali(born)
    around = to_jalali(today)[0]
    birthdays = (
        from_jalali(year, month, day - (month == ESFAND and day == LEAP_DAY and not is_leap(year)))
        for year in (around - 1, around, around + 1)
    )
    return min(((today - birthday).days for birthday in birthdays), key=lambda days: (abs(days), days))


def days_from_field(kept: Any, today: date) -> int | None:
    """The same from a date field of the club's own, which is kept as text; None where it holds no day."""
    try:
        return days_from_birthday(date.fromisoformat(str(kept)[:10]), today) if kept else None
    except ValueError:
        return None


def full_years(born: date, today: date) -> int:
    """Age in full Jalali years."""
    (year, *day_born), (this_year, *day_now) = to_jalali(born), to_jalali(today)
    return this_year - year - (day_now < day_born)


def _lines(here: Situation, of: Of | int | None) -> list[Line]:
    lines = here.basket.lines if here.basket else ()
    return [line for line in lines if not isinstance(of, Of) or of.matches(line)]


def _days_since(here: Situation, day: date | None) -> int | None:
    return None if day is None else (here.today - day).days


def _seconds(here: Situation) -> float:
    local = here.local
    return local.hour * 3_600 + local.minute * 60 + local.second + local.microsecond / 1_000_000


VALUES: dict[str, Callable[[Situation, Of | int | None], Any]] = {
    "amount": lambda here, _of: sum(line.gross for line in _lines(here, None)),
    "amount_of": lambda here, of: sum(line.gross for line in _lines(here, of)),
    "quantity_of": lambda here, of: sum(line.quantity for line in _lines(here, of)),
    "line_count": lambda here, _of: len(_lines(here, None)),
    "distinct_products": lambda here, _of: len({line.product for line in _lines(here, None) if line.product}),
    "payment_method": lambda here, _of: (here.basket and here.basket.payment_method) or None,
    "channel": lambda here, _of: (here.basket and here.basket.channel) or None,
    "branch": lambda here, _of: (here.basket and here.basket.branch) or None,
    "weekday": lambda here, _of: weekday(here.today),
    "time": lambda here, _of: _seconds(here),
    "date": lambda here, _of: here.today,
    "jalali_month": lambda here, _of: to_jalali(here.today)[1],
    "jalali_day": lambda here, _of: to_jalali(here.today)[2],
    "named_day": lambda here, _of: OF_THE_COUNTRY.on(here.today) if here.named_days is None else here.named_days,
    "visit_number": lambda here, _of: here.person.visit_number,
    "is_first_purchase": lambda here, _of: here.person.is_first_purchase,
    "tier": lambda here, _of: here.person.tier or None,
    "segment": lambda here, _of: here.person.segments,
    "tag": lambda here, _of: here.person.tags,
    "days_from_birthday": lambda here, _of: (
        None if here.person.birth_date is None else days_from_birthday(here.person.birth_date, here.today)
    ),
    "days_since_last_purchase": lambda here, _of: _days_since(here, here.person.last_purchase),
    "member_for_days": lambda here, _of: _days_since(here, here.person.enrolled),
    "spent_in_days": lambda here, of: here.person.spent.get(of, 0) if isinstance(of, int) else None,
    "visits_in_days": lambda here, of: here.person.visits.get(of, 0) if isinstance(of, int) else None,
    "age": lambda here, _of: None if here.person.birth_date is None else full_years(here.person.birth_date, here.today),
    "gender": lambda here, _of: here.person.gender or None,
    "referred": lambda here, _of: here.person.referred,
    "source": lambda here, _of: here.person.source or None,
}
"""How each fact of the vocabulary is read."""
