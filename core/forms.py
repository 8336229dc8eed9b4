"""Form fields for what people type in Persian: money in the club's unit, mobile numbers, Jalali dates, digits.

Each posts as plain text, is read by the server in any digits, and says in Persian what is wrong, beside the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorList
from django.utils.translation import gettext_lazy as _

from core.errors import AppError
from core.jalali import format_date, parse_jalali
from core.language import grouped, in_language, in_language_lazy
from core.money import MAX_BIGINT, Rial, format_money, parse_money, unit_name
from core.phones import InvalidPhone, is_stored_phone, normalise_phone
from core.tenancy.scope import current_club
from core.text import MOST_TYPED, NUMBER_MARKS, latin_digits

_REQUIRED = {"required": _("این را هم بنویسید.")}


def _as_form_error(refused: AppError) -> ValidationError:
    return ValidationError(refused.detail, code=str(refused.data.get("reason", refused.code)))


class PersianErrors(ErrorList):
    """Errors of a field whose numbers are in Persian digits, those of Django's own checks as well."""

    def __getitem__(self, i: Any) -> Any:
        """The text of an error; what it says without a value of its own stays as it is written."""
        said = super().__getitem__(i)
        return in_language(said) if getattr(self.data[i], "params", None) else said


class PersianForm(forms.Form):
    """A form whose errors say their numbers in Persian digits."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"error_class": PersianErrors, **options})

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Every error with the id of its field, for the list above the form."""
        return [
            (self[name].auto_id if name in self.fields else "main", str(text))
            for name, texts in self.errors.items()
            for text in texts
        ]


class AsShown(forms.BaseForm):
    """A form that knows what its page showed: changed is what was typed otherwise than that, not than it is by now.

    So nobody puts back what another has changed since the page was opened.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.keep_shown()

    def keep_shown(self) -> None:
        """Let the page bring back what it showed; to be called anew after fields were added."""
        for name, field in self.fields.items():
            field.show_hidden_initial = not self.is_bound or self.add_initial_prefix(name) in self.data


def set_choices(form: forms.BaseForm, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Let a field of the form be filled in from what is known only as the form is made."""
    cast("forms.ChoiceField", form.fields[name]).choices = list(choices)


def show_only_for(form: forms.BaseForm, name: str, choice: str, values: Iterable[str]) -> None:
    """Let the page show a field only while `choice`, another field, has one of these values (`core.js`)."""
    cast("Any", form.fields[name]).only = f"{choice}={' '.join(values)}"


