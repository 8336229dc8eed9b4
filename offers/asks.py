"""What the conditions of offers ask of a member's history, so that nothing else of it is read. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from offers.rules import LiveOffer, Own, conditions


@dataclass(frozen=True)
class Asks:
    """Over how many days purchases are summed up, and whether the member's own figures are asked for.

    `named_days`: whether it matters what the day is called.
    """

    days: frozenset[int] = frozenset()
    own: bool = False
    named_days: bool = False

    def __bool__(self) -> bool:
        return bool(self.days) or self.own


def asks_of(offers: Iterable[LiveOffer]) -> Asks:
    """What any of the offers asks."""
    asked = [condition for offer in offers for condition in conditions(offer.terms.when)]
    return Asks(
        frozenset(condition.of for condition in asked if isinstance(condition.of, int)),
        any(isinstance(condition.value, Own) for condition in asked),
        any(condition.fact == "named_day" for condition in asked),
    )
