"""Iranian account numbers (شبا): IR and 24 digits, of which two check the others. Pure."""

import re

from django.utils.translation import gettext_lazy as _

from core.errors import AppError
from core.text import latin_digits

SHAPE = re.compile(r"IR[0-9]{24}")


class InvalidIban(AppError):
    """The text is no account number of an Iranian bank."""

    code = "validation_error"
    message = _("شبا با IR آغاز می‌شود و ۲۴ رقم دارد؛ رقمی از آن درست نیست.")


def normal_iban(text: str) -> str:
    """The number as it is kept, from any digits, with or without gaps and IR; "" for nothing. Raises InvalidIban."""
    typed = "".join(
        char for char in latin_digits(text).upper() if not char.isspace() and char not in "-\u200c\u200e\u200f"
    )
    if not typed:
        return ""
    number = typed if typed.startswith("IR") else f"IR{typed}"
    if not SHAPE.fullmatch(number) or _remainder(number) != 1:
        raise InvalidIban
    return number


def grouped_iban(iban: str) -> str:
    """The number in groups of four, as cards show it."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))


def _remainder(number: str) -> int:
    """ISO 7064: the country and its check digits stand last, letters count from A = 10."""
    return int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97
