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
    wrong = []
    for word in _WORDS.findall(latin_digits(text)):
        if not _PHONE_LIKE.fullmatch(word.replace("-", "")):
            continue
        try:
            phones[normalise_phone(word)] = None
        except InvalidPhone:
            wrong.append(word)
    return list(phones), wrong


def tell_unknown(request: HttpRequest, unknown: list[str]) -> None:
    """Say on the next page which numbers were no member's."""
    if unknown:
        text = ngettext("%(count)s شماره عضو نبود: %(some)s", "%(count)s شماره عضو نبودند: %(some)s", len(unknown))
        some = listed(unknown[:UNKNOWN_SHOWN])
        messages.warning(request, text % {"count": grouped(len(unknown)), "some": some})
