"""The tier that is left to a member when something that was counted, or that gave a tier, is taken back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from club.members.models import Member, TierChange
from club.tiers.granting import floors_of
from club.tiers.ladder import Step, after_gain, fitting, step_of, without


def tier_without(
    member: Member,
    before: Sequence[Step],
    lost: Mapping[str, int],
    *,
    age: timedelta,
    document: str,
    gone: Collection[str] = (),
) -> str:
    """The code of the tier that the figures still reach without what is `lost` of each metric, gained `age` ago.

    A tier that they did not reach before either (its window has passed, and it does not go down by itself) is kept,
    unless it was this document that gave it. `gone`: the documents that are taken back whole, with what they granted.
    """
    steps = without(before, lost, age=age)
    tier = ""
    for floor in floors_of(member, without=gone):
        tier = after_gain(steps, tier, floor)
    held, fits, fitted = step_of(steps, member.tier_code), step_of(steps, tier), fitting(before)
    is_lower = held is None or fits is None or fits.rank < held.rank
    was_reached = held is None or (fitted is not None and fitted.rank >= held.rank)
    return tier if is_lower and (was_reached or _was_given_by(document, member)) else member.tier_code


def _was_given_by(document: str, member: Member) -> bool:
    given = TierChange.objects.filter(member=member, to_code=member.tier_code).order_by("-at", "-id").first()
    return given is not None and given.document == document