class MoneyField(forms.Field):
    """An amount typed in the club's unit; cleans to whole Rial, or to None when left empty and not required.

    `unit` is the club's in scope unless given. `min_rial` 1 refuses zero.
    """

    default_error_messages = {
        "required": _("مبلغ را بنویسید."),
        "too_small": _("مبلغ باید دست‌کم %(limit)s باشد."),
        "zero": _("مبلغ باید بیشتر از صفر باشد."),
        "too_large": _("مبلغ نباید بیشتر از %(limit)s باشد."),
    }

    def __init__(
        self, *, unit: str | None = None, min_rial: Rial = 0, max_rial: Rial = MAX_BIGINT, **options: Any
    ) -> None:
        self.unit = unit
        self.min_rial, self.max_rial = min_rial, max_rial
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits; `data-money` lets the page script group them."""
        return {"inputmode": "numeric", "autocomplete": "off", "dir": "ltr", "data-money": ""}

    def to_python(self, value: Any) -> Rial | None:
        """Whole Rial of the typed text."""
        if value is None or not str(value).strip():
            return None
        try:
            amount = parse_money(str(value), self.unit_in_use())
        except AppError as refused:
            raise _as_form_error(refused) from None
        if amount < self.min_rial:
            code = "zero" if amount == 0 else "too_small"
            raise ValidationError(self.error_messages[code], code=code, params={"limit": self._said(self.min_rial)})
        if amount > self.max_rial:
            raise ValidationError(
                self.error_messages["too_large"], code="too_large", params={"limit": self._said(self.max_rial)}
            )
        return amount

    def prepare_value(self, value: Any) -> Any:
        """An amount in Rial as it would be typed; what was typed wrongly stays as it was."""
        return format_money(value, self.unit_in_use()) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another amount was typed, in whatever digits."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True

    def unit_in_use(self) -> str:
        """The unit given, or that of the club in scope."""
        return self.unit or current_club().currency_unit

    def _said(self, rial: Rial) -> str:
        return f"{format_money(rial, self.unit_in_use())} {unit_name(self.unit_in_use())}"


class NumberTextField(forms.CharField):
    """A number that is a name, as a card's or a telephone's: shown in Persian digits, kept in Latin ones."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits, left to right."""
        return {**super().widget_attrs(widget), "inputmode": "numeric", "dir": "ltr", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        """The text with Latin digits."""
        typed = super().to_python(value)
        return latin_digits(typed) if isinstance(typed, str) else typed

    def prepare_value(self, value: Any) -> Any:
        """The text with Persian digits."""
        return in_language(value) if isinstance(value, str) else value


class PhoneField(forms.CharField):
    """A mobile number in any form; cleans to `09…`, or to "" when left empty and not required."""

    default_error_messages = {"required": _("شماره موبایل را بنویسید.")}

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A telephone keyboard, left to right."""
        return {"inputmode": "tel", "autocomplete": "tel", "dir": "ltr"}

    def prepare_value(self, value: Any) -> Any:
        """A stored number in Persian digits; what was typed stays as it was."""
        return in_language(value) if isinstance(value, str) and is_stored_phone(value) else value

    def to_python(self, value: Any) -> str:
        """The stored form of the number."""
        typed = str(super().to_python(value) or "")
        if not typed:
            return ""
        try:
            return normalise_phone(typed)
        except InvalidPhone as refused:
            raise _as_form_error(refused) from None


class JalaliDateField(forms.Field):
    """A day typed in the Jalali calendar (or ISO); cleans to a `date`, or to None when left empty and not required."""

    default_error_messages = {
        "required": _("تاریخ را بنویسید."),
        "too_early": _("تاریخ نباید پیش از %(limit)s باشد."),
        "too_late": _("تاریخ نباید پس از %(limit)s باشد."),
    }

    def __init__(self, *, first: date | None = None, last: date | None = None, **options: Any) -> None:
        self.first, self.last = first, last
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits; `data-jalali` lets the page script offer a calendar."""
        return {
            "inputmode": "numeric",
            "autocomplete": "off",
            "dir": "ltr",
            "placeholder": in_language_lazy("1405/09/01"),
            "data-jalali": "",
        }

    def to_python(self, value: Any) -> date | None:
        """The day that was typed."""
        if isinstance(value, date):
            return value
        if value is None or not str(value).strip():
            return None
        try:
            day = parse_jalali(str(value))
        except AppError as refused:
            raise _as_form_error(refused) from None
        if self.first and day < self.first:
            raise ValidationError(self.error_messages["too_early"], "too_early", {"limit": format_date(self.first)})
        if self.last and day > self.last:
            raise ValidationError(self.error_messages["too_late"], "too_late", {"limit": format_date(self.last)})
        return day

    def prepare_value(self, value: Any) -> Any:
        """A day as it would be typed; what was typed wrongly stays as it was."""
        return format_date(value, "numeric") if isinstance(value, date) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another day was typed, in whatever digits or calendar."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class DigitsField(forms.CharField):
    """A code of digits in any script, spaces and dashes between them allowed; cleans to Latin digits."""

    default_error_messages = {**_REQUIRED, "not_digits": _("تنها رقم بنویسید.")}

    def __init__(self, *, length: int, wrong_length: Any = None, **options: Any) -> None:
        self.length = length
        self.wrong_length = wrong_length or _("این کد %(length)s رقم دارد.")
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits, left to right. No maxlength: a pasted code may bring spaces along."""
        return {"inputmode": "numeric", "dir": "ltr"}

    def to_python(self, value: Any) -> str:
        """The digits alone."""
        typed = latin_digits(str(super().to_python(value) or ""))
        digits = "".join(char for char in typed if not char.isspace() and char not in "-\u200c\u200e\u200f")
        if digits and not (digits.isascii() and digits.isdigit()):
            raise ValidationError(self.error_messages["not_digits"], code="not_digits")
        if digits and len(digits) != self.length:
            raise ValidationError(self.wrong_length, "wrong_length", {"length": in_language(self.length)})
        return digits


class WholeField(forms.CharField):
    """A whole number in any digits and grouping; cleans to an int, or to None when left empty and not required."""

    default_error_messages = {
        "required": _("این را هم بنویسید."),
        "wrong": _("تنها عدد درست بنویسید."),
        "range": _("عددی از %(least)s تا %(most)s بنویسید."),
    }

    def __init__(self, *, least: int = 0, most: int = 10**15, **options: Any) -> None:
        self.least, self.most = least, most
        super().__init__(empty_value=None, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits."""
        return {"inputmode": "numeric", "dir": "ltr", "autocomplete": "off", "class": "vShort"}

    def to_python(self, value: Any) -> Any:
        """The number that was typed, or None."""
        typed = latin_digits("" if value is None else str(value)).translate(NUMBER_MARKS).strip()
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and len(typed) < MOST_TYPED):
            raise ValidationError(self.error_messages["wrong"], code="wrong")
        if not self.least <= int(typed) <= self.most:
            params = {"least": in_language(self.least), "most": grouped(self.most)}
            raise ValidationError(self.error_messages["range"], code="range", params=params)
        return int(typed)

    def prepare_value(self, value: Any) -> Any:
        """The number in Persian digits; what was typed wrongly stays as it was."""
        return in_language(value) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another number was typed, in whatever digits."""
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class ContactField(forms.CharField):
    """A number or name of a service, read by `read`, which says what is wrong with it; cleans to "" when left empty."""

    def __init__(self, *, read: Callable[[str], str], **options: Any) -> None:
        self.read = read
        super().__init__(**{"required": False, "max_length": 200, **options})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Left to right, never filled in by the browser."""
        return {**super().widget_attrs(widget), "dir": "ltr", "autocomplete": "off"}

    def to_python(self, value: Any) -> str:
        """What the service's own address takes."""
        try:
            return self.read(str(super().to_python(value) or ""))
        except AppError as refused:
            raise _as_form_error(refused) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another one was typed, in whatever form."""
        try:
            return bool(self.to_python(data) != (initial or ""))
        except ValidationError:
            return True
