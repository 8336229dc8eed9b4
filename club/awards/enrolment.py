"""Joining the club: the member with wallets, first tier, opening value, event and welcome, in one transaction.

It lives here and not in `club.members` because it puts together what lies above members: the ledger and tiers.
However many join at once, it is the same handful of statements.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from club.ledger.models import Unit
from club.ledger.services import Opening, give_openings, open_wallets
from club.members.awaited import tie_awaited
from club.members.consent import note_consent_at_joining
from club.members.joining import Joiner, claim_requests, settle
from club.members.models import JoinRequest, Member, TierChange
from club.members.reaching import in_language_of
from club.members.rulebook import note_acceptance_at_joining
from club.members.services import NewMember, ReferralRefused, insert_members, prepare_member, set_referrer
from club.tiers.ladder import Step, after_gain
from club.tiers.models import Tier
from club.tiers.selectors import ladder
from core import audit, events
from core.errors import ValidationFailed
from core.rows import insert_rows
from sms import outbox


@transaction.atomic
def enrol_member(
    *,
    actor: str,
    now: datetime,
    enrolled_at: datetime | None = None,
    opening_points: int = 0,
    opening_credit: int = 0,
    quiet: bool = False,
    imported: bool = False,
    **person: Any,
) -> Member:
    """Make a new member. `person` takes the fields of NewMember; `quiet` sends no welcome.

    `imported` is told in the event: whoever was a member elsewhere before gets no gift for joining.

    Raises ValidationFailed by field, DuplicatePhone, Conflict; then nothing has been written.
    """
    at = enrolled_at or now
    given = ((Unit.POINTS, opening_points), (Unit.CREDIT, opening_credit))
    openings = [Opening(unit, amount, at) for unit, amount in given if amount]
    member = prepare_member(NewMember(**person), enrolled_at=at)
    enrol_members([(member, openings)], actor=actor, now=at, welcome=not quiet, imported=imported)
    return member


@transaction.atomic
def enrol_members(
    people: Sequence[tuple[Member, Sequence[Opening]]],
    *,
    actor: str,
    now: datetime,
    welcome: bool = False,
    imported: bool = False,
) -> None:
    """Make members of who was prepared, each with the value brought along: all of them or none.

    A tier floor that they carry is held from the first day; who had asked to join is let in by it.
    Raises DuplicatePhone, Conflict.
    """
    if not people:
        return
    members = [member for member, _openings in people]
    asked = claim_requests(members)
    steps = ladder(None, now)
    for member, openings in people:
        member.tier_code = first_tier(steps, openings, member.tier_floor)
    insert_members(members, actor=actor)
    open_wallets([member.pk for member in members])
    give_openings([(member.pk, opening) for member, openings in people for opening in openings], actor=actor)
    held = [(member.pk, "", member.tier_code, _document(member), member.enrolled_at) for member in members]
    insert_rows(TierChange, ("member_id", "from_code", "to_code", "document", "at"), [row for row in held if row[2]])
    events.emit_many("member.enrolled", [_enrolled(member, imported=imported) for member in members])
    tie_awaited(members, actor=actor)
    audit.record_made("member.enrol", actor=actor, made=[(_document(member), _noted(member)) for member in members])
    for member, request in asked:
        agree(member, request, actor=actor, now=request.asked_at)
        refer(member, request.referrer, actor=actor)
        settle(request, member, actor=actor, now=timezone.now())
    if welcome:
        outbox.enqueue_many("welcome", [_welcome(member) for member in members if member.phone])


def agree(member: Member, agreed: Joiner | JoinRequest, *, actor: str, now: datetime) -> None:
    """Keep what a newcomer of the joining page agreed to, in the running transaction."""
    note_consent_at_joining(member, given=agreed.sms_consent, text=agreed.consent_text, actor=actor, now=now)
    if agreed.rules_number:
        note_acceptance_at_joining(member, agreed.rules_number, address=agreed.address, now=now)


def refer(member: Member, code: str, *, actor: str) -> None:
    """Tie a newcomer to who invited them; a code that may not bring them leaves them a member who came alone."""
    if not code:
        return
    try:
        with transaction.atomic():
            set_referrer(member.pk, code, actor=actor)
    except (ReferralRefused, ValidationFailed):
        return
    member.refresh_from_db(fields=["referred_by", "agent_code"])


def first_tier(steps: Sequence[Step], openings: Sequence[Opening], floor: str) -> str:
    """The code of the tier that somebody without any purchase holds; an opening value in points counts."""
    points = sum(opening.amount for opening in openings if opening.unit == Unit.POINTS)
    own = [replace(step, reached=points if step.metric == Tier.Metric.POINTS else 0) for step in steps]
    return after_gain(own, "", floor)


def _document(member: Member) -> str:
    return f"member:{member.pk}"


def _enrolled(member: Member, *, imported: bool) -> events.Happened:
    data = {"source": member.source, "imported": imported}
    return events.Happened(_document(member), member.enrolled_at, member.pk, data)


def _noted(member: Member) -> dict[str, Any]:
    return {"phone": member.phone, "name": member.full_name}


def _welcome(member: Member) -> outbox.Letter:
    return outbox.Letter(
        member.phone or "", {"name": member.first_name, **in_language_of(member)}, member.pk, _document(member)
    )
