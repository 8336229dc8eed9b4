"""How the codes look by which members and agents bring others."""

import secrets

from core.text import latin_digits

CODE_LENGTH = 8
CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"  # no look-alikes, and no vowels that would spell words
AGENTS_LETTER = "A"
"""What an agent's code begins with; no member's has it, and constraints of both tables say so."""


def new_referral_code() -> str:
    """Eight letters and digits that nobody misreads."""
    drawn, letters = secrets.randbelow(len(CODE_LETTERS) ** CODE_LENGTH), []
    for _position in range(CODE_LENGTH):
        drawn, place = divmod(drawn, len(CODE_LETTERS))
        letters.append(CODE_LETTERS[place])
    return "".join(letters)


def new_agent_code() -> str:
    """One of an agent, which no member can have."""
    return AGENTS_LETTER + new_referral_code()[1:]


def normal_code(text: str) -> str:
    """A code as it is stored, from any digits and letter case."""
    return latin_digits(text).strip().upper()[:12].replace("\x00", "")
