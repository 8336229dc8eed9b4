"""The codes that a club has, against which those of an offer are held. Pure."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from offers.vocabulary import FACTS, Fact


class Everything(Container[Any]):
    """Contains whatever it is asked for: nothing is known, so nothing is refused."""

    def __contains__(self, item: object) -> bool:
        return True


EVERYTHING = Everything()


@dataclass(frozen=True)
class Known:
    """Products, groups, tiers, branches, lotteries and segments by code, offers by id, own fields with their kinds.

    `facts`: what conditions may ask about.
    `fields` None: any field, of the kind that the value has.
    """

    products: Container[str] = EVERYTHING
    groups: Container[str] = EVERYTHING
    tiers: Container[str] = EVERYTHING
    branches: Container[str] = EVERYTHING
    lotteries: Container[str] = EVERYTHING
    segments: Container[str] = EVERYTHING
    offers: Container[int] = EVERYTHING
    fields: Mapping[str, str] | None = None
    facts: Mapping[str, Fact] = field(default_factory=lambda: FACTS)


ANYTHING = Known()
