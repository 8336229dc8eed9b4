"""How the reader's language writes digits, numbers and lists: Persian, and Latin for every other.

Pure: what the language of now is, Django's gettext knows. Persian digits and marks are made here and nowhere above.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.text import latin_digits, persian_digits

Language = Literal["fa", "en"]

PERSIAN: Language = "fa"
NAMES: dict[str, str] = {"fa": "فارسی", "en": "English"}
"""Each by its own name, as those look for it who read no other."""

_LATIN_MARKS = str.maketrans({"٬": ",", "٫": ".", "٪": "%"})


def is_persian() -> bool:
    """Whether Persian is read now; it is where nobody has asked for another language."""
    return (get_language() or PERSIAN).startswith(PERSIAN)


def in_language(text: object) -> str:
    """A number, a date or a code with the digits and marks of the language of now.

    Group, decimal and percent marks are given as Persian ones: ٬ ٫ ٪.
    """
    return persian_digits(text) if is_persian() else latin_digits(str(text)).translate(_LATIN_MARKS)


in_language_lazy = lazy(in_language, str)
"""The same, decided when it is shown."""


def grouped(number: int) -> str:
    """A whole number, its thousands apart: ۱٬۲۸۰."""
    return in_language(f"{number:,}".replace(",", "٬"))


def listed(words: Iterable[object]) -> str:
    """Words one after another: «شعبهٔ یک، شعبهٔ دو»."""
    return _("، ").join(str(word) for word in words)
