"""Codes of coupons by a pattern: `TAVALOD-XXXX`, where two or more X in a row are drawn at random. Pure.

Everything else stands as it is written; a single X is a letter like any other. A text without any such X is the
beginning of codes that go on at random.
"""

import re
from math import log2

from offers.codes import ALPHABET, random_code

DRAWN = re.compile("X{2,}")
UNGUESSABLE_BITS = 64
USUAL = "XXXX-XXXXX-XXXX"


def completed(pattern: str) -> str:
    """The pattern, with letters to draw where it has none.

    >>> completed("TAVALOD"), completed("TAVALOD-XXXX")
    ('TAVALOD-XXXX-XXXXX-XXXX', 'TAVALOD-XXXX')
    """
    if DRAWN.search(pattern):
        return pattern
    return f"{pattern.rstrip('-')}-{USUAL}".removeprefix("-")


def drawn_letters(pattern: str) -> int:
    """How many characters of it are drawn.

    >>> drawn_letters("EXTRA-XXXX"), drawn_letters("NOWRUZ")
    (4, 0)
    """
    return sum(len(part) for part in DRAWN.findall(pattern))


def room(pattern: str) -> int:
    """How many codes there are of the pattern."""
    return int(len(ALPHABET) ** drawn_letters(pattern))


def bits(pattern: str) -> float:
    """How hard a code of the pattern is to guess.

    >>> bits(USUAL) >= UNGUESSABLE_BITS > bits("XXXX-XXXX-XXXX")
    True
    """
    return drawn_letters(pattern) * log2(len(ALPHABET))


def draw(pattern: str) -> str:
    """A code of the pattern."""
    return DRAWN.sub(lambda part: random_code(len(part[0])), pattern)
