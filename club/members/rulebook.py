"""The club's rules in versions: drafted, published from a day on or taken back before it, accepted by members."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from club.members.models import Member, RulesAcceptance, RulesVersion
from core import audit
from core.errors import Conflict, NotFound, ValidationFailed
from core.jalali import format_date, local_date
from core.tenancy.scope import current_club
from core.text import persian_letters

LONGEST = 20_000


class RulesChanged(Conflict):
    """Another version holds by now than the one that was read."""

    code = "rules_changed"
    message = _("قوانین همین حالا تازه شد؛ نسخهٔ تازه را بخوان.")


@dataclass(frozen=True)
class Published:
    """A version as it is listed: how many accepted it, and whether it holds now or later."""

    rules: RulesVersion
    accepted: int
    is_in_force: bool
    is_planned: bool
    is_withdrawn: bool


def rules_in_force(now: datetime) -> RulesVersion | None:
    """The version that holds today, None while the club has none."""
    found: RulesVersion | None = _standing().filter(starts_on__lte=_today(now)).order_by("-number").first()
    return found


def rules_to_accept(member_id: int, now: datetime) -> RulesVersion | None:
    """The version in force, if the member has not said yes to it; one query."""
    yes = _of(member_id).filter(rules=OuterRef("pk"))
    begun = _standing().filter(starts_on__lte=_today(now))
    found = begun.annotate(is_accepted=Exists(yes)).order_by("-number").first()
    return None if found is None or found.is_accepted else found


def accept_rules(member_id: int, number: int, *, address: str, now: datetime) -> None:
    """Keep the member's yes to the version that was read, once. Raises RulesChanged when another one holds by now."""
    rules = rules_in_force(now)
    if rules is None or rules.number != number:
        raise RulesChanged
    _keep(rules, member_id, source="portal", address=address, now=now)


def note_acceptance_at_joining(member: Member, number: int, *, address: str, now: datetime) -> None:
    """Keep what a newcomer agreed to, in the running transaction, though another version may hold by now."""
    rules = RulesVersion.objects.filter(number=number).first()
    if rules:
        _keep(rules, member.pk, source="join", address=address, now=now)


def draft_of_rules() -> RulesVersion | None:
    """What is written and not yet published."""
    return RulesVersion.objects.filter(published_at=None).first()


@transaction.atomic
def save_draft(text: str, *, actor: str, now: datetime) -> RulesVersion:
    """Keep the draft. Raises ValidationFailed (text)."""
    clean = persian_letters(text.replace("\x00", "").replace("\r\n", "\n")).strip()
    if not clean:
        raise ValidationFailed({"text": [_("متن قوانین را بنویسید.")]})
    if len(clean) > LONGEST:
        raise ValidationFailed({"text": [_("متن از ۲۰٬۰۰۰ نویسه بلندتر است.")]})
    values = {"text": clean, "written_by": actor, "written_at": now}
    kept, _is_new = RulesVersion.objects.update_or_create(published_at=None, defaults=values)
    return kept


@transaction.atomic
def drop_draft(*, actor: str) -> None:
    """Throw the draft away; published versions stay."""
    draft = RulesVersion.objects.select_for_update().filter(published_at=None).first()
    if draft:
        audit.record("rules.drop", actor=actor, target="rules:draft", before={"text": draft.text}, after={})
        draft.delete()


@transaction.atomic
def publish_rules(starts_on: date, *, actor: str, now: datetime) -> RulesVersion:
    """Make the draft the next version, from a day on: members are asked for their yes from that day.

    Raises NotFound without a draft, ValidationFailed (starts_on) for a day gone by, or before the newest version's.
    """
    draft = RulesVersion.objects.select_for_update().filter(published_at=None).first()
    if draft is None:
        raise NotFound
    last_day = Max("starts_on", filter=Q(withdrawn_at=None))
    newest = RulesVersion.objects.aggregate(number=Max("number"), starts_on=last_day)
    if starts_on < _today(now):
        raise ValidationFailed({"starts_on": [_("این روز گذشته است.")]})
    if newest["starts_on"] and starts_on < newest["starts_on"]:
        told = {"day": format_date(newest["starts_on"])}
        raise ValidationFailed({"starts_on": [_("نسخهٔ پیشین از %(day)s است؛ همان روز یا پس از آن.") % told]})
    draft.number, draft.starts_on = (newest["number"] or 0) + 1, starts_on
    draft.published_at, draft.published_by = now, actor
    draft.save()
    after: dict[str, Any] = {"number": draft.number, "starts_on": starts_on.isoformat()}
    audit.record("rules.publish", actor=actor, target=f"rulesversion:{draft.pk}", before={}, after=after)
    return draft


