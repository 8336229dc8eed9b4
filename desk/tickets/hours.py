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
TIME = re.compile(r"(\d{1,2})(?::(\d{1,2}))?")
BETWEEN = {"تا", "و", "to", "and", "-", "–", "،", ","}


class SpansField(forms.CharField):
    """The working hours of a day, in any digits; cleans to pairs of minutes, none for a day without work."""

    default_error_messages = {
        "wrong": gettext_lazy("ساعت‌ها را مانند «۹ تا ۱۳ و ۱۶:۳۰ تا ۲۰» بنویسید، یا خالی بگذارید.")
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": LONGEST, **options})

    def to_python(self, value: Any) -> Any:
        """The spans that were typed; midnight at the end is the end of the day."""
        if isinstance(value, list):
            return value
        typed = latin_digits(str(value or ""))
        words = TIME.sub(" ", typed).replace("،", " ، ").replace(",", " , ").split()
        minutes = [int(hour) * HOUR + int(minute or 0) for hour, minute in TIME.findall(typed)]
        is_right = set(words) <= BETWEEN and len(minutes) % 2 == 0 and all(minute <= DAY for minute in minutes)
        if not is_right or any(int(found[1] or 0) >= HOUR for found in TIME.findall(typed)):
            raise ValidationError(self.error_messages["wrong"], code="wrong")
        return [(opens, closes or DAY) for opens, closes in zip(minutes[::2], minutes[1::2], strict=True)]

    def prepare_value(self, value: Any) -> Any:
        """The spans as they would be typed; what was typed wrongly stays as it was."""
        return spans_in_words(value) if isinstance(value, list) else value


def spans_in_words(spans: list[Span]) -> str:
    """The hours of a day in words; nothing where nobody works."""
    said = [_("%(opens)s تا %(closes)s") % {"opens": _clock(one[0]), "closes": _clock(one[1])} for one in spans]
    return _(" و ").join(said)


def _clock(minute: int) -> str:
    hour, rest = divmod(minute, HOUR)
    return in_language(f"{hour}:{rest:02}" if rest else hour)
