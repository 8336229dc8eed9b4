"""Whether an offer would have won on a purchase, from what was kept of those that matched then. Pure.

Where at most the best of several applies, their worths decide; where several apply together, only the engine tells.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from offers.rules import LiveOffer

Version = tuple[int, int]
"""An offer and the number of its version."""
REFUSED = ("limit_reached", "budget_spent", "held_out")


class Result(NamedTuple):
    """What becomes of the offer: its outcome, its worth, and (offer, worth) of those that it takes the place of."""

    outcome: str
    worth: int = 0
    displaced: tuple[tuple[int, int], ...] = ()


def others_of(kept: Sequence[Mapping[str, Any]], offer: LiveOffer) -> list[Mapping[str, Any]]:
    """What matched then, without an older version of the offer itself."""
    return [one for one in kept if one["offer"] != offer.id]


def is_decided_by_worth(
    offer: LiveOffer, kept: Sequence[Mapping[str, Any]], versions: Mapping[Version, LiveOffer]
) -> bool:
    """Whether the worths alone say which applies."""
    rivals = _rivals(offer, kept, versions)
    if not rivals:
        return True
    return offer.terms.stacking != "always" and all(rival.terms.stacking == "best" for rival, _worth in rivals)


def contest(
    offer: LiveOffer, worth: int, kept: Sequence[Mapping[str, Any]], versions: Mapping[Version, LiveOffer]
) -> Result:
    """Whether it is given, where worths decide."""
    rivals = _rivals(offer, kept, versions)
    if offer.terms.stacking == "alone" and not worth:
        return Result("no_effect")  # it takes the place of others only where it is worth more
    if rivals:
        best, most = min(rivals, key=lambda one: (-one[1], one[0].turn))
        is_alone = offer.terms.stacking == "alone"
        wins = worth > most or (worth == most and not is_alone and offer.turn < best.turn)
        if not wins:
            return Result("lost_to", worth)
    given = [(one["offer"], one["worth"]) for one in kept if one["outcome"] == "applied"]
    return Result("applied", worth, tuple(given))


def _rivals(
    offer: LiveOffer, kept: Sequence[Mapping[str, Any]], versions: Mapping[Version, LiveOffer]
) -> list[tuple[LiveOffer, int]]:
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
