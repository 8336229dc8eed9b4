"""The stages of a club's pipeline: a ladder to begin with, and how it is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.text import clean_name
from crm.leads.models import Lead, LeadStage

LONGEST = 60
MOST = 12
QUALIFIED = "qualified"


@dataclass(frozen=True)
class StageWords:
    """A stage as a manager writes it; `stage_id` None is a new one, at the end."""

    name: str
    stage_id: int | None = None
    is_qualifying: bool = False


def first_stages() -> list[LeadStage]:
    """The ladder that a club begins with, in its own language, unsaved."""
    names = (
        ("new", _("تازه")),
        ("contacted", _("تماس گرفته شد")),
        (QUALIFIED, _("واجد شرایط")),
        ("proposal", _("پیشنهاد داده شد")),
        ("negotiation", _("در مذاکره")),
    )
    return [
        LeadStage(code=code, name=name, position=place, is_qualifying=code == QUALIFIED)
        for place, (code, name) in enumerate(names)
    ]


def open_stages() -> list[LeadStage]:
    """The columns of the board in their order; a club that has none yet gets the ladder to begin with."""
    rows = LeadStage.objects.filter(archived_at=None).order_by("position", "pk")
    found = list(rows)
    if not found:
        LeadStage.objects.bulk_create(first_stages(), ignore_conflicts=True)
        found = list(rows.all())
    return found


def stage_coded(code: str) -> LeadStage:
    """The open stage of this code. Raises ValidationFailed (stage)."""
    found = next((stage for stage in open_stages() if stage.code == code), None)
    if found is None:
        raise ValidationFailed({"stage": [_("چنین مرحله‌ای در باشگاه نیست.")]})
    return found


def qualifies(stage: LeadStage, stages: Sequence[LeadStage]) -> bool:
    """Whether a lead in this stage is qualified: it is the qualifying one, or comes after it."""
    qualifying = next((one for one in stages if one.is_qualifying), None)
    return qualifying is not None and stage.position >= qualifying.position


@transaction.atomic
def save_stage(words: StageWords, *, actor: str) -> LeadStage:
    """Add a stage at the end, or rename one. Raises ValidationFailed (name), NotFound."""
    name = clean_name(words.name)
    errors: dict[str, list[Text]] = {}
    stages = _locked()
    if not name or len(name) > LONGEST:
        errors["name"] = [_("نام مرحله را بنویسید؛ تا ۶۰ نویسه.")]
    elif any(one.name == name and one.pk != words.stage_id for one in stages):
        errors["name"] = [_("مرحلهٔ دیگری همین نام را دارد.")]
    elif words.stage_id is None and len(stages) >= MOST:
        errors["name"] = [_("بیش از ۱۲ مرحله جا نمی‌شود؛ یکی را بایگانی کنید.")]
    if errors:
        raise ValidationFailed(errors)
    stage = _one(stages, words.stage_id) if words.stage_id is not None else _new(stages)
    before = {"name": stage.name, "is_qualifying": stage.is_qualifying} if stage.pk else {}
    stage.name = name
    if words.is_qualifying and not stage.is_qualifying:
        LeadStage.objects.filter(is_qualifying=True).update(is_qualifying=False)
    stage.is_qualifying = words.is_qualifying
    stage.save()
    after = {"name": stage.name, "is_qualifying": stage.is_qualifying}
    audit.record("lead.stage", actor=actor, target=f"leadstage:{stage.pk}", before=before, after=after)
    return stage


@transaction.atomic
def shift_stage(stage_id: int, *, by: int, actor: str) -> None:
    """Move a stage one place towards the beginning (-1) or the end (1); at its end it stays. Raises NotFound."""
    stages = _locked()
    place = stages.index(_one(stages, stage_id))
    other = place + (1 if by > 0 else -1)
    if not 0 <= other < len(stages):
        return
    stages[place], stages[other] = stages[other], stages[place]
    for position, stage in enumerate(stages):
        if stage.position != position:
            LeadStage.objects.filter(pk=stage.pk).update(position=position)
    moved = {"position": place + 1}, {"position": other + 1}
    audit.record("lead.stage", actor=actor, target=f"leadstage:{stage_id}", before=moved[0], after=moved[1])


@transaction.atomic
def archive_stage(stage_id: int, *, actor: str, now: datetime) -> None:
    """Take an empty stage off the board; the history keeps it. Raises NotFound, Conflict where it cannot go."""
    stages = _locked()
    stage = _one(stages, stage_id)
    if len(stages) == 1:
        raise Conflict(_("تخته دست‌کم یک مرحله می‌خواهد."))
    if Lead.objects.filter(stage=stage, status=Lead.Status.OPEN).exists():
        raise Conflict(_("در این مرحله سرنخ باز هست؛ نخست آن‌ها را به مرحلهٔ دیگری ببرید."))
    LeadStage.objects.filter(pk=stage.pk).update(archived_at=now, is_qualifying=False)
    audit.record("lead.stage_archive", actor=actor, target=f"leadstage:{stage.pk}", before={}, after={})


def lock_stage(stage_id: int) -> None:
    """Keep a stage from being archived until the end of the transaction. Raises Conflict where it just was."""
    if not LeadStage.objects.select_for_update(no_key=True).filter(pk=stage_id, archived_at=None).exists():
        raise Conflict(_("این مرحله همین حالا بایگانی شد؛ مرحلهٔ دیگری برگزینید."))


def _locked() -> list[LeadStage]:
    open_stages()
    rows = LeadStage.objects.select_for_update().filter(archived_at=None)
    return sorted(rows.order_by("pk"), key=lambda stage: (stage.position, stage.pk))


def _one(stages: Sequence[LeadStage], stage_id: int) -> LeadStage:
    found = next((stage for stage in stages if stage.pk == stage_id), None)
    if found is None:
        raise NotFound
    return found


def _new(stages: Sequence[LeadStage]) -> LeadStage:
    number = (LeadStage.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    return LeadStage(code=f"s{number}", position=len(stages))
