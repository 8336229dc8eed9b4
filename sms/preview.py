"""What a text of a kind comes to for one reader: the words as they arrive, how long, in how many parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sms.kinds import Kind
from sms.parts import GSM_PART, GSM_SINGLE, UNICODE_PART, UNICODE_SINGLE, is_unicode, length, parts, with_opt_out
from sms.templates import render


@dataclass(frozen=True)
class Preview:
    """The words with the line by which the reader can leave; `used` of `room` characters of so many parts."""

    words: str
    parts: int
    used: int
    room: int
    is_unicode: bool


def preview(kind: Kind, text: str, context: Mapping[str, Any], *, club_name: str, unit: str, link: str) -> Preview:
    """The SMS that the text makes of this context; a text with faults must be refused before."""
    words = render(kind, text, context, club_name=club_name, unit=unit, link=link)
    if kind.may_be_left:
        words = with_opt_out(words)
    single, each = (UNICODE_SINGLE, UNICODE_PART) if is_unicode(words) else (GSM_SINGLE, GSM_PART)
    number = parts(words)
    return Preview(words, number, length(words), single if number <= 1 else each * number, is_unicode(words))
