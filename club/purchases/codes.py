"""The code on a receipt, which a scanner types wherever the purchase is looked for: digits alone, in any keyboard."""

import re

from club.members.cards import luhn_digit
from core.text import latin_digits

# Sixteen digits as on a card, told from one by the first: cards begin with 6.
FIRST_DIGIT, DIGITS = "7", 16
_ADDRESS = re.compile(r"/purchases/([0-9]{1,18})(?:[/?#].*)?", re.ASCII)


def receipt_code(purchase_id: int) -> str:
    """The digits that name the purchase, with a check digit.

    >>> receipt_code(1207)
    '7000000000012070'
    """
    body = f"{FIRST_DIGIT}{purchase_id:0{DIGITS - 2}}"
    return body + luhn_digit(body)


def purchase_id_in(text: str) -> int | None:
    """The purchase that a scanned code, or the address of its page, names; None for any other text.

    >>> purchase_id_in("۷۰۰۰۰۰۰۰۰۰۰۱۲۰۷۰"), purchase_id_in("http://x/desk/purchases/12/?roll=1"), purchase_id_in("12")
    (1207, 12, None)
    """
    typed = "".join(latin_digits(text).split())
    address = _ADDRESS.search(typed)
    if address:
        return int(address[1])
    is_code = len(typed) == DIGITS and typed.isascii() and typed.isdigit() and typed.startswith(FIRST_DIGIT)
    return int(typed[1:-1]) if is_code and luhn_digit(typed[:-1]) == typed[-1] else None
