"""What the forms of the settings have in common: our clothes, units beside numbers, refusals beside their field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise

from core.errors import AppError, Text, ValidationFailed
from core.forms import MoneyField, PersianForm
from core.language import in_language
from core.money import unit_name
from core.text import persian_letters
from desk.manager.fields import HundredthsField


class SettingsForm(PersianForm):
    """A form in our clothes that takes the letters of any keyboard."""

    units: dict[str, Text] = {}
    """What the number of a field counts; money and percents say it themselves."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.dress()

    def dress(self) -> None:
        """Give each field its class and the unit beside it; to be called anew after fields were added."""
        for name, field in self.fields.items():
            widget = field.widget
            if isinstance(widget, forms.Select):
                widget.attrs["class"] = "select"
            elif not isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
                widget.attrs["class"] = "input"
            field.suffix = self._suffix(name, field)  # type: ignore[attr-defined]

    def _suffix(self, name: str, field: forms.Field) -> Text:
        if isinstance(field, MoneyField):
            return unit_name(field.unit_in_use())
        if name in self.units:
            return self.units[name]
        return in_language("٪") if isinstance(field, HundredthsField) and field.per == 1 else ""

    def clean(self) -> dict[str, Any]:
        """The Arabic ي and ك are kept as ی and ک."""
        cleaned = super().clean() or {}
        for name, value in cleaned.items():
            if type(value) is str:
                cleaned[name] = persian_letters(value)
        return cleaned

    def refuse(self, refused: AppError) -> None:
        """Say beside its field what a service refused; what names no field of ours, above the form."""
        texts = refused.errors if isinstance(refused, ValidationFailed) else {}
        if not texts:
            field = str(refused.data.get("field") or "")
            texts = {field: [refused.detail]}
        for name, said in texts.items():
            for text in said:
                self.add_error(name if name in self.fields else None, _shown(text))


def _shown(text: str | Promise) -> str:
    return str(text)
