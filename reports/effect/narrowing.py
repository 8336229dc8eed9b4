"""Leaving out members whom an offer could never meet, by what was settled before it.

Only what the offer cannot have changed may narrow: who somebody is, where from, and the tier held when it began. And
only conditions that every version had, each necessary by itself. A tag, a segment or a field has no history: whoever
has it now may have it by the offer, so it narrows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from club.tiers.models import Tier
from offers.rules import AllOf, Condition, Group, Terms

FACTS = {
    "gender": "nullif(m.gender, '')",
    "source": "nullif(m.source, '')",
    "referred": "((m.referred_by_id IS NOT NULL OR m.agent_code_id IS NOT NULL) AND NOT m.referral_held)",
    "tier": """nullif(coalesce(
        (SELECT t.to_code FROM members_tierchange t WHERE t.club_id = %(club)s AND t.member_id = m.id
            AND t.at < %(start)s ORDER BY t.at DESC, t.id DESC LIMIT 1),
        (SELECT t.from_code FROM members_tierchange t WHERE t.club_id = %(club)s AND t.member_id = m.id
            AND t.at >= %(start)s ORDER BY t.at, t.id LIMIT 1),
        m.tier_code), '')""",
}
RANKED: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


@dataclass(frozen=True)
class Narrowing:
    """A part of a WHERE over `members_member m`, with its parameters and the facts that it asks about."""

    sql: str = ""
    sent: dict[str, Any] = field(default_factory=dict)
    facts: tuple[str, ...] = ()


def narrowing_of(versions: Sequence[Terms]) -> Narrowing:
    """What every version asks of a member that was settled before; one query where tiers are compared by rank."""
    kept = [one for one in _needed(versions[0].when) if all(one in _needed(other.when) for other in versions[1:])]
    parts, sent, facts = [], {}, []
    for number, one in enumerate(one for one in kept if one.fact in FACTS):
        values = _values(one)
        if values is None:
            continue
        name, is_not = f"narrow_{number}", one.op in ("ne", "not_in")
        sent[name] = values
        column = FACTS[one.fact]
        parts.append(f"AND {'NOT coalesce' if is_not else 'coalesce'}({column} = ANY(%({name})s), false)")
        facts.append(one.fact)
    return Narrowing("\n        ".join(parts), sent, tuple(dict.fromkeys(facts)))


def _needed(when: Group) -> list[Condition]:
    """The conditions that must hold, each by itself."""
    parts = when.parts if isinstance(when, AllOf) else (when,)
    return [one for part in parts for one in ([part] if isinstance(part, Condition) else _inner(part))]


def _inner(part: Group) -> list[Condition]:
    return _needed(part) if isinstance(part, AllOf) else []


def _values(one: Condition) -> list[Any] | None:
    """Which values of the fact meet the condition, or, of a negated one, do not; None where that cannot be said."""
    if one.op in ("eq", "ne"):
        return [one.value]
    if one.op in ("in", "not_in") and isinstance(one.value, tuple):
        return list(one.value)
    if one.fact == "tier" and one.op in RANKED:
        ranks = dict(Tier.objects.values_list("code", "rank"))
        edge = ranks.get(str(one.value))
        return None if edge is None else [code for code, rank in ranks.items() if RANKED[one.op](rank, edge)]
    return None
