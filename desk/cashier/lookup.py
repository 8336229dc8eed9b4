"""Whom the cashier means: what was typed or scanned into the member's field."""

from dataclasses import dataclass

from club.members.selectors import MemberHit, find_members
from core.phones import InvalidPhone, normalise_phone

LONGEST = 120


@dataclass(frozen=True)
class Found:
    """Members that fit the text, and the phone of a newcomer when it is a whole number that no member has."""

    hits: tuple[MemberHit, ...]
    new_phone: str = ""

    @property
    def only(self) -> MemberHit | None:
        """The one member that fits; of two or more none is ever guessed."""
        return self.hits[0] if len(self.hits) == 1 else None


def look_up(text: str) -> Found:
    """Find members by phone, last digits, card (typed or scanned) or name in any spelling."""
    # A scanned code may be an address that ends with the number of the card.
    text = text.strip()[:LONGEST].rsplit("/", 1)[-1].replace("\x00", "")
    hits = tuple(find_members(text))
    phone = whole_phone(text)
    known = any(hit.phone == phone for hit in hits)
    return Found(hits, "" if known else phone)


def whole_phone(text: str) -> str:
    """Return the stored form of a whole mobile number, or nothing."""
    try:
        return normalise_phone(text)
    except InvalidPhone:
        return ""
