"""Form fields of the manager's records: percents, factors, whole numbers in any digits, lists of words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.language import in_language, in_language_lazy, listed
from core.text import MOST_TYPED, NUMBER_MARKS, latin_digits, words_of


def free_code(word: str, taken: Collection[str]) -> str:
    """A code that nobody has yet, to begin a new record with: the word and the first number that is free."""
    return next(code for number in range(1, len(taken) + 2) if (code := f"{word}-{number}") not in taken)


class HundredthsField(forms.CharField):
    """A number typed with up to two decimals, cleaned to a whole number of its hundredths times `per`.

    «۷٫۵» percent is 750 basis points (`per` 1); a factor of «۱٫۵» is 15,000 (`per` 100).
    """

    default_error_messages = {
        "required": _("این را هم بنویسید."),
        "wrong": _("عدد را مانند ۷٫۵ بنویسید."),
        "range": _("عددی از ۰ تا %(most)s بنویسید."),
    }

    def __init__(self, *, per: int = 1, most: int = 10_000, **options: Any) -> None:
        self.per, self.most = per, most
        super().__init__(empty_value=None, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard with a decimal mark."""
        return {"inputmode": "decimal", "dir": "ltr", "autocomplete": "off", "class": "vShort"}

    def to_python(self, value: Any) -> Any:
        """The whole number that was meant, or None."""
        typed = latin_digits(str(value or "")).translate(NUMBER_MARKS).strip()
        if not typed:
            return None
        try:
            exact = Decimal(typed) * 100 * self.per if len(typed) < MOST_TYPED else Decimal("NaN")
        except InvalidOperation:
            exact = Decimal("NaN")
        if not exact.is_finite() or exact != exact.to_integral_value():
            raise ValidationError(self.error_messages["wrong"], code="wrong")
        if not 0 <= exact <= self.most:
            most = self.prepare_value(self.most)
            raise ValidationError(self.error_messages["range"], code="range", params={"most": most})
        return int(exact)

    def prepare_value(self, value: Any) -> Any:
        """The number as it would be typed; what was typed wrongly stays as it was."""
        if not isinstance(value, int):
            return value
        text = f"{Decimal(value) / (100 * self.per):f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return in_language(text.replace(".", "٫"))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another number was typed, in whatever digits."""
        return _differs(self, initial, data)


class HourField(forms.TimeField):
    """A time of day typed in any digits, as «۰۹:۳۰» or «۹»; shown without seconds."""

    widget = forms.TextInput
    default_error_messages = {"required": _("این را هم بنویسید."), "invalid": _("ساعت را مانند ۰۹:۳۰ بنویسید.")}
    input_formats = ["%H:%M", "%H", "%H:%M:%S"]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard with a colon, left to right."""
        return {"dir": "ltr", "autocomplete": "off", "placeholder": in_language_lazy("09:30"), "class": "vShort"}

    def to_python(self, value: Any) -> Any:
        """The time that was typed, or None."""
        return super().to_python(latin_digits(value).strip() if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        """The time as it would be typed; what was typed wrongly stays as it was."""
        return in_language(f"{value:%H:%M}") if isinstance(value, time) else value


class LineField(forms.CharField):
    """A line of an SMS provider, typed in any digits with or without gaps; cleans to Latin digits."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits, left to right."""
        return {**super().widget_attrs(widget), "inputmode": "tel", "dir": "ltr", "autocomplete": "off"}

    def to_python(self, value: Any) -> str:
        """The digits."""
        typed = latin_digits(str(super().to_python(value) or ""))
        return "".join(char for char in typed if not char.isspace() and char not in "-\u200c\u200e\u200f")

    def prepare_value(self, value: Any) -> Any:
        """The line in Persian digits."""
        return in_language(value) if isinstance(value, str) else value


class WordsField(forms.CharField):
    """Words with commas or line ends between them; cleans to a list, each once, in the order typed."""

    def to_python(self, value: Any) -> Any:
        """The list of words."""
        return words_of(str(value or ""))

    def prepare_value(self, value: Any) -> Any:
        """The words on one line."""
        return listed(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other words were typed."""
        return _differs(self, initial or [], data)


def _differs(field: forms.Field, initial: Any, data: Any) -> bool:
    try:
        return bool(field.to_python(data) != initial)
    except ValidationError:
        return True
