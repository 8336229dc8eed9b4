"""Lists of members that people paste or send as a file: phones in any form, among whatever else stands there."""

from __future__ import annotations

import re

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import ngettext

from club.members.models import Member
from core.language import grouped, listed
from core.phones import InvalidPhone, normalise_phone
from core.text import latin_digits

MOST_BYTES = 10_000_000
UNKNOWN_SHOWN = 5
_WORDS = re.compile(r"[^\s,;،؛\t\"']+")
_PHONE_LIKE = re.compile(r"\+?\d{9,14}")
# As people and pages write them: in groups, with brackets, with the marks that keep digits in their direction.
_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?98)?[ ()-]*0?9(?:[ ()-]*\d){9}(?!\d)")
_MARKS = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[^\S\r\n]")


def members_of(text: str, file: UploadedFile[bytes] | None = None) -> tuple[list[int], list[str]]:
    """The ids of those in the text and the file who are members, and what of it is no member's phone."""
    if file:
        text += "\n" + file.read(MOST_BYTES).decode("utf-8-sig", errors="replace")
    phones, wrong = phones_in(text)
    rows = Member.objects.filter(phone__in=phones).values_list("phone", "pk", "merged_into")
    found = {phone: survivor or member for phone, member, survivor in rows}
    unknown = [phone for phone in phones if phone not in found]
    return sorted(set(found.values())), [*unknown, *wrong]


def phones_in(text: str) -> tuple[list[str], list[str]]:
    """The mobiles that a text holds, each once, and numbers that look like one and are none."""
    phones: dict[str, None] = {}
    wrong: list[str] = []
    for line in _MARKS.sub("", latin_digits(text)).splitlines():
        spaced = _SPACES.sub(" ", line)
        for found in _MOBILE.findall(spaced):
            _sort(found, phones, wrong)
        for word in _WORDS.findall(_MOBILE.sub(" ", spaced)):
            if _PHONE_LIKE.fullmatch(re.sub(r"[()-]", "", word)):
                _sort(word, phones, wrong)
    return list(phones), wrong


def _sort(word: str, phones: dict[str, None], wrong: list[str]) -> None:
    try:
        phones[normalise_phone(word)] = None
    except InvalidPhone:
        wrong.append(word.strip())


def tell_unknown(request: HttpRequest, unknown: list[str]) -> None:
    """Say on the next page which numbers were no member's."""
    if unknown:
        text = ngettext("%(count)s شماره عضو نبود: %(some)s", "%(count)s شماره عضو نبودند: %(some)s", len(unknown))
        some = listed(unknown[:UNKNOWN_SHOWN])
        messages.warning(request, text % {"count": grouped(len(unknown)), "some": some})
