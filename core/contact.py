"""Where people reach a club besides its telephone: WhatsApp, Telegram, Instagram. Pure.

What is kept is what the services' own addresses take: digits with the country's code, and names without @.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from core.errors import AppError
from core.text import latin_digits

_NOT_DIGITS = re.compile(r"[\s\u200c\u200e\u200f()\-.+]")
_INTERNATIONAL = re.compile(r"[1-9][0-9]{7,14}")
_ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me|instagram\.com|wa\.me)/@?([^/?#]+)/?(?:[?#].*)?", re.IGNORECASE
)
_TELEGRAM = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}")
_INSTAGRAM = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.]{0,28}[A-Za-z0-9_])?")


class WrongContact(AppError):
    """The text is no such number or name."""

    code = "validation_error"
    message = _("این درست نیست.")


def whatsapp_number(text: str) -> str:
    """The digits of a number with its country's code, "" for nothing; Iran's where none is typed.

    >>> whatsapp_number("۰۹۱۲ ۱۲۳ ۴۵۶۷"), whatsapp_number("+44 20 7946 0958"), whatsapp_number("https://wa.me/989121234567")
    ('989121234567', '442079460958', '989121234567')
    """
    digits = _NOT_DIGITS.sub("", latin_digits(_last_part(text)))
    if not digits:
        return ""
    if digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = "98" + digits[1:]
    if not _INTERNATIONAL.fullmatch(digits):
        raise WrongContact(_("شماره را مانند ۰۹۱۲۱۲۳۴۵۶۷ یا با کد کشور بنویسید."))
    return digits


def telegram_name(text: str) -> str:
    """The name of a person, group or channel, "" for nothing; with @ or as an address, too."""
    return _name(text, _TELEGRAM, 32)


def instagram_name(text: str) -> str:
    """The name of a page, "" for nothing; with @ or as an address, too."""
    return _name(text, _INSTAGRAM, 30)


def whatsapp_address(number: str, text: str) -> str:
    """The address that opens a talk with this number, with words ready to be sent."""
    return f"https://wa.me/{number}?text={quote(text, safe='')}"


def _name(text: str, pattern: re.Pattern[str], longest: int) -> str:
    name = _last_part(text).removeprefix("@")
    if name and (len(name) > longest or not pattern.fullmatch(name)):
        raise WrongContact(_("نام کاربری را با حرف لاتین بنویسید؛ مانند narvan_cafe."))
    return name


def _last_part(text: str) -> str:
    bare = text.strip()
    found = _ADDRESS.fullmatch(bare)
    return found[1] if found else bare
