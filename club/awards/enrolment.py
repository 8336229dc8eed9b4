"""Joining the club: the member with wallets, first tier, opening value, event and welcome, in one transaction.

It lives here and not in `club.members` because it puts together what lies above members: the ledger and tiers.
"""

from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction

from club.ledger.book import lock_book
from club.ledger.models import Kind, Unit
from club.ledger.services import open_wallets
from club.members.models import Member, TierChange
from club.members.services import NewMember, create_member
from club.tiers.ladder import fitting
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
    member = create_member(NewMember(**person), enrolled_at=at)
    open_wallets([member.pk])
    _give_opening(member, {Unit.POINTS: opening_points, Unit.CREDIT: opening_credit}, at, actor)
    _give_first_tier(member, at)
    events.emit(
        "member.enrolled",
        document=f"member:{member.pk}",
        member_id=member.pk,
        occurred_at=at,
        data={"source": member.source},
    )
    audit.record(
        "member.enrol",
        actor=actor,
        target=f"member:{member.pk}",
        before={},
        after={"phone": member.phone, "name": member.full_name},
    )
    if member.phone and not quiet:
        outbox.enqueue(
            "welcome",
            phone=member.phone,
            member_id=member.pk,
            document=f"member:{member.pk}",
            context={"name": member.first_name},
        )
    return member


def _give_opening(member: Member, amounts: dict[str, int], at: datetime, actor: str) -> None:
    if not any(amounts.values()):
        return
    book = lock_book(member.pk)
    for unit, amount in amounts.items():
        if amount:
            book.earn(unit, amount, f"member:{member.pk}", "opening", at, kind=Kind.OPENING)
    book.write(actor=actor)


def _give_first_tier(member: Member, at: datetime) -> None:
    first = fitting(ladder(member.pk, at))
    if first is None:
        return
    Member.objects.filter(pk=member.pk).update(tier_code=first.code)
    member.tier_code = first.code
    TierChange.objects.create(member=member, to_code=first.code, document=f"member:{member.pk}", at=at)
