"""Whether somebody can come to have an offer at all: by buying, by waiting, by coming again. Pure."""

from offers.judging import holds, misses
from offers.rules import AllOf, AnyOf, Condition, Group, Not, conditions
from offers.situation import Situation
from offers.vocabulary import CUSTOM

OF_THE_PERSON = frozenset({"segment", "tag", "gender", "age", "source", "referred", "is_first_purchase"})
"""What nobody changes by wanting: an offer that asks for another than this one is for others."""
ONLY_FORWARD = frozenset({"visit_number", "member_for_days"})
"""What only ever grows: too much of it never becomes less."""


def is_attainable(group: Group, here: Situation) -> bool:
    """Whether the group holds for the person or still can."""
    match group:
        case Condition():
            return holds(group, here) or _can_be_met(group, here)
        case AllOf(parts):
            return all(is_attainable(part, here) for part in parts)
        case AnyOf(parts):
            return any(is_attainable(part, here) for part in parts)
        case Not(part):
            return not holds(part, here) or any(not _is_of_the_person(one) for one in conditions(part))


def _is_of_the_person(condition: Condition) -> bool:
    return condition.fact in OF_THE_PERSON or condition.fact.startswith(CUSTOM)


def _can_be_met(condition: Condition, here: Situation) -> bool:
    if _is_of_the_person(condition):
        return False
    if condition.fact in ONLY_FORWARD:
        return all(miss.missing is not None for miss in misses(condition, here))
    return True