@transaction.atomic
def withdraw_rules(number: int, *, actor: str, now: datetime) -> bool:
    """Take back a version before its day; its text becomes the draft, and True, where none is being written.

    Raises NotFound, Conflict when it holds already, or was taken back.
    """
    planned = RulesVersion.objects.select_for_update().filter(pk=published_rules(number, withdrawn=True).pk).get()
    if planned.withdrawn_at:
        raise Conflict(_("این نسخه پیش‌تر پس گرفته شده است."))
    if planned.starts_on and planned.starts_on <= _today(now):
        raise Conflict(_("این نسخه دیگر در حال اجراست؛ به جای آن نسخهٔ تازه‌ای بنویسید."))
    planned.withdrawn_at = now
    planned.save(update_fields=["withdrawn_at"])
    before: dict[str, Any] = {"number": number, "starts_on": planned.starts_on and planned.starts_on.isoformat()}
    audit.record("rules.withdraw", actor=actor, target=f"rulesversion:{planned.pk}", before=before, after={})
    draft = {"text": planned.text, "written_by": actor, "written_at": now}
    _draft, is_new = RulesVersion.objects.get_or_create(published_at=None, defaults=draft)
    return is_new


def published_versions(now: datetime, *, counted: bool = False, withdrawn: bool = False) -> list[Published]:
    """Every published version, the newest first; `counted` with how many accepted each, which reads them all.

    Those taken back are left out where they are not asked for.
    """
    published = RulesVersion.objects.filter(published_at__isnull=False) if withdrawn else _standing()
    rows = list(published.order_by("-number").annotate(accepted=Count("acceptances") if counted else Value(0)))
    today = _today(now)
    standing = [row for row in rows if row.withdrawn_at is None]
    begun = [row for row in standing if row.starts_on and row.starts_on <= today]
    return [
        Published(
            row,
            row.accepted,
            is_in_force=row in begun[:1],
            is_planned=row in standing and row not in begun,
            is_withdrawn=row not in standing,
        )
        for row in rows
    ]


def published_rules(number: int, *, withdrawn: bool = False) -> RulesVersion:
    """A published version by its number, one taken back only where it is asked for. Raises NotFound."""
    published = RulesVersion.objects.filter(number=number) if withdrawn else _standing().filter(number=number)
    found: RulesVersion | None = published.first() if 0 < number < 2**31 else None
    if found is None:
        raise NotFound
    return found


def rules_before(rules: RulesVersion | None) -> RulesVersion | None:
    """The published version before this one; of a draft, the newest."""
    earlier = _standing().order_by("-number")
    if rules is not None and rules.number:
        earlier = earlier.filter(number__lt=rules.number)
    found: RulesVersion | None = earlier.first()
    return found


def acceptances(rules: RulesVersion, *, before: int | None = None, limit: int) -> list[RulesAcceptance]:
    """Who said yes to a version, the last first."""
    rows = RulesAcceptance.objects.filter(rules=rules).select_related("member").order_by("-id")
    return list((rows.filter(pk__lt=before) if before else rows)[:limit])


def last_acceptance(member_id: int) -> RulesAcceptance | None:
    """The newest version that the member said yes to, and when."""
    return _of(member_id).select_related("rules").order_by(F("rules__number").desc()).first()


def count_members() -> int:
    """How many will be asked."""
    return Member.objects.exclude(status=Member.Status.ERASED).count()


def _standing() -> QuerySet[RulesVersion]:
    """What was published and not taken back."""
    return RulesVersion.objects.filter(published_at__isnull=False, withdrawn_at=None)


def _of(member_id: int) -> QuerySet[RulesAcceptance]:
    """What the person said yes to, in records merged into this one, too."""
    return RulesAcceptance.objects.filter(Q(member=member_id) | Q(member__merged_into=member_id))


def _keep(rules: RulesVersion, member_id: int, *, source: str, address: str, now: datetime) -> None:
    yes = RulesAcceptance(rules=rules, member_id=member_id, source=source, address=address[:45], at=now)
    RulesAcceptance.objects.bulk_create([yes], ignore_conflicts=True)  # a second press changes nothing


def _today(now: datetime) -> date:
    return local_date(now, current_club().time_zone)
