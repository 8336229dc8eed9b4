"""Finding tickets by what is typed: their number, their words, or the member in whichever way one is looked for."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from club.members.selectors import AFTER_EVERY_LETTER, search
from core.tenancy.scope import current_club_id
from core.text import HALF_SPACE, search_key, whole_number
from tickets.models import Ticket, TicketWord

LONGEST, LONGEST_WORD, MOST_WORDS = 120, 40, 6
MOST_MEMBERS = 50
FEW = 1_000
"""So many tickets are named one by one; of words that more of them have, the list itself is asked row by row."""
_WORD = re.compile(r"\w+")


def words_in(text: str) -> list[str]:
    """The words under which a text is found, each once; with half-spaces taken as spaces and as nothing.

    >>> words_in("کارت‌خوان، کارت")
    ['خوان', 'کارت', 'کارتخوان']
    """
    keys = search_key(text), search_key(text.replace(HALF_SPACE, " "))
    return sorted({word[:LONGEST_WORD] for key in keys for word in _WORD.findall(key)})


def let_find(ticket_id: int, text: str) -> None:
    """Let the ticket be found by these words, too, in the running transaction."""
    words = words_in(text)
    if words:
        with connection.cursor() as cursor:
            cursor.execute(ADD_WORDS, {"club": current_club_id(), "ticket": ticket_id, "words": words})


def found(text: str) -> Q:
    """The tickets that the text finds, all where it says nothing; for a merged one, the one it went into as well."""
    key = search_key(text)[:LONGEST]
    if not key:
        return Q()
    saying = _saying(_WORD.findall(key)[:MOST_WORDS])
    ids = list(saying[: FEW + 1])
    is_common = len(ids) > FEW
    hit = Q(pk__in=saying) if is_common else Q(pk__in=ids)
    number = whole_number(key.removeprefix("#"))
    if number is not None:
        hit |= Q(number=number)
    merged = Ticket.objects.filter(hit, merged_into__isnull=False).values_list("merged_into", flat=True)
    hit |= Q(pk__in=merged if is_common else list(merged))
    members = list(search(text).values_list("pk", flat=True)[:MOST_MEMBERS])
    return hit | Q(member__in=members) if members else hit


def _saying(words: list[str]) -> QuerySet[TicketWord, Any]:
    """The tickets that have all these words, or words that begin with them; a letter alone is a word of its own.

    A ticket may come more than once.
    """
    if not words:
        return TicketWord.objects.none().values_list("ticket", flat=True)
    first, *others = sorted(words, key=len, reverse=True)
    rows = _with_word(first)
    for word in others:
        rows = rows.filter(ticket__in=_with_word(word).values("ticket"))
    return rows.values_list("ticket", flat=True)


def _with_word(word: str) -> QuerySet[TicketWord]:
    if len(word) == 1:
        return TicketWord.objects.filter(word=word)
    begins = word[:LONGEST_WORD]
    return TicketWord.objects.filter(word__gte=begins, word__lt=begins + AFTER_EVERY_LETTER)


ADD_WORDS = """
INSERT INTO tickets_ticketword (club_id, ticket_id, word) SELECT %(club)s, %(ticket)s, unnest(%(words)s)
ON CONFLICT DO NOTHING
"""
