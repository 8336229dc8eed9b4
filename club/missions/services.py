"""Defining missions: drafts, publishing, what may change of a live one, ending; and the wins that purchases note."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.missions.models import Mission, MissionWin
from club.missions.rules import Rule
from club.missions.selectors import get_mission
from core import audit
from core.errors import Conflict, Text, ValidationFailed
from core.text import clean_name
from offers.known import Known
from offers.made import check_made, make_offer
from offers.models import Offer

FROZEN = ("counts", "target", "of", "window", "days", "again", "tier_code", "starts_at")
"""What a live mission asks stays, so that nobody's target moves away."""
OPEN = ("name", "about", "benefit", "valid_days", "badge", "icon", "limit", "ends_at")
LIMITS: dict[str, tuple[int, int]] = {
    "target": (1, 10**15),
    "days": (1, 3_650),
    "valid_days": (1, 3_650),
    "limit": (1, 1_000_000_000),
}
CHOICES = {"counts": Mission.Counts.values, "window": Mission.Window.values, "again": Mission.Again.values}
LENGTHS = {"name": (1, 60), "about": (0, 200), "badge": (0, 40), "icon": (1, 24)}


@transaction.atomic
def create_mission(values: Mapping[str, Any], *, known: Known, actor: str, now: datetime) -> Mission:
    """A draft. Money is whole Rial, moments are aware. Raises ValidationFailed by field (`benefit.percent`)."""
    mission = Mission(actor=actor)
    _take(mission, values, known)
    mission.save()
    audit.record("mission.create", actor=actor, target=_target(mission), before={}, after=describe(mission))
    return mission


@transaction.atomic
def update_mission(mission_id: int, changes: Mapping[str, Any], *, known: Known, actor: str, now: datetime) -> Mission:
    """Change the named fields; of a live mission what it asks stays. Who has won keeps what was won.

    Raises NotFound, ValidationFailed by field, Conflict for one that has ended.
    """
    mission = get_mission(mission_id, lock=True)
    if mission.status == Mission.Status.ENDED:
        raise Conflict(_("این مأموریت پایان یافته است؛ مأموریت تازه‌ای بسازید."))
    before = describe(mission)
    is_live = mission.status == Mission.Status.LIVE
    moved = [name for name in FROZEN if is_live and name in changes and changes[name] != getattr(mission, name)]
    if moved:
        text = _("مأموریت فعال است و این عوض نمی‌شود؛ آن را پایان دهید و مأموریت تازه‌ای بسازید.")
        raise ValidationFailed({name: [text] for name in moved})
    said = mission.benefit
    _take(mission, changes, known)
    if is_live:
        _refuse_past(mission, now)
        if mission.benefit != said or mission.name != before["name"]:
            _make_offer(mission, known=known, actor=actor, now=now)
    _save(mission)
    after = describe(mission)
    if after != before:
        audit.record("mission.update", actor=actor, target=_target(mission), before=before, after=after)
    return mission


@transaction.atomic
def publish_mission(mission_id: int, *, known: Known, actor: str, now: datetime) -> Mission:
    """Let purchases count from its start on, or from now. Raises NotFound, Conflict, ValidationFailed."""
    mission = get_mission(mission_id, lock=True)
    if mission.status != Mission.Status.DRAFT:
        raise Conflict(_("مأموریت در این وضعیت نیست؛ صفحه را تازه کنید."))
    _take(mission, {}, known)
    mission.starts_at = mission.starts_at or now
    _refuse_past(mission, now)
    mission.status = Mission.Status.LIVE
    _make_offer(mission, known=known, actor=actor, now=now)
    _save(mission)
    audit.record("mission.publish", actor=actor, target=_target(mission), before={}, after=describe(mission))
    return mission


@transaction.atomic
def end_mission(mission_id: int, *, actor: str, now: datetime) -> Mission:
    """Let no purchase count any more; what was won stays. Raises NotFound, Conflict."""
    mission = get_mission(mission_id, lock=True)
    if mission.status != Mission.Status.LIVE:
        raise Conflict(_("مأموریت در این وضعیت نیست؛ صفحه را تازه کنید."))
    before = describe(mission)
    mission.status = Mission.Status.ENDED
    mission.ends_at = min(mission.ends_at or now, now)
    _save(mission)
    audit.record("mission.end", actor=actor, target=_target(mission), before=before, after=describe(mission))
    return mission


@transaction.atomic
def delete_mission(mission_id: int, *, actor: str) -> None:
    """Remove a draft. Raises NotFound, Conflict."""
    mission = get_mission(mission_id, lock=True)
    if mission.status != Mission.Status.DRAFT:
        raise Conflict(_("مأموریتی که فعال شده پاک نمی‌شود؛ آن را پایان دهید."))
    audit.record("mission.delete", actor=actor, target=_target(mission), before=describe(mission), after={})
    mission.delete()


