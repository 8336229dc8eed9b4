"""What members are told of a tier that ends: a warning with what keeps it, and a word when it has ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from club.members.models import Member
from club.members.reaching import in_language_of
from club.tiers.changing import Change
from club.tiers.ladder import Step, step_of
from club.tiers.selectors import ladders
from core import events
from core.jalali import last_day, local_date
from core.tenancy.scope import club_zone
from sms import outbox

MORNING = time(9)


def tell_warned(falls_at: Mapping[int, datetime], *, at: datetime) -> None:
    """Warn each member that the tier held ends then: by an event and an SMS in the morning."""
    if not falls_at:
        return
    zone, steps = club_zone(), ladders(list(falls_at), at)
    happened, letters = [], []
    for member in Member.objects.filter(pk__in=falls_at).order_by("pk"):
        held, day = step_of(steps[member.pk], member.tier_code), last_day(falls_at[member.pk], zone)
        document = f"tier_warning:{member.pk}"
        data = {"tier": member.tier_code, "day": day.isoformat(), "missing": _missing(held)}
        happened.append(events.Happened(document, at, member.pk, data))
        if member.phone and held:
            said = {"tier": held.name, "expires": day.isoformat(), **_way(held)}
            letters.append(_letter(member, said, document))
    events.emit_many("tier.warned", happened)
    outbox.enqueue_many("tier_warning", letters, not_before=_morning(at))


def tell_fallen(changes: Sequence[Change], *, at: datetime) -> None:
    """Tell each member in the morning that the tier held has ended, and which one is left."""
    if not changes:
        return
    by_member = {change.member_id: change for change in changes}
    steps = ladders(list(by_member), at)
    letters = []
    for member in Member.objects.filter(pk__in=by_member, phone__isnull=False).order_by("pk"):
        change, own = by_member[member.pk], steps[member.pk]
        before, after = step_of(own, change.before), step_of(own, change.after)
        if before:
            said = {"old_tier": before.name, "tier": after.name if after else "", **_way(before)}
            letters.append(_letter(member, said, change.document))
    outbox.enqueue_many("tier_changed", letters, not_before=_morning(at))


def _letter(member: Member, said: Mapping[str, object], document: str) -> outbox.Letter:
    context = {"name": member.first_name, **said, **in_language_of(member)}
    return outbox.Letter(member.phone or "", context, member.pk, document)


def _way(step: Step) -> dict[str, object]:
    """What is missing to the tier's threshold, with what it is counted in."""
    return {"missing": _missing(step), "metric": step.metric}


def _missing(step: Step | None) -> int:
    return max(0, step.threshold - step.reached) if step else 0


def _morning(at: datetime) -> datetime | None:
    """The hour of this local day before which nobody is written to; None where it is past."""
    zone = club_zone()
    morning = datetime.combine(local_date(at, zone), MORNING, ZoneInfo(zone))
    return morning if at < morning else None
