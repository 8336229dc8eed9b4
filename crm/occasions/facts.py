"""What of a situation is kept with an occasion, for looking at it later. Pure."""

from datetime import date
from typing import Any

from offers.situation import Situation
from offers.vocabulary import FACTS

ASKED = [
    name for name, fact in FACTS.items() if fact.place == "member" and not fact.only_purchase and fact.of != "days"
]


def as_facts(here: Situation) -> dict[str, Any]:
    """The member's facts as the offers saw them; those without a value are left out."""
    person = here.person
    found: dict[str, Any] = {name: _plain(here.value(name)) for name in ASKED}
    found |= {"custom": dict(person.custom), "mean_basket": person.mean_basket, "usual_gap": person.usual_gap}
    found["spent_in_days"] = {str(days): rial for days, rial in person.spent.items()}
    found["visits_in_days"] = {str(days): count for days, count in person.visits.items()}
    return {name: value for name, value in found.items() if value not in (None, [], {})}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value
