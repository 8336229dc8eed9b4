"""The hours of a day as people type them: «۹ تا ۱۳ و ۱۶ تا ۲۰»."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.language import in_language
from core.text import latin_digits
from tickets.calendar import DAY, Span

LONGEST = 60
HOUR = 60
TIME = r"(?<!\d)(\d{1,2})(?::(\d{2}))?(?![\d:])"
SPAN = re.compile(rf"\s*{TIME}\s*(?:تا|to|-|–)\s*{TIME}\s*")
BETWEEN = re.compile(r"و|and|،|,")


class SpansField(forms.CharField):
    """The working hours of a day, in any digits; cleans to pairs of minutes, none for a day without work."""

    default_error_messages = {
        "wrong": gettext_lazy("ساعت‌ها را مانند «۹ تا ۱۳ و ۱۶:۳۰ تا ۲۰» بنویسید، یا خالی بگذارید."),
        "late": gettext_lazy("ساعت از ۰ تا ۲۴ است و دقیقه از ۰۰ تا ۵۹."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": LONGEST, **options})

    def to_python(self, value: Any) -> Any:
        """The spans that were typed; midnight at the end is the end of the day."""
        if isinstance(value, list):
            return value
        typed = latin_digits(str(value or "")).strip()
        return [self._span(part) for part in BETWEEN.split(typed)] if typed else []

    def prepare_value(self, value: Any) -> Any:
        """The spans as they would be typed; what was typed wrongly stays as it was."""
        return spans_in_words(value) if isinstance(value, list) else value

    def _span(self, typed: str) -> Span:
        found = SPAN.fullmatch(typed)
        if found is None:
            raise ValidationError(self.error_messages["wrong"], code="wrong")
        hour, minute, last_hour, last_minute = (int(part or 0) for part in found.groups())
        opens, closes = hour * HOUR + minute, last_hour * HOUR + last_minute
        if max(opens, closes) > DAY or max(minute, last_minute) >= HOUR:
            raise ValidationError(self.error_messages["late"], code="late")
        return opens, closes or DAY


def spans_in_words(spans: list[Span]) -> str:
    """The hours of a day in words; nothing where nobody works."""
    said = [_("%(opens)s تا %(closes)s") % {"opens": _clock(one[0]), "closes": _clock(one[1])} for one in spans]
    return _(" و ").join(said)


def _clock(minute: int) -> str:
    hour, rest = divmod(minute, HOUR)
    return in_language(f"{hour}:{rest:02}" if rest else hour)
