"""What each field of a member may hold, and how it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
MOST_NUMBER = 2**63 - 1


def own_fields() -> dict[str, CustomField]:
    """The fields that the club added and has in use, by code."""
    return {one.code: one for one in CustomField.objects.filter(is_active=True)}


def checked(
    values: dict[str, Any], own: Mapping[str, CustomField] | None = None, *, kept: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The values as they are kept. Raises ValidationFailed by field, all faults at once.

    `own`, for many members, is what `own_fields` says. What the member has `kept` of the club's own fields may stay,
    though the field is no longer in use or its choices are others now.
    """
    errors: dict[str, list[Any]] = {}
    clean: dict[str, Any] = dict(values)
    for name, check in CHECKS.items():
        if name in values:
            try:
                clean[name] = check(values[name])
                if name == "custom":
                    errors |= _faults_of_own(clean[name], kept or {}, own)
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


def _faults_of_own(
    values: Mapping[str, Any], kept: Mapping[str, Any], own: Mapping[str, CustomField] | None
) -> dict[str, list[Any]]:
    """What is wrong with what is said anew of the club's own fields, by path."""
    told = {code: value for code, value in values.items() if code not in kept or kept[code] != value}
    known = own_fields() if told and own is None else own or {}
    faults: dict[str, list[Any]] = {}
    for code, value in sorted(told.items()):
        if code not in known:
            faults[f"custom.{code}"] = [_("چنین فیلدی نیست.")]
        elif value not in (None, "") and not _fits(value, known[code]):
            faults[f"custom.{code}"] = [KIND_TEXTS[known[code].kind]]
    return faults


def _fits(value: object, own: CustomField) -> bool:
    match own.kind:
        case CustomField.Kind.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST_NUMBER
        case CustomField.Kind.DATE:
            return isinstance(value, str) and _is_iso_day(value)
        case CustomField.Kind.CHOICE:
            return value in own.choices
    return isinstance(value, str)


def _is_iso_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


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
KIND_TEXTS: dict[str, Any] = {
    CustomField.Kind.TEXT: _("متن بنویسید."),
    CustomField.Kind.NUMBER: _("عدد درست بنویسید، بی اعشار و بی گیومه."),
    CustomField.Kind.DATE: _("تاریخ را مانند 2026-11-22 بنویسید."),
    CustomField.Kind.CHOICE: _("یکی از گزینه‌ها را برگزینید."),
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
