"""Who of the staff is just writing an answer: known for a moment, by the cache alone; no harm where that is away."""

from __future__ import annotations

import logging
from datetime import datetime

from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.models import User
from core.tenancy.scope import current_club_id
from tickets.models import Ticket

LASTS = 30
"""Seconds for which one sign of writing holds: pages that are written in give one every ten."""

logger = logging.getLogger(__name__)


def sign_writing(ticket: Ticket, user: User, *, now: datetime) -> None:
    """This one of the staff is just writing under the ticket."""
    _keep(ticket, {**_signs(ticket), user.pk: (str(user), now.timestamp())})


def sign_done(ticket: Ticket, user: User) -> None:
    """What was being written is sent."""
    signs = _signs(ticket)
    if signs.pop(user.pk, None) is not None:
        _keep(ticket, signs)


def writing_beside(ticket: Ticket, user: User, *, now: datetime) -> list[str]:
    """The names of the others who are just writing under the ticket."""
    since = now.timestamp() - LASTS
    return sorted(name for pk, (name, at) in _signs(ticket).items() if pk != user.pk and at > since)


def _signs(ticket: Ticket) -> dict[int, tuple[str, float]]:
    """By user: the name, and when the last sign came. Two signs at once may lose one; the next follows."""
    try:
        found: dict[int, tuple[str, float]] | None = cache.get(_key(ticket))
    except (RedisError, OSError):
        logger.warning("the cache is away: nobody is told who is writing")
        return {}
    return found or {}


def _keep(ticket: Ticket, signs: dict[int, tuple[str, float]]) -> None:
    try:
        cache.set(_key(ticket), signs, timeout=LASTS)
    except (RedisError, OSError):
        logger.warning("the cache is away: nobody is told who is writing")


def _key(ticket: Ticket) -> str:
    return f"{current_club_id()}:ticket-writing:{ticket.pk}"
