"""Changes of the programme: a change holds from a moment on, what is recorded is never recomputed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme, faults
from club.programme.selectors import programme_at, settings_after
from core import audit
from core.errors import ValidationFailed

FAULT_TEXTS = {
    "not_a_number": _("عدد درست بنویسید."),
    "out_of_range": _("این عدد از اندازهٔ پذیرفتنی بیرون است."),
    "not_a_choice": _("یکی از گزینه‌ها را برگزینید."),
    "unknown": _("چنین تنظیمی نیست."),
}


@transaction.atomic
def change_programme(changes: dict[str, Any], *, effective_from: datetime, actor: str) -> Programme:
    """Put the changes in force from the moment on, over what held then. Raises ValidationFailed by setting.

    A change dated before later versions goes on through them, each setting until it was changed there.
    """
    wrong = faults(changes)
    if wrong:
        raise ValidationFailed({name: [FAULT_TEXTS[fault]] for name, fault in wrong.items()})
    before = programme_at(effective_from)
    after = before.changed(changes)
    later = settings_after(effective_from)
    ProgrammeVersion.objects.create(effective_from=effective_from, settings=after.as_json(), actor=actor)
    previous = before
    for moment, settings in later:
        changes = {name: value for name, value in changes.items() if getattr(settings, name) == getattr(previous, name)}
        if not changes:
            break
        carried = settings.changed(changes)
        ProgrammeVersion.objects.create(effective_from=moment, settings=carried.as_json(), actor=actor)
        previous = settings
    audit.record("programme.change", actor=actor, target="programme", before=before.as_json(), after=after.as_json())
    return after
