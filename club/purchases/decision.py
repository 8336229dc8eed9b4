"""The one place where it is decided what offers add to a purchase.

Offers are evaluated here from the basket and the facts when the package `offers` has them; until a club has an offer
the Decision is empty and the programme's base earning stands alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from club.purchases.facts import Facts
from club.purchases.pricing import Line


@dataclass(frozen=True)
class Decision:
    """What offers give: a discount for each line, and the records for the receipt."""

    discounts: tuple[int, ...]
    awards: tuple[dict[str, Any], ...] = ()
    considered: tuple[dict[str, Any], ...] = ()
    chances: tuple[dict[str, Any], ...] = field(default=())


def decide(lines: Sequence[Line], facts: Facts) -> Decision:
    """The decision for this basket and these facts: no database, no clock."""
    return Decision(discounts=(0,) * len(lines))
