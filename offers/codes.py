"""Codes of coupons as people type them: any letter case, any digits, with or without blanks and dashes. Pure."""

from core.text import latin_digits

LONGEST = 64
BLANKS = str.maketrans("", "", " \t‌‏‎")


def normal_coupon_code(text: str) -> str:
    """The code as it is kept: in capitals, digits in Latin, without blanks."""
    return latin_digits(text).translate(BLANKS).strip().upper()
