"""Segments made, changed, put away and brought back; who is on a list. Each act stands in the audit."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from club.awards.naming import known_codes
from club.members.models import Member, Segment
from club.members.segments import Moved, add_members, lock_segment, put_members, remove_members
from core import audit
from core.errors import Conflict, NotFound, ValidationFailed
from core.reading import Code, Fault
from core.tenancy.scope import current_club_id
from core.text import clean_name
from crm.segments.recounting import AT_ONCE, recount
from crm.segments.rules import parse_rules

log = logging.getLogger(__name__)
LONGEST_NAME, LONGEST_DESCRIPTION = 60, 200
MOST_SEGMENTS = 200
FIELDS = ("name", "description", "badge", "rules")
Said = Mapping[str, Any]


def create_segment(said: Said, *, actor: str, now: datetime) -> Segment:
    """A segment of `name`, `kind`, and for a live one `rules`; `code`, `description` and `badge` may be left out.

    Raises ValidationFailed by field, Conflict where the club has too many.
    """
    with transaction.atomic():
        if Segment.objects.filter(archived_at=None).count() >= MOST_SEGMENTS:
            raise Conflict(_("باشگاه بیش از ۲۰۰ گروه نمی‌گیرد؛ یکی را بایگانی کنید."))
        kind = str(said.get("kind", ""))
        if kind not in Segment.Kind.values:
            raise ValidationFailed({"kind": [_("زنده یا ثابت؟")]})
        checked = _checked(said, kind)
        code = _code(str(said.get("code") or ""))
        counted_at = None if kind == Segment.Kind.LIVE else now
        try:
            with transaction.atomic():
                segment = Segment.objects.create(code=code, kind=kind, counted_at=counted_at, **checked)
        except IntegrityError:
            raise ValidationFailed({"code": [_("گروه دیگری همین کد را دارد.")]}) from None
        _audit(segment, "create", actor, before={}, after={"kind": kind, **checked})
        _count_later(segment)
    return segment


def update_segment(segment_id: int, said: Said, *, actor: str) -> Segment:
    """Give it another name, description, badge or rules. Raises NotFound, ValidationFailed by field."""
    with transaction.atomic():
        segment = _open(segment_id)
        before = {name: getattr(segment, name) for name in FIELDS}
        after = _checked({**before, **said}, segment.kind)
        changed = {name: value for name, value in after.items() if value != before[name]}
        if not changed:
            return segment
        for name, value in changed.items():
            setattr(segment, name, value)
        if "rules" in changed:
            segment.counted_at = None
        segment.save(update_fields=[*changed, "counted_at"])
        _audit(segment, "update", actor, before={name: before[name] for name in changed}, after=changed)
        _count_later(segment)
    return segment


@transaction.atomic
def archive_segment(segment_id: int, *, actor: str, now: datetime) -> Segment:
    """Put it away: it holds for nobody until it is brought back. Raises NotFound."""
    segment = _open(segment_id)
    segment.archived_at = now
    segment.save(update_fields=["archived_at"])
    _audit(segment, "archive", actor, before={}, after={"name": segment.name})
    return segment


def restore_segment(segment_id: int, *, actor: str) -> Segment:
    """Bring it back; a live one is counted anew, and nobody is told to have come. Raises NotFound."""
    with transaction.atomic():
        segment = lock_segment(segment_id)
        if segment.archived_at is None:
            return segment
        segment.archived_at = None
        if segment.is_live:
            segment.counted_at = None
        segment.save(update_fields=["archived_at", "counted_at"])
        _audit(segment, "restore", actor, before={}, after={"name": segment.name})
        _count_later(segment)
    return segment


@transaction.atomic
def put_list(segment_id: int, member_ids: Collection[int], *, whole: bool, actor: str, now: datetime) -> Moved:
    """Let these be on the list, too, or with `whole` nobody else. Raises NotFound, Conflict for a live segment."""
    segment = _list(segment_id)
    moved = (put_members if whole else add_members)(segment.pk, member_ids, at=now)
    if moved != Moved():
        _audit(segment, "list", actor, before={}, after={"added": moved.entered, "taken_off": moved.left})
    return moved


@transaction.atomic
def move_member(segment_id: int, member_id: int, *, inside: bool, actor: str, now: datetime) -> Moved:
    """Put one member on the list or take them off it. Raises NotFound, Conflict for a live segment."""
    segment = _list(segment_id)
    if not Member.objects.exclude(status=Member.Status.ERASED).filter(pk=member_id).exists():
        raise NotFound
    moved = (add_members if inside else remove_members)(segment.pk, [member_id], at=now)
    if moved != Moved():
        names = ("after", "before") if inside else ("before", "after")
        said = dict(zip(names, ({"segment": segment.name}, {}), strict=True))
        action = "member.segment_entered" if inside else "member.segment_left"
        audit.record(action, actor=actor, target=f"member:{member_id}", **said)
    return moved


def _open(segment_id: int) -> Segment:
    segment = lock_segment(segment_id)
    if segment.archived_at:
        raise NotFound
    return segment


def _list(segment_id: int) -> Segment:
    segment = _open(segment_id)
    if segment.is_live:
        raise Conflict(_("اعضای گروه زنده را قاعده‌اش تعیین می‌کند؛ قاعده را عوض کنید."))
    return segment


def _checked(said: Said, kind: str) -> dict[str, Any]:
    name, about = clean_name(str(said.get("name") or "")), clean_name(str(said.get("description") or ""))
    faults: dict[str, list[Any]] = {}
    if not name:
        faults["name"] = [_("نام گروه را بنویسید.")]
    elif len(name) > LONGEST_NAME:
        faults["name"] = [_("نام بلندتر از ۶۰ نویسه است.")]
    if len(about) > LONGEST_DESCRIPTION:
        faults["description"] = [_("توضیح بلندتر از ۲۰۰ نویسه است.")]
    badge = str(said.get("badge") or "")
    if badge not in Segment.Badge.values:
        faults["badge"] = [_("چنین نشانی نیست.")]
    rules = said.get("rules") or {}
    if kind == Segment.Kind.LIVE:
        if not rules:
            faults["rules"] = [_("دست‌کم یک شرط بگذارید؛ بی شرط همهٔ اعضا در گروه‌اند.")]
        else:
            try:
                parse_rules(rules, known_codes())
            except ValidationFailed as refused:
                faults |= {path: list(texts) for path, texts in refused.errors.items()}
    if faults:
        raise ValidationFailed(faults)
    return {"name": name, "description": about, "badge": badge, "rules": rules if kind == Segment.Kind.LIVE else {}}


def _code(typed: str) -> str:
    """The code as it was typed; where none was, the next that is free."""
    if not typed.strip():
        used = set(Segment.objects.values_list("code", flat=True))
        return next(code for number in range(1, len(used) + 2) if (code := f"segment-{number}") not in used)
    try:
        return str(Code().take(typed))
    except Fault as fault:
        raise ValidationFailed({"code": [fault.text]}) from None


def _audit(segment: Segment, act: str, actor: str, *, before: dict[str, Any], after: dict[str, Any]) -> None:
    audit.record(f"segment.{act}", actor=actor, target=segment.document, before=before, after=after)


def _count_later(segment: Segment) -> None:
    if segment.is_live and segment.counted_at is None:
        transaction.on_commit(partial(_wake, current_club_id()), robust=True)


def count_now(segment: Segment, *, now: datetime) -> bool:
    """Count a new or changed segment at once where the club is small; whether it was. A worker does the others."""
    if segment.counted_at is not None or Member.objects.count() > AT_ONCE:
        return False
    recount(segment, now=now)
    return True


def _wake(club_id: int) -> None:
    """Where the broker is lost, the sweep of the scheduler does it."""
    from crm.segments.tasks import count_up

    try:
        count_up.apply_async(kwargs={"club_id": club_id}, countdown=1, retry=False)
    except Exception as error:  # whatever the broker does, the segment waits in the database
        log.warning("the broker does not take the segments of club %s: %s", club_id, type(error))
