"""What each field of a member may hold, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.members.models import CustomField, Member
from core.errors import AppError, ValidationFailed
from core.jalali import local_date
from core.language import NAMES
from core.phones import normalise_phone
from core.tenancy.scope import current_club
from core.text import clean_name, latin_digits

GENDERS = frozenset(Member.Gender.values)


def custom_codes() -> frozenset[str]:
    """The codes of the fields that the club added and has in use."""
    return frozenset(CustomField.objects.filter(is_active=True).values_list("code", flat=True))


def checked(values: dict[str, Any], known_codes: frozenset[str] | None = None) -> dict[str, Any]:
    """The values as they are kept. Raises ValidationFailed by field, all faults at once.

    `known_codes`, for many members, are what `custom_codes` says.
    """
    errors: dict[str, list[Any]] = {}
    clean: dict[str, Any] = dict(values)
    for name, check in CHECKS.items():
        if name in values:
            try:
                clean[name] = check(values[name])
                if name == "custom" and values[name]:
                    _refuse_unknown(values[name], custom_codes() if known_codes is None else known_codes)
            except (ValueError, TypeError, ValidationError, AppError) as error:
                errors[name] = [getattr(error, "detail", None) or FIELD_TEXTS.get(name, _("درست نیست."))]
    if errors:
        raise ValidationFailed(errors)
    return clean


def _phone(value: str | None) -> str | None:
    return normalise_phone(value) if value else None


def _identifier(value: str | None) -> str | None:
    value = latin_digits(str(value)).strip() if value else None
    if value and (len(value) > 64 or not value.isprintable()):
        raise ValueError(value)
    return value or None


def _card(value: str | None) -> str | None:
    value = _identifier(value)
    if value and len(value) > 32:
        raise ValueError(value)
    return value


def _email(value: str | None) -> str:
    if value:
        validate_email(value)
    return value or ""


def _name(value: str | None) -> str:
    name = clean_name(value or "")
    if len(name) > 60:
        raise ValueError(name)
    return name


def _language(value: str | None) -> str:
    if value and value not in NAMES:
        raise ValueError(value)
    return value or ""


def _gender(value: str | None) -> str:
    if (value or "") not in GENDERS:
        raise ValueError(value)
    return value or ""


def _source(value: str | None) -> str:
    source = clean_name(value or "")
    if len(source) > 40:
        raise ValueError(source)
    return source


def _birth_date(value: date | None) -> date | None:
    if value is not None and not date(1880, 1, 1) <= value <= local_date(timezone.now(), current_club().time_zone):
        raise ValueError(value)
    return value


def _tags(value: Iterable[object]) -> list[str]:
    tags = sorted({clean_name(tag) for tag in value if isinstance(tag, str) and tag.strip()})
    if len(tags) > 50 or any(len(tag) > 40 for tag in tags):
        raise ValueError(tags)
    return tags


def _custom(value: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(value)
    if any(not isinstance(item, str | int | bool | None) or len(str(item)) > 500 for item in value.values()):
        raise ValueError(value)
    return value


def _refuse_unknown(value: dict[str, Any], known: frozenset[str]) -> None:
    unknown = value.keys() - known
    if unknown:
        raise ValidationFailed(
            {"custom": [f"{name}" for name in sorted(unknown)]}, _("این فیلدها در باشگاه تعریف نشده‌اند.")
        )


CHECKS: dict[str, Any] = {
    "phone": _phone,
    "external_id": _identifier,
    "card": _card,
    "first_name": _name,
    "last_name": _name,
    "email": _email,
    "city": _name,
    "gender": _gender,
    "language": _language,
    "birth_date": _birth_date,
    "source": _source,
    "tags": _tags,
    "custom": _custom,
}
FIELD_TEXTS = {
    "email": _("ایمیل درست نیست."),
    "city": _("نام شهر بلندتر از ۶۰ نویسه است."),
    "birth_date": _("تاریخ تولد درست نیست."),
    "first_name": _("نام بلندتر از ۶۰ نویسه است."),
    "last_name": _("نام خانوادگی بلندتر از ۶۰ نویسه است."),
    "gender": _("یکی از گزینه‌ها را برگزینید."),
    "language": _("یکی از گزینه‌ها را برگزینید."),
}
