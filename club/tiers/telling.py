"""What members are told of a tier that ends: a warning with what keeps it, and a word when it has ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from club.members.models import Member
from club.members.reaching import in_language_of
from core import events
from core.jalali import last_day, local_date
from core.tenancy.scope import club_zone
from sms import outbox

MORNING = time(9)
WARNED_BEFORE = timedelta(days=14)
"""So long before a tier ends its member is warned; where there is less time, on the first day."""


@dataclass(frozen=True)
class Warned:
    """Whose tier (code and name) ends at the moment, and what of its metric is missing to keep it."""

    member_id: int
    code: str
    tier: str
    falls_at: datetime
    missing: int
    metric: str


@dataclass(frozen=True)
class Fallen:
    """Whose tier (by name) ended by the document, which one is left (empty: none), and what is missing to come back."""

    member_id: int
    old_tier: str
    tier: str
    missing: int
    metric: str
    document: str


def tell_warned(warned: Sequence[Warned], *, at: datetime) -> None:
    """Warn each member that the tier held ends then: by an event and an SMS in the morning."""
    if not warned:
        return
    zone, members = club_zone(), _members(warned)
    happened, letters = [], []
    for one in warned:
        member, day = members[one.member_id], last_day(one.falls_at, zone).isoformat()
        document = f"tier_warning:{one.member_id}"
        data = {"tier": one.code, "day": day, "missing": one.missing}
        happened.append(events.Happened(document, at, one.member_id, data))
        said = {"tier": one.tier, "expires": day, "missing": one.missing, "metric": one.metric}
        letters += _letters(member, said, document)
    events.emit_many("tier.warned", happened)
    outbox.enqueue_many("tier_warning", letters, not_before=_morning(at))


def tell_fallen(fallen: Sequence[Fallen], *, at: datetime) -> None:
    """Tell each member in the morning that the tier held has ended, and which one is left."""
    if not fallen:
        return
    members = _members(fallen)
    letters = []
    for one in fallen:
        said = {"old_tier": one.old_tier, "tier": one.tier, "missing": one.missing, "metric": one.metric}
        letters += _letters(members[one.member_id], said, one.document)
    outbox.enqueue_many("tier_changed", letters, not_before=_morning(at))


def _members(told: Sequence[Warned] | Sequence[Fallen]) -> dict[int, Member]:
    rows = Member.objects.only("first_name", "phone", "language").filter(pk__in=[one.member_id for one in told])
    return {member.pk: member for member in rows}


def _letters(member: Member, said: Mapping[str, object], document: str) -> list[outbox.Letter]:
    """One where there is a phone to send it to."""
    context = {"name": member.first_name, **said, **in_language_of(member)}
    return [outbox.Letter(member.phone, context, member.pk, document)] if member.phone else []


def _morning(at: datetime) -> datetime | None:
    """The hour of this local day before which nobody is written to; None where it is past."""
    zone = club_zone()
    morning = datetime.combine(local_date(at, zone), MORNING, ZoneInfo(zone))
    return morning if at < morning else None
