"""Changes of the programme: a change holds from a moment on, what is recorded is never recomputed."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme, faults
from club.programme.selectors import programme_at, settings_by_moment
from core import audit
from core.errors import Conflict, NotFound, ValidationFailed
from core.tenancy.scope import current_club_id

# The first number of the advisory lock under which a club's programme is changed.
PROGRAMME_LOCK = 7_003

FAULT_TEXTS = {
    "not_a_number": _("عدد درست بنویسید."),
    "out_of_range": _("این عدد از اندازهٔ پذیرفتنی بیرون است."),
    "not_a_choice": _("یکی از گزینه‌ها را برگزینید."),
    "unknown": _("چنین تنظیمی نیست."),
}


@transaction.atomic
def change_programme(changes: dict[str, Any], *, effective_from: datetime, actor: str) -> Programme:
    """Put the changes in force from the moment on, over what held then. Raises ValidationFailed by setting.

    A change dated before later versions goes on through them, each setting until it was set there.
    """
    wrong = faults(changes)
    if wrong:
        raise ValidationFailed({name: [FAULT_TEXTS[fault]] for name, fault in wrong.items()})
    _one_at_a_time()
    before = programme_at(effective_from)
    after = before.changed(changes)
    first = not ProgrammeVersion.objects.exists()
    ProgrammeVersion.objects.create(
        effective_from=effective_from, settings=after.as_json(), changes={} if first else changes, actor=actor
    )
    _carry_on(effective_from, actor=actor)
    audit.record("programme.change", actor=actor, target="programme", before=before.as_json(), after=after.as_json())
    return after


@transaction.atomic
def withdraw_change(version_id: int, *, actor: str, now: datetime) -> None:
    """Take back a change that is not in force yet. Raises NotFound, Conflict when it is, or was taken back already."""
    _one_at_a_time()
    version = ProgrammeVersion.objects.filter(pk=version_id, withdraws=None).exclude(changes={}).first()
    if version is None:
        raise NotFound
    if version.effective_from <= now:
        raise Conflict(_("این تغییر در حال اجراست؛ به جای آن تغییر تازه‌ای بنویسید."))
    if ProgrammeVersion.objects.filter(withdraws=version).exists():
        raise Conflict(_("این تغییر پیش‌تر پس گرفته شده است."))
    moment = version.effective_from
    before = programme_at(moment)
    versions = list(ProgrammeVersion.objects.order_by("id"))
    after = settings_by_moment(versions, without=version.pk)[moment]
    ProgrammeVersion.objects.create(effective_from=moment, settings=after.as_json(), withdraws=version, actor=actor)
    _carry_on(moment, actor=actor)
    audit.record("programme.withdraw", actor=actor, target="programme", before=before.as_json(), after=after.as_json())


def _one_at_a_time() -> None:
    """Two who change the programme at once would each carry on without the other's change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PROGRAMME_LOCK, current_club_id()])


def _carry_on(since: datetime, *, actor: str) -> None:
    """Write anew the settings of each later moment that are no longer what the changes up to then amount to."""
    versions = list(ProgrammeVersion.objects.order_by("id"))
    holding = {version.effective_from: version.settings for version in versions}
    for moment, settings in settings_by_moment(versions).items():
        if moment > since and Programme.from_json(holding[moment]) != settings:
            ProgrammeVersion.objects.create(effective_from=moment, settings=settings.as_json(), actor=actor)
