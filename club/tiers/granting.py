"""Tiers for a time: given by a document, held to a moment, taken back with the document or when the time is over."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from club.ledger.book import hold_books, hold_free_books
from club.members.models import Member
from club.tiers.changing import Change, change_tiers
from club.tiers.ladder import Step, after_gain, step_of
from club.tiers.models import TierGrant
from club.tiers.selectors import ladders
from club.tiers.telling import WARNED_BEFORE, Fallen, Warned, tell_fallen, tell_warned
from core.bulk import waited_in_vain
from core.rows import insert_rows
from core.tenancy.scope import current_club_id

AT_ONCE = 2_000
MERGE = "merge:"

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
        _end([member_id], at)


def end_grants(*, at: datetime) -> int:
    """End what is over and bring each member to the tier that is left to them; how many members were looked at.

    Who is in the middle of something else is left to the next run.
    """
    return _each(TierGrant.objects.filter(ended=False, until__lte=at), partial(_end, at=at))


def warn_of_ends(*, at: datetime) -> int:
    """Warn whose tier given by hand ends soon and leaves a lower one, once of each; how many were looked at."""
    return _each(_to_be_warned(at), partial(_warn, at=at))


def _to_be_warned(at: datetime) -> QuerySet[TierGrant]:
    given = TierGrant.objects.filter(ended=False, warned_at=None, document__startswith=BY_HAND)
    return given.filter(until__gt=at, until__lte=at + WARNED_BEFORE)


def _each(grants: QuerySet[TierGrant], work: Callable[[Sequence[int]], None]) -> int:
    """Do the work on the members of the grants, some at once, each time in a transaction of its own."""
    member_ids = sorted(set(grants.values_list("member", flat=True)))
    looked_at = 0
    for start in range(0, len(member_ids), AT_ONCE):
        try:
            with transaction.atomic():
                free = hold_free_books(member_ids[start : start + AT_ONCE])
                work(free)
        except OperationalError as error:
            if not waited_in_vain(error):
                raise
        else:
            looked_at += len(free)
    return looked_at


@transaction.atomic
def _end(member_ids: Sequence[int], at: datetime) -> None:
    hold_books(member_ids)
    over = _by_member(TierGrant.objects.filter(member__in=member_ids, ended=False, until__lte=at))
    if not over:
        return  # another run was quicker
    TierGrant.objects.filter(pk__in=[one.pk for grants in over.values() for one in grants]).update(ended=True)
    falls = _falls(over, at)
    change_tiers([Change(one.member_id, one.held.code, one.left, one.document, at) for one in falls])
    tell_fallen([one.told() for one in falls], at=at)


@transaction.atomic
def _warn(member_ids: Sequence[int], at: datetime) -> None:
    hold_books(member_ids)
    ending = _by_member(_to_be_warned(at).filter(member__in=member_ids))
    falls = _falls(ending, at)
    warned = [one.grant.pk for one in falls]
    TierGrant.objects.filter(pk__in=warned).update(warned_at=at)
    tell_warned([one.warned() for one in falls], at=at)


@dataclass(frozen=True)
class _Fall:
    """Whose tier ends with a grant, and which one is left (None and an empty code: none)."""

    grant: TierGrant
    held: Step
    fits: Step | None
    left: str

    @property
    def member_id(self) -> int:
        return self.grant.member_id

    @property
    def document(self) -> str:
        return f"tier_grant:{self.grant.pk}"

    @property
    def missing(self) -> int:
        return max(0, self.held.threshold - self.held.reached)

    def told(self) -> Fallen:
        left = self.fits.name if self.fits else ""
        return Fallen(self.member_id, self.held.name, left, self.missing, self.held.metric, self.document)

    def warned(self) -> Warned:
        held = self.held
        return Warned(self.member_id, held.code, held.name, self.grant.until, self.missing, held.metric)


def _by_member(grants: QuerySet[TierGrant]) -> dict[int, list[TierGrant]]:
    found: dict[int, list[TierGrant]] = {}
    for grant in grants.order_by("until", "id"):
        found.setdefault(grant.member_id, []).append(grant)
    return found


def _falls(over: Mapping[int, Sequence[TierGrant]], at: datetime) -> list[_Fall]:
    """Who falls when these grants, by their end, are over: who holds a tier by one of them, and by nothing else."""
    members = Member.objects.in_bulk(list(over))
    holding = [pk for pk, grants in over.items() if members[pk].tier_code in {one.code for one in grants}]
    given = _given_for_a_time({pk: members[pk].tier_code for pk in holding})
    steps = ladders(given, at) if given else {}
    floors = _floors_after({pk: over[pk][-1].until for pk in given})
    falls = []
    for pk in given:
        left = ""
        for floor in (members[pk].tier_floor, *floors.get(pk, ())):
            left = after_gain(steps[pk], left, floor)
        held, fits = step_of(steps[pk], members[pk].tier_code), step_of(steps[pk], left)
        if held is not None and (fits is None or fits.rank < held.rank):
            falls.append(_Fall(over[pk][-1], held, fits, left))
    return falls


def _floors_after(ends: Mapping[int, datetime]) -> dict[int, list[str]]:
    """The codes of the tiers that are given to each for longer than to the moment."""
    floors: dict[int, list[str]] = {}
    rows = TierGrant.objects.filter(member__in=list(ends), ended=False)
    for member_id, code, until in rows.values_list("member", "code", "until"):
        if until > ends[member_id]:
            floors.setdefault(member_id, []).append(code)
    return floors


def _given_for_a_time(held: Mapping[int, str]) -> list[int]:
    """Who of them (by member, the tier held) came to it by a document that gave it for a time; if merged, there."""
    records = {member_id: member_id for member_id in held}
    documents: dict[int, str] = {}
    while records:
        latest = _came_by({record: held[member_id] for member_id, record in records.items()})
        found = {member_id: latest.get(record, "") for member_id, record in records.items()}
        merged = {member_id: document for member_id, document in found.items() if document.startswith(MERGE)}
        documents |= {member_id: document for member_id, document in found.items() if member_id not in merged}
        records = {member_id: int(document.removeprefix(MERGE)) for member_id, document in merged.items()}
    granted = set(TierGrant.objects.filter(document__in=set(documents.values())).values_list("document", "code"))
    return sorted(member_id for member_id, document in documents.items() if (document, held[member_id]) in granted)


def _came_by(held: Mapping[int, str]) -> dict[int, str]:
    """By record, the document by which it came to the tier the last time."""
    with connection.cursor() as cursor:
        sent: dict[str, Any] = {"club": current_club_id(), "records": list(held), "codes": list(held.values())}
        cursor.execute(CAME_BY, sent)
        return dict(cursor.fetchall())


CAME_BY = """
SELECT r.id, c.document FROM unnest(%(records)s::bigint[], %(codes)s::text[]) AS r(id, code)
CROSS JOIN LATERAL (
    SELECT document FROM members_tierchange
    WHERE club_id = %(club)s AND member_id = r.id AND to_code = r.code ORDER BY at DESC, id DESC LIMIT 1) c
"""
