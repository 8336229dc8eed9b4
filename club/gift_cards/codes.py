"""How the code of a gift card is printed and found again: pure."""

from offers.codes import UNGUESSABLE, coupon_key

LONGEST = 64
GROUPS = (4, 8, UNGUESSABLE)


def card_key(text: str) -> str:
    """What a card is found by, however its code is typed: with dashes and blanks or not, in any letter case and digits.

    >>> card_key(" abcd-efgh-jk۲۳۴ ")
    'ABCDEFGHJK234'
    """
    return coupon_key(text)


def shown_code(code: str) -> str:
    """The code in groups, as it is printed and read out.

    >>> shown_code("ABCDEFGHJK234")
    'ABCD-EFGH-JK234'
    """
    return "-".join(code[begin:end] for begin, end in zip((0, *GROUPS), GROUPS, strict=False))


def masked_code(code: str) -> str:
    """The code as lists show it: enough to tell cards apart, too little to spend one.

    >>> masked_code("ABCDEFGHJK234")
    '••••-••••-JK234'
    """
    return f"••••-••••-{code[GROUPS[1] :]}"
