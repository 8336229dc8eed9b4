"""Tiers for a time: given by a document, held to a moment, taken back with the document or when the time is over."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import OperationalError, transaction

from club.ledger.book import lock_book
from club.members.models import Member, TierChange
from club.tiers.changing import Change, change_tiers
from club.tiers.ladder import after_gain, step_of
from club.tiers.models import TierGrant
from club.tiers.selectors import ladder
from club.tiers.telling import Fallen, tell_fallen
from core.bulk import waited_in_vain
from core.rows import insert_rows

BY_HAND = "tier_hand:"
"""How the document of a tier begins that somebody of the staff gave up to a moment."""
Grant = tuple[str, datetime]
"""The code of a tier and the moment to which it is held."""


def note_grants(given: Iterable[tuple[int, str, Iterable[Grant]]]) -> None:
    """Note the tiers that each document gives its member, each to its latest end: (member, document, tiers).

    Who records the document lifts the member by them.
    """
    rows = [
        (member_id, code, document, until)
        for member_id, document, grants in given
        for code, until in dict(sorted(grants)).items()
    ]
    insert_rows(TierGrant, ("member_id", "code", "document", "until"), rows)


def take_back_grants(document: str) -> None:
    """The whole document was taken back; who does it looks at the tier anew."""
    TierGrant.objects.filter(document=document).update(ended=True)


def floors_of(member: Member, *, without: Collection[str] = ()) -> list[str]:
    """The codes below which the member does not fall: the one given by hand, and those given for a time.

    `without`: documents whose gifts are taken back.
    """
    granted = TierGrant.objects.filter(member=member, ended=False).exclude(document__in=without)
    return [member.tier_floor, *granted.values_list("code", flat=True)]


def given_by_hand(member_id: int) -> TierGrant | None:
    """The tier that somebody of the staff gave the member up to a moment, while it holds."""
    return TierGrant.objects.filter(member=member_id, ended=False, document__startswith=BY_HAND).order_by("-id").first()


def give_by_hand(member_id: int, code: str, *, until: datetime) -> str:
    """Note the tier that somebody of the staff gives up to a moment; its document. Who gives it lifts the member."""
    grant = TierGrant.objects.create(member_id=member_id, code=code, document=BY_HAND, until=until)
    grant.document = f"{BY_HAND}{grant.pk}"
    grant.save(update_fields=["document"])
    return grant.document


def take_off_by_hand(member_id: int, *, at: datetime, but: str) -> None:
    """End now what was given by hand to a moment, except by this document."""
    given = TierGrant.objects.filter(member=member_id, ended=False, document__startswith=BY_HAND).exclude(document=but)
    if given.update(until=at):
        _end(member_id, at)


def end_grants(*, at: datetime) -> int:
    """End what is over and bring each member to the tier that is left to them; how many members were looked at.

    Who is in the middle of something else is left to the next run.
    """
    over = TierGrant.objects.filter(ended=False, until__lte=at)
    looked_at = 0
    for member_id in sorted(set(over.values_list("member", flat=True))):
        try:
            _end(member_id, at)
        except OperationalError as error:
            if not waited_in_vain(error):
                raise
        else:
            looked_at += 1
    return looked_at


@transaction.atomic
def _end(member_id: int, at: datetime) -> None:
    lock_book(member_id)
    over = TierGrant.objects.filter(member=member_id, ended=False, until__lte=at)
    grants = list(over.order_by("until", "id").values_list("pk", "code"))
    if not grants:
        return  # another run was quicker
    over.update(ended=True)
    member = Member.objects.get(pk=member_id)
    if member.tier_code not in {code for _pk, code in grants} or not _was_given(member):
        return  # held above what was given, or before it
    steps = ladder(member_id, at)
    left = ""
    for floor in floors_of(member):
        left = after_gain(steps, left, floor)
    held, fits = step_of(steps, member.tier_code), step_of(steps, left)
    if held is None or (fits is not None and fits.rank >= held.rank):
        return
    document = f"tier_grant:{grants[-1][0]}"
    change_tiers([Change(member_id, member.tier_code, left, document, at)])
    missing = max(0, held.threshold - held.reached)
    told = Fallen(member_id, held.name, fits.name if fits else "", missing, held.metric, document)
    tell_fallen([told], at=at)


def _was_given(member: Member) -> bool:
    """Whether the tier held was reached by a document that gave it for a time; in a merged record, there."""
    record = member.pk
    while True:
        changes = TierChange.objects.filter(member=record, to_code=member.tier_code).order_by("-at", "-id")
        document = changes.values_list("document", flat=True).first() or ""
        kind, _colon, number = document.partition(":")
        if kind != "merge":
            return TierGrant.objects.filter(document=document, code=member.tier_code).exists()
        record = int(number)
