"""Whether an offer would have won on a purchase, from what was kept of those that matched then. Pure.

Where at most the best of several applies, or what they give stands apart, their worths decide; where one changes what
another gives, only the engine tells.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from offers.rules import LiveOffer

Version = tuple[int, int]
"""An offer and the number of its version."""
Kept = Sequence[Mapping[str, Any]]
"""What became of the offers that matched a purchase, as it was kept."""
# What these give does not depend on what others give beside them, and their points are whole.
APART = frozenset(
    ("credit_percent", "credit_amount", "points_amount", "free_item", "coupon", "chances", "tier", "free_delivery")
)
REFUSED = ("limit_reached", "budget_spent", "held_out")


class Result(NamedTuple):
    """What becomes of the offer: its outcome, its worth, and (offer, worth) of those that it takes the place of."""

    outcome: str
    worth: int = 0
    displaced: tuple[tuple[int, int], ...] = ()


def others_of(kept: Kept, offer: LiveOffer) -> list[Mapping[str, Any]]:
    """What matched then, without an older version of the offer itself."""
    return [one for one in kept if one["offer"] != offer.id]


def is_decided_by_worth(offer: LiveOffer, kept: Kept, versions: Mapping[Version, LiveOffer]) -> bool:
    """Whether the worths alone say which applies."""
    rivals = [rival.terms for rival, _worth in _rivals(offer, kept, versions)]
    if all(rival.stacking == "best" for rival in rivals) and (offer.terms.stacking != "always" or not rivals):
        return True
    if "alone" in (offer.terms.stacking, *(rival.stacking for rival in rivals)):
        return False
    of_one = offer.terms.benefit.kind == "points_factor" or offer.terms.benefit.kind in APART
    return of_one and all(rival.benefit.kind in APART for rival in rivals)


def contest(offer: LiveOffer, worth: int, kept: Kept, versions: Mapping[Version, LiveOffer]) -> Result:
    """Whether it is given, where worths decide."""
    stacking = offer.terms.stacking
    if stacking == "alone" and not worth:
        return Result("no_effect")  # it takes the place of others only where it is worth more
    rivals = [one for one in _rivals(offer, kept, versions) if one[0].terms.stacking == "best"]
    if rivals and stacking != "always":
        best, most = min(rivals, key=lambda one: (-one[1], one[0].turn))
        if worth < most or (worth == most and (stacking == "alone" or best.turn < offer.turn)):
            return Result("lost_to", worth)
    given = [one for one in kept if one["outcome"] == "applied"]
    places = {offer.id, *(rival.id for rival, _worth in rivals)} if stacking != "always" else {offer.id}
    return Result("applied", worth, tuple((one["offer"], one["worth"]) for one in given if one["offer"] in places))


def _rivals(offer: LiveOffer, kept: Kept, versions: Mapping[Version, LiveOffer]) -> list[tuple[LiveOffer, int]]:
    """The others that could have been given, each with its worth."""
    found = []
    for one in others_of(kept, offer):
        rival = versions.get((one["offer"], one["version"]))
        if rival is None or one["outcome"] in REFUSED:
            continue
        if one["outcome"] == "no_effect" and rival.terms.stacking == "best":
            continue
        found.append((rival, one["worth"]))
    return found
