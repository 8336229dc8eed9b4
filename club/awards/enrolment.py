"""Joining the club: the member with wallets, first tier, opening value, event and welcome, in one transaction.

It lives here and not in `club.members` because it puts together what lies above members: the ledger and tiers.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction

from club.ledger.book import lock_book
from club.ledger.models import Kind, Unit
from club.ledger.services import open_wallets
from club.members.models import Member, TierChange
from club.members.services import NewMember, create_member, create_members
from club.tiers.ladder import Step, fitting
from club.tiers.selectors import ladder
from core import audit, events
from sms import outbox

PERSON_FIELDS = {field.name for field in fields(NewMember)}


@transaction.atomic
def enrol_member(
    *,
    actor: str,
    now: datetime,
    enrolled_at: datetime | None = None,
    opening_points: int = 0,
    opening_credit: int = 0,
    quiet: bool = False,
    **person: Any,
) -> Member:
    """Make a new member. `person` takes the fields of NewMember; `quiet` sends no welcome (imported history).

    Raises ValidationFailed by field, DuplicatePhone, Conflict; then nothing has been written.
    """
    at = enrolled_at or now
    member = create_member(NewMember(**person), enrolled_at=at, actor=actor)
    open_wallets([member.pk])
    _give_opening(member, {Unit.POINTS: opening_points, Unit.CREDIT: opening_credit}, at, actor)
    _give_first_tier(member, at)
    _emit_enrolled(member)
    audit.record("member.enrol", actor=actor, target=f"member:{member.pk}", before={}, after=_noted(member))
    if member.phone and not quiet:
        outbox.enqueue(
            "welcome",
            phone=member.phone,
            member_id=member.pk,
            document=f"member:{member.pk}",
            context={"name": member.first_name},
        )
    return member


@transaction.atomic
def enrol_members(people: Sequence[tuple[NewMember, datetime]], *, actor: str) -> list[Member]:
    """Make members of imported people, each with the moment of joining: all at once and quietly, or none of them.

    What `enrol_member` writes, in a handful of statements. Raises as it does.
    """
    members = create_members(people, actor=actor)
    open_wallets([member.pk for member in members])
    _give_first_tiers(members)
    for member in members:
        _emit_enrolled(member)
    audit.record_made("member.enrol", actor=actor, made=[(f"member:{member.pk}", _noted(member)) for member in members])
    return members


def _emit_enrolled(member: Member) -> None:
    events.emit(
        "member.enrolled",
        document=f"member:{member.pk}",
        member_id=member.pk,
        occurred_at=member.enrolled_at,
        data={"source": member.source},
    )


def _noted(member: Member) -> dict[str, Any]:
    return {"phone": member.phone, "name": member.full_name}


def _give_opening(member: Member, amounts: dict[str, int], at: datetime, actor: str) -> None:
    if not any(amounts.values()):
        return
    book = lock_book(member.pk)
    for unit, amount in amounts.items():
        if amount:
            book.earn(unit, amount, f"member:{member.pk}", "opening", at, kind=Kind.OPENING)
    book.write(actor=actor)


def _give_first_tier(member: Member, at: datetime) -> None:
    """The tier that the member's figures reach, which an opening value may have raised."""
    _set_first_tier([member], fitting(ladder(member.pk, at)))


def _give_first_tiers(members: Sequence[Member]) -> None:
    """The tier that somebody with nothing yet holds: the same for all, so it is read once."""
    _set_first_tier(members, fitting(ladder(members[0].pk, members[0].enrolled_at)))


def _set_first_tier(members: Sequence[Member], first: Step | None) -> None:
    if first is None:
        return
    Member.objects.filter(pk__in=[member.pk for member in members]).update(tier_code=first.code)
    for member in members:
        member.tier_code = first.code
    TierChange.objects.bulk_create(
        [
            TierChange(member=member, to_code=first.code, document=f"member:{member.pk}", at=member.enrolled_at)
            for member in members
        ]
    )
