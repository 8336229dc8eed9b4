"""Codes of coupons as people type and paste them: any letter case, keyboard and digits, with blanks or not. Pure."""

import secrets

from core.text import latin_digits, persian_letters

LONGEST = 64
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 letters and digits, 5 bits each, without those that are read as one another."""
UNGUESSABLE = 13
"""So many of them are 65 bits."""
UNSEEN = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)
"""Half-spaces, and the marks of direction that come along where a code is copied out of a Persian text."""
BLANKS = dict.fromkeys((*map(ord, " \t\u00a0"), *UNSEEN))


def normal_coupon_code(text: str) -> str:
    r"""The code as it is kept: in capitals, letters in Persian and digits in Latin, without blanks.

    >>> normal_coupon_code("\u2068 yalda-۱۲ \u2069"), normal_coupon_code("كد يلدا")
    ('YALDA-12', 'کدیلدا')
    """
    return persian_letters(latin_digits(text).translate(BLANKS)).strip().upper()


def coupon_key(text: str) -> str:
    """What a code is found by: the code as it is kept, without its dashes.

    >>> coupon_key("yalda-1405") == coupon_key("YALDA ۱۴۰۵")
    True
    """
    return normal_coupon_code(text).replace("-", "")


def random_code(length: int = UNGUESSABLE) -> str:
    """A code that nobody guesses."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
