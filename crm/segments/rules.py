"""The rules of a live segment: conditions as offers have them, about the member alone. Pure."""

from dataclasses import replace
from typing import Any

from core.errors import ValidationFailed
from core.reading import Faults
from offers.known import Known
from offers.parsing_conditions import GroupField
from offers.rules import Group
from offers.vocabulary import FACTS, SEGMENT_FACTS

# A segment within the rules of another could hang on itself.
ASKS = {
    name: fact
    for name, fact in {**FACTS, **SEGMENT_FACTS}.items()
    if name in SEGMENT_FACTS or (fact.place == "member" and not fact.only_purchase and name != "segment")
}
"""What rules may ask about."""
PATH = "rules"


def parse_rules(said: Any, known: Known) -> Group:
    """The rules out of JSON. Raises ValidationFailed by path, as `rules.all[0].value`."""
    faults: Faults = {}
    group = GroupField(known=replace(known, facts=ASKS)).read(said, PATH, faults)
    if faults:
        raise ValidationFailed(faults)
    return group
