"""How the members would stand under a ladder that is only thought of: one query, whatever the club's size."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection

from club.tiers.models import Tier
from club.tiers.placing import HOLDERS, LIVING, ladder_values, placed

COUNTED = " SELECT held, fits, count(*) FROM placed GROUP BY 1, 2"
HOLDING = " SELECT id, fits FROM placed"


@dataclass(frozen=True)
class Rung:
    """A step of a ladder that is thought of, lowest first by its place in the list."""

    code: str
    name: str
    metric: str
    threshold: int
    window_days: int | None = None
    held: int = 0
    """How many hold it now."""
    fits: int = 0
    """How many it would hold, were everybody placed today by what they have reached."""


@dataclass(frozen=True)
class Forecast:
    """The rungs with their numbers; `none`: who reaches no rung; how many would stand higher or lower than today."""

    rungs: list[Rung]
    none: int = 0
    rising: int = 0
    falling: int = 0

    @property
    def most(self) -> int:
        """The longest bar."""
        return max([self.none, *(max(rung.held, rung.fits) for rung in self.rungs)], default=0) or 1


def rungs(tiers: Sequence[Tier]) -> list[Rung]:
    """The ladder as it is, from the lowest."""
    return [
        Rung(tier.code, tier.name, tier.metric, tier.threshold, tier.window_days)
        for tier in sorted(tiers, key=lambda one: one.rank)
    ]


def forecast(draft: Sequence[Rung], *, at: datetime) -> Forecast:
    """How many each rung holds now and would hold at the moment, in one query."""
    held, fits, rising, falling = Counter[str](), Counter[str](), 0, 0
    places = {"": -1, **{rung.code: place for place, rung in enumerate(draft)}}
    for now, place, number in _rows(placed(draft, which=LIVING) + COUNTED, draft, at=at):
        then = _code(draft, place)
        held[now] += number
        fits[then] += number
        was = places.get(now, -1)
        rising += number if places[then] > was else 0
        falling += number if places[then] < was else 0
    done = [replace(rung, held=held[rung.code], fits=fits[rung.code]) for rung in draft]
    return Forecast(done, fits[""], rising, falling)


def holders(code: str, draft: Sequence[Rung], *, at: datetime) -> dict[int, str]:
    """Who holds the tier, and the rung of the draft that each of them fits."""
    rows = _rows(placed(draft, which=HOLDERS) + HOLDING, draft, at=at, holding=code)
    return {member_id: _code(draft, place) for member_id, place in rows}


def _code(draft: Sequence[Rung], place: int | None) -> str:
    return "" if place is None else draft[place].code


def _rows(query: str, draft: Sequence[Rung], *, at: datetime, holding: str = "") -> list[tuple[Any, ...]]:
    values = {**ladder_values(draft, at=at), "holding": holding}
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
