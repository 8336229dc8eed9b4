"""What a ticket says of itself and whose it is, changed together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tickets.handing import assign
from tickets.services import update_ticket

ASSIGNEE = "assignee"


@transaction.atomic
def describe(ticket_id: int, changes: Mapping[str, Any], *, actor: str, now: datetime) -> None:
    """Change the named fields of EDITABLE, and with `assignee` (a user's id or None) whose it is: all or nothing.

    Raises NotFound, ValidationFailed by field, Unanswered.
    """
    about = {name: value for name, value in changes.items() if name != ASSIGNEE}
    if about:
        update_ticket(ticket_id, about, actor=actor, now=now)
    if ASSIGNEE in changes:
        assign(ticket_id, changes[ASSIGNEE], actor=actor, now=now)
