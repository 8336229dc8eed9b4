"""What each field of a lead may hold, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from core.errors import AppError, Text, ValidationFailed
from core.money import Rial, format_money, unit_name
from core.phones import normalise_phone
from core.tenancy.scope import current_club
from core.text import clean_name
from crm.leads.models import Lead, LeadKind

LENGTHS = {"name": 120, "source": 40, "next_activity": 200, "lost_reason": 200, "rival": 80}
LONGEST_NOTE = 1_000
MOST_EXPECTED: Rial = 10**14
"""More than any customer of a club brings: a slip of the keyboard would drown the sums of the board."""
REQUIRED: dict[str, Text] = {
    "name": _("نام را بنویسید."),
    "lost_reason": _("بنویسید چرا از دست رفت."),
}


def checked(values: dict[str, Any], *, kept: Lead | None = None) -> dict[str, Any]:
    """The values as they are kept. `kept` is the lead that they change. Raises ValidationFailed, all faults at once."""
    errors: dict[str, list[Text]] = {}
    clean: dict[str, Any] = {}
    for name, value in values.items():
        try:
            clean[name] = CHECKS[name](value) if name in CHECKS else value
        except AppError as refused:
            errors[name] = [refused.detail]
        except (ValidationError, ValueError):
            errors[name] = [FAULTS.get(name, _("درست نیست."))]
        else:
            errors |= _of_text(name, clean[name])
    if "next_activity" in clean or "next_activity_on" in clean:
        errors |= _of_activity(clean, kept)
    if errors:
        raise ValidationFailed(errors)
    return clean


def _of_text(name: str, value: Any) -> dict[str, list[Text]]:
    if name in REQUIRED and not value:
        return {name: [REQUIRED[name]]}
    if name in LENGTHS and len(value) > LENGTHS[name]:
        return {name: [_("این نوشته بلند است؛ کوتاهش کنید.")]}
    return {}


def _of_activity(clean: dict[str, Any], kept: Lead | None) -> dict[str, list[Text]]:
    """A thing to do has its day; with the words of what was to do its day goes."""
    said = clean.get("next_activity", kept.next_activity if kept else "")
    on = clean.get("next_activity_on", kept.next_activity_on if kept else None)
    if said and on is None:
        return {"next_activity_on": [_("روز کار بعدی را هم بنویسید.")]}
    if said or on is None:
        return {}
    if kept is None or not kept.next_activity:
        return {"next_activity": [_("بنویسید آن روز چه باید کرد.")]}
    clean["next_activity_on"] = None
    return {}


def _email(value: str) -> str:
    if value := value.strip():
        validate_email(value)
        if len(value) > 254:
            raise ValueError(value)
    return value


def _kind(value: str) -> str:
    if value not in LeadKind.values:
        raise ValueError(value)
    return value


def _amount(value: int | None) -> int | None:
    if value is not None and value < 0:
        raise ValueError(value)
    if value is not None and value > MOST_EXPECTED:
        unit = current_club().currency_unit
        limit = f"{format_money(MOST_EXPECTED, unit)} {unit_name(unit)}"
        raise AppError(_("مبلغ نباید بیشتر از %(limit)s باشد."), limit=limit)
    return value


def _note(value: str) -> str:
    lines = [clean_name(line) for line in value.strip().splitlines()]
    text = "\n".join(lines)
    if len(text) > LONGEST_NOTE:
        raise ValueError
    return text


CHECKS: dict[str, Callable[[Any], Any]] = {
    "name": clean_name,
    "phone": normalise_phone,
    "email": _email,
    "kind": _kind,
    "source": clean_name,
    "expected_rial": _amount,
    "note": _note,
    "next_activity": clean_name,
    "lost_reason": clean_name,
    "rival": clean_name,
}
FAULTS: dict[str, Text] = {
    "email": _("این ایمیل درست نیست."),
    "kind": _("یکی از گزینه‌ها را برگزینید."),
    "expected_rial": _("مبلغ درست نیست."),
    "note": _("یادداشت تا ۱٬۰۰۰ نویسه جا دارد."),
}
