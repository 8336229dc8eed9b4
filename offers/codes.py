"""Codes of coupons as people type them: any letter case, any digits, with or without blanks. Pure."""

import secrets

from core.text import latin_digits

LONGEST = 64
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters and digits, 5 bits each, without those that are read as one another."""
UNGUESSABLE = 13
"""So many of them are 65 bits."""
BLANKS = str.maketrans("", "", " \t‌‏‎")


def normal_coupon_code(text: str) -> str:
    """The code as it is kept: in capitals, digits in Latin, without blanks."""
    return latin_digits(text).translate(BLANKS).strip().upper()


def random_code(length: int = UNGUESSABLE) -> str:
    """A code that nobody guesses."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
