"""Whom the cashier means: what was typed or scanned into the member's field."""

import re
from dataclasses import dataclass
from datetime import datetime

from club.members.cards import why_blocked
from club.members.codes import member_by_code
from club.members.selectors import MemberHit, find_members, hit_of, member_by_phone
from core.errors import Text
from core.phones import InvalidPhone, normalise_phone, phone_digits
from core.text import latin_digits

LONGEST = 120
MOST_SHOWN = 8
# What may yet become a whole mobile number while it is being typed, in any of its forms.
_MOBILE_SO_FAR = re.compile(r"\+?|(?:(?:\+|00)?98)?0?(?:9[0-9]{0,9})?|00?9?", re.ASCII)
_NUMBER = re.compile(r"\+?[0-9]{8,}", re.ASCII)
SHORTEST_CARD = 13


@dataclass(frozen=True)
class Found:
    """Members that fit the text, and the phone of a newcomer when it is a whole number that no member has.

    `refusal` says why a card that was scanned opens nobody; `more` that there are others beside the hits;
    `is_other_number` that the text is a number, but no mobile.
    """

    hits: tuple[MemberHit, ...]
    new_phone: str = ""
    refusal: Text = ""
    more: bool = False
    is_other_number: bool = False

    @property
    def only(self) -> MemberHit | None:
        """The one member that fits; of two or more none is ever guessed."""
        return self.hits[0] if len(self.hits) == 1 else None

    @property
    def several(self) -> tuple[MemberHit, ...]:
        """The members to choose from."""
        return () if self.only else self.hits


def look_up(text: str, *, now: datetime) -> Found:
    """Find members by phone, last digits, card (typed or scanned), the code on their screen, or name in any spelling.

    A blocked card finds nobody, whoever else its digits may fit.
    """
    # A scanned code may be an address that ends with the number of the card.
    text = text.strip()[:LONGEST].rsplit("/", 1)[-1].replace("\x00", "")
    number = "".join(latin_digits(text).split())
    if refusal := why_blocked(number):
        return Found((), refusal=refusal)
    hits = tuple(find_members(text, limit=MOST_SHOWN + 1))
    shower = member_by_code(number, now=now)
    if shower and all(hit.id != shower.pk for hit in hits):
        hits = (hit_of(shower), *hits)
    phone = whole_phone(text)
    # A number of a record that was merged finds the one left, whose own number is another.
    known = any(hit.phone == phone for hit in hits) or bool(hits and phone and member_by_phone(phone))
    return Found(
        hits[:MOST_SHOWN],
        "" if known else phone,
        more=len(hits) > MOST_SHOWN,
        is_other_number=not hits and not phone and _is_other_number(text),
    )


def _is_other_number(text: str) -> bool:
    """Whether it is a landline or a mobile with a digit too many: no card is that short, no mobile begins so."""
    digits = phone_digits(text)
    long_enough = bool(_NUMBER.fullmatch(digits)) and len(digits) < SHORTEST_CARD
    return long_enough and not _MOBILE_SO_FAR.fullmatch(digits)


def whole_phone(text: str) -> str:
    """Return the stored form of a whole mobile number, or nothing."""
    try:
        return normalise_phone(text)
    except InvalidPhone:
        return ""
