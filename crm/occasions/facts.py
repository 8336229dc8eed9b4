"""What of a situation is kept with an occasion, for looking at it later. Pure."""

from datetime import date
from typing import Any

from offers.situation import Situation
from offers.vocabulary import FACTS

NONE_OF_MANY: frozenset[str] = frozenset()
ASKED = [
    name for name, fact in FACTS.items() if fact.place == "member" and not fact.only_purchase and fact.of != "days"
]


def as_facts(here: Situation) -> dict[str, Any]:
    """The member's facts as the offers saw them; those without a value are left out."""
    person = here.person
    found: dict[str, Any] = {}
    for name in ASKED:
        value = here.value(name)
        if value is not None and value != NONE_OF_MANY:
            found[name] = _plain(value)
    if person.custom:
        found["custom"] = dict(person.custom)
    if person.mean_basket is not None:
        found["mean_basket"] = person.mean_basket
    if person.usual_gap is not None:
        found["usual_gap"] = person.usual_gap
    if person.spent:
        found["spent_in_days"] = {str(days): rial for days, rial in person.spent.items()}
    if person.visits:
        found["visits_in_days"] = {str(days): count for days, count in person.visits.items()}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, frozenset):
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value
