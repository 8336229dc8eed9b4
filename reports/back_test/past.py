"""A recorded purchase as conditions see it, out of the few columns that were read of it."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from club.programme.named_days import named_days
from core.jalali import to_jalali, weekday
from offers.rules import Condition, Group, Of, Own, conditions
from offers.situation import days_from_birthday, days_from_field, full_years
from offers.vocabulary import CUSTOM, DAYS_FROM
from reports.back_test.asking import LOCAL_TIME, Asked
from reports.back_test.history import EPOCH, History

Row = tuple[Any, ...]
Read = Callable[[Row], Any]
BIRTH_DATE = "p.facts->>'birth_date'"
SEVERAL = {"tag": "tags", "segment": "segments"}
RANKS = "(p.facts->'ranks')::text"


class Past:
    """The purchase that is being looked at; one object serves for all rows of a reading, in turn."""

    def __init__(self, when: Group | None, asked: Asked, *, ranks: Mapping[str, int], history: History) -> None:
        self.row: Row = ()
        self._ranks_now, self._history, self._asked = ranks, history, asked
        self._readers: dict[tuple[str, Of | int | None], Read] = {}
        self._kept_ranks: int | None = None
        self._own: dict[str, int] = {}
        for condition in conditions(when) if when else ():
            self._prepare(condition)

    @property
    def ranks(self) -> Mapping[str, int]:
        """The ranks of the tiers as they were kept; those of now where nobody asked then."""
        kept = self.row[self._kept_ranks] if self._kept_ranks is not None else None
        return _loaded(kept) if kept else self._ranks_now

    def value(self, fact: str, of: Of | int | None = None) -> Any:
        """The value of a fact of the vocabulary; None where it has none."""
        return self._readers[fact, of](self.row)

    def own(self, figure: str) -> int | None:
        """The member's own figure as it was kept, or worked out again."""
        kept = self.row[self._own[figure]]
        return kept if kept is not None else self._history.own(figure, self.row)

    def _prepare(self, condition: Condition) -> None:
        key = condition.fact, condition.of
        if key not in self._readers:
            self._readers[key] = self._reader(condition)
        if condition.fact == "tier":
            self._kept_ranks = self._asked.column(RANKS)
        if isinstance(condition.value, Own):
            figure = condition.value.figure
            self._own[figure] = self._asked.column(f"(p.facts->>'{figure}')::bigint")

    def _reader(self, condition: Condition) -> Read:
        fact, of = condition.fact, condition.of
        if fact in OF_MOMENT:
            return OF_MOMENT[fact]
        if fact.startswith(CUSTOM):
            name = self._asked.parameter(fact.removeprefix(CUSTOM))
            place = self._asked.column(f"(p.facts->'custom'->{name})::text")
            return lambda row: _custom(row[place])
        if fact.startswith(DAYS_FROM):
            name = self._asked.parameter(fact.removeprefix(DAYS_FROM))
            place = self._asked.column(f"p.facts->'custom'->>{name}")
            return lambda row: _from_field(row[place], row[LOCAL_TIME].date())
        if fact == "named_day":
            return self._of_calendar()
        if fact in BY_BIRTH:
            place, reckon = self._asked.column(BIRTH_DATE), BY_BIRTH[fact]
            return lambda row: reckon(row[place], row[LOCAL_TIME].date()) if row[place] else None
        if isinstance(of, int):
            return self._of_days(fact, of)
        if fact in SEVERAL:
            place = self._asked.column(f"(p.facts->'{SEVERAL[fact]}')::text")
            return lambda row: frozenset(_loaded(row[place]) if row[place] else ())
        place = self._asked.column(str(self._asked.fact(fact, of)))
        return lambda row: row[place]

    def _of_calendar(self) -> Read:
        """What the day was called as it was kept; where nobody asked then, as the club's calendar of now has it."""
        place, days = self._asked.column("(p.facts->'named_days')::text"), named_days()
        on = lru_cache(maxsize=5_000)(days.on)
        return lambda row: frozenset(_loaded(row[place])) if row[place] else on(row[LOCAL_TIME].date())

    def _of_days(self, fact: str, days: int) -> Read:
        place = self._asked.column(f"(p.facts->'{fact}'->>'{days}')::bigint")
        reckon = self._history.spent if fact == "spent_in_days" else self._history.visits

        def read(row: Row) -> int:
            return row[place] if row[place] is not None else reckon(row, days)

        return read


def moment_of(microseconds: int) -> datetime:
    """The instant of a row."""
    return EPOCH + timedelta(microseconds=microseconds)


@lru_cache(maxsize=5_000)
def jalali(day: date) -> tuple[int, int, int]:
    """The Jalali day; a reading asks for few of them, and often."""
    return to_jalali(day)


@lru_cache(maxsize=1_000)
def _loaded(text: str) -> Any:
    return json.loads(text)


def _custom(text: str | None) -> Any:
    found = json.loads(text) if text else None
    return None if found == "" else found


@lru_cache(maxsize=50_000)
def _birthday(born: str, today: date) -> int:
    return days_from_birthday(date.fromisoformat(born), today)


@lru_cache(maxsize=50_000)
def _from_field(kept: str | None, today: date) -> int | None:
    return days_from_field(kept, today)


@lru_cache(maxsize=50_000)
def _age(born: str, today: date) -> int:
    return full_years(date.fromisoformat(born), today)


def _seconds(row: Row) -> float:
    local = row[LOCAL_TIME]
    return float(local.hour * 3_600 + local.minute * 60 + local.second + local.microsecond / 1_000_000)


BY_BIRTH: dict[str, Callable[[str, date], int]] = {"days_from_birthday": _birthday, "age": _age}
OF_MOMENT: dict[str, Read] = {
    "weekday": lambda row: weekday(row[LOCAL_TIME].date()),
    "time": _seconds,
    "date": lambda row: row[LOCAL_TIME].date(),
    "jalali_month": lambda row: jalali(row[LOCAL_TIME].date())[1],
    "jalali_day": lambda row: jalali(row[LOCAL_TIME].date())[2],
}