def describe(mission: Mission) -> dict[str, Any]:
    """All that is written of the mission, for the audit."""
    said = {name: getattr(mission, name) for name in ("status", *OPEN, *FROZEN)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


def note_win(rule: Rule, number: int, *, member_id: int, window: str, cause: str, at: datetime) -> MissionWin | None:
    """Note a filled round, in a transaction that holds the member's wallets; None where the limit leaves none."""
    room = Q(limit=None) | Q(won__lt=F("limit"))
    if not Mission.objects.filter(room, pk=rule.id).update(won=F("won") + 1):
        return None
    offer = Mission.objects.filter(pk=rule.id).values_list("offer", flat=True).get()
    win: MissionWin = MissionWin.objects.create(
        mission_id=rule.id,
        member_id=member_id,
        window=window,
        number=number,
        target=rule.target,
        cause=cause,
        offer_id=offer,
        occurred_at=at,
    )
    return win


def worth_known(win: MissionWin, worth: int) -> None:
    """What the win gave at once is worth so much Rial; of a code its use tells."""
    MissionWin.objects.filter(pk=win.pk).update(worth=worth)


def take_back_win(win_id: int) -> MissionWin:
    """The round is open again, and its place under the limit is free."""
    win: MissionWin = MissionWin.objects.get(pk=win_id)
    MissionWin.objects.filter(pk=win.pk).update(taken_back=True)
    Mission.objects.filter(pk=win.mission_id).update(won=F("won") - 1)
    return win


def hand_over_wins(source_id: int, into_id: int) -> None:
    """What one record has won is another's from now on: its rounds are numbered after those of the other."""
    mine = MissionWin.objects.filter(member=into_id, taken_back=False)
    for win in MissionWin.objects.filter(member=source_id).order_by("number", "pk"):
        last = mine.filter(mission=win.mission_id, window=win.window).aggregate(last=Max("number"))["last"] or 0
        number = win.number if win.taken_back else last + 1
        MissionWin.objects.filter(pk=win.pk).update(member=into_id, number=number)


def _take(mission: Mission, changes: Mapping[str, Any], known: Known) -> None:
    """Put the values in their places. Raises ValidationFailed by field."""
    for name, value in changes.items():
        setattr(mission, name, clean_name(value) if name in ("name", "about", "badge") else value)
    if mission.window == "whole" and mission.again == "window":
        mission.again = Mission.Again.ONCE
    if mission.window != "days":
        mission.days = None
    mission.of = sorted(set(mission.of))
    errors: dict[str, Any] = {**_out_of_bounds(mission), **_contradictions(mission, known)}
    if mission.benefit is not None and not errors.get("name"):
        try:
            check_made(mission.name, mission.benefit, made_for=Offer.MadeFor.MISSION, known=known)
        except ValidationFailed as refused:
            errors.update(refused.errors)
    if errors:
        raise ValidationFailed(errors)


def _out_of_bounds(mission: Mission) -> dict[str, list[Text]]:
    errors: dict[str, list[Text]] = {}
    for name, (least, most) in LIMITS.items():
        value = getattr(mission, name)
        if value is not None and not least <= value <= most:
            errors[name] = [_("عددی از %(least)s تا %(most)s بنویسید.") % {"least": least, "most": most}]
    for name, (shortest, longest) in LENGTHS.items():
        if not shortest <= len(getattr(mission, name)) <= longest:
            errors[name] = [_("از %(least)s تا %(most)s نویسه بنویسید.") % {"least": shortest, "most": longest}]
    for name, values in CHOICES.items():
        if getattr(mission, name) not in values:
            errors[name] = [_("یکی از گزینه‌ها را برگزینید.")]
    return errors


def _contradictions(mission: Mission, known: Known) -> dict[str, list[Text]]:
    errors: dict[str, list[Text]] = {}
    unknown = [code for code in mission.of if code not in known.products and code not in known.groups]
    if unknown:
        errors["of"] = [_("کالا یا گروهی با کد %(code)s نیست.") % {"code": unknown[0]}]
    elif mission.of and mission.counts == "points":
        errors["of"] = [_("امتیاز از همهٔ خرید شمرده می‌شود؛ کالا برنگزینید.")]
    if mission.window == "days" and not mission.days:
        errors["days"] = [_("بنویسید در چند روز.")]
    if mission.tier_code and mission.tier_code not in known.tiers:
        errors["tier_code"] = [_("چنین سطحی نیست.")]
    if mission.benefit is None and not mission.badge:
        errors["benefit"] = [_("هدیه‌ای برگزینید یا نام نشانی بنویسید.")]
    if mission.starts_at and mission.ends_at and mission.ends_at <= mission.starts_at:
        errors["ends_at"] = [_("پایان باید پس از آغاز باشد.")]
    if mission.limit is not None and mission.limit < mission.won:
        errors["limit"] = [_("تا کنون %(won)s بار داده شده است.") % {"won": mission.won}]
    return errors


def _refuse_past(mission: Mission, now: datetime) -> None:
    if mission.ends_at and mission.ends_at <= now:
        raise ValidationFailed({"ends_at": [_("پایان این مأموریت گذشته است؛ تاریخ تازه‌ای بنویسید.")]})


def _make_offer(mission: Mission, *, known: Known, actor: str, now: datetime) -> None:
    """The hidden offer that carries out the benefit; codes that were won by an older one stay with that."""
    mission.offer = (
        None
        if mission.benefit is None
        else make_offer(
            mission.name, mission.benefit, made_for=Offer.MadeFor.MISSION, known=known, actor=actor, now=now
        )
    )


def _save(mission: Mission) -> None:
    """All but `won`, which purchases move meanwhile."""
    mission.updated_at = Now()
    mission.save(update_fields=["status", "offer", "updated_at", *OPEN, *FROZEN])


def _target(mission: Mission) -> str:
    return f"mission:{mission.pk}"
