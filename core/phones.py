"""Iranian mobile numbers in every form people type them; stored as `09` and nine ASCII digits."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from core.errors import AppError
from core.text import latin_digits

# What people put between the digits; bidi marks and other invisible characters (category Cf) go as well.
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—−().·ـ_/]+")
_MOBILE = re.compile(r"(?:(?:\+|00)?98)?0?(9[0-9]{9})", re.ASCII)
_STORED = re.compile(r"09[0-9]{9}", re.ASCII)


class InvalidPhone(AppError):
    """The text is not a mobile number; `data["reason"]` is `empty` or `not_a_mobile`."""

    code = "validation_error"
    http_status = 400
    message = _("شماره موبایل درست نیست؛ مانند ۰۹۱۲۳۴۵۶۷۸۹ بنویسید.")


def normalise_phone(text: str) -> str:
    """The number as `09xxxxxxxxx`, whatever its form, digits, spaces, dashes and invisible marks.

    Raises InvalidPhone for anything that is not one Iranian mobile number.

    >>> normalise_phone("+۹۸ (۹۱۲) ۱۲۳-۴۵۶۷")
    '09121234567'
    >>> normalise_phone("9121234567"), normalise_phone("00989121234567")
    ('09121234567', '09121234567')
    """
    digits = phone_digits(text)
    if not digits:
        raise InvalidPhone(_("شماره موبایل را بنویسید."), reason="empty")
    found = _MOBILE.fullmatch(digits)
    if found is None:
        raise InvalidPhone(reason="not_a_mobile")
    return "0" + found[1]


def phone_digits(text: str) -> str:
    """The text without what people put between the digits of a phone, in Latin digits."""
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return _SEPARATORS.sub("", latin_digits(visible))


def is_stored_phone(text: str) -> bool:
    """Whether the text already has the stored form."""
    return _STORED.fullmatch(text) is not None


def mask_phone(phone: str) -> str:
    """Enough to recognise one's own number, too little to call it. Latin digits; the filter `|fa` turns them.

    >>> mask_phone("09121234567")
    '0912…4567'
    """
    return f"{phone[:4]}…{phone[-4:]}" if len(phone) >= 8 else "…"


def group_phone(phone: str) -> str:
    """The number in the groups in which it is read aloud.

    >>> group_phone("09121234567")
    '0912 123 4567'
    """
    return f"{phone[:4]} {phone[4:7]} {phone[7:]}" if is_stored_phone(phone) else phone
