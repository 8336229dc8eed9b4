"""The fields that a club added to its members, as fields of a form, and what was typed into them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from club.members.models import CustomField
from core.forms import JalaliDateField, WholeField

PREFIX = "custom_"


class IsoDateField(JalaliDateField):
    """A day kept as text in JSON."""

    def clean(self, value: Any) -> str | None:
        """The day as ISO text."""
        found = super().clean(value)
        return found.isoformat() if found else None

    def prepare_value(self, value: Any) -> Any:
        """The Jalali day."""
        try:
            return super().prepare_value(self.to_python(value))
        except forms.ValidationError:
            return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another day was typed."""
        return super().has_changed(self.to_python(initial), data)


def fields_in_use(**where: bool) -> list[CustomField]:
    """The fields that the club has in use, in their order; `where` names where they are asked or shown."""
    return list(CustomField.objects.filter(is_active=True, **where).order_by("position", "id"))


def form_fields(own: list[CustomField]) -> dict[str, forms.Field]:
    """A form field for each, under a name of its own."""
    return {PREFIX + one.code: _field_of(one) for one in own}


def typed_values(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What a valid form says of the club's own fields, by code; blanks as well."""
    return {name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX)}


def without_blanks(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of them: a field left empty is not there."""
    return {code: value for code, value in values.items() if value not in (None, "")}


def said_values(own: list[CustomField], values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Label and value of each field that has one; a day as a `date`."""
    said = [(one.label, value_of(one, values.get(one.code))) for one in own]
    return [(label, value) for label, value in said if value not in (None, "")]


def value_of(own: CustomField, value: Any) -> Any:
    """What is kept of a field as it is shown: a day as a `date`, None where it is none."""
    if own.kind == CustomField.Kind.DATE and value:
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            return None
    return value


def _field_of(custom: CustomField) -> forms.Field:
    options: dict[str, Any] = {"label": custom.label, "required": False}
    match custom.kind:
        case CustomField.Kind.NUMBER:
            return WholeField(**options)
        case CustomField.Kind.DATE:
            return IsoDateField(**options)
        case CustomField.Kind.CHOICE:
            return forms.ChoiceField(choices=[("", "—"), *((text, text) for text in custom.choices)], **options)
    return forms.CharField(max_length=500, **options)
