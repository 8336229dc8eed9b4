"""Open tickets of somebody who has left the staff, or answers tickets no more, go to others."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from tickets import states
from tickets.assigning import Sharing, is_supporter
from tickets.handing import audit_assignee
from tickets.models import Ticket
from tickets.promises import settings_now
from tickets.telling import tell_department_of_leaver, tell_of_leaver


def held_by(user_id: int) -> QuerySet[Ticket]:
    """The open tickets that somebody looks after, held until the end of the transaction."""
    rows = Ticket.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.filter(assignee=user_id, status__in=states.OPEN, merged_into=None)
    return rows.select_related("department__head").order_by("pk")


@transaction.atomic
def let_go_of(user_id: int, *, actor: str, now: datetime) -> int:
    """Give the open tickets of who answers none any more to others by load, else to nobody; how many.

    Whoever gets some is told once how many. So is the head of each department, and its people where nobody gets them.
    """
    if is_supporter(user_id) or not (held := list(held_by(user_id))):
        return 0
    gone = User.objects.get(pk=user_id)
    sharing = Sharing() if settings_now().shares_out else None
    given = {ticket: sharing.next_for(ticket.department) if sharing else None for ticket in held}
    for to in set(given.values()):
        ids = [ticket.pk for ticket, user in given.items() if user == to]
        Ticket.objects.filter(pk__in=ids).update(assignee=to, updated_at=now)
    for ticket, to in given.items():
        audit_assignee(ticket, gone, to, actor=actor)
    for to, count in Counter(to for to in given.values() if to is not None).items():
        tell_of_leaver(gone, to, count, now=now)
    for department in dict.fromkeys(ticket.department for ticket in held):
        # One outcome each: somebody of the department has got them, or there is nobody.
        theirs = [to for ticket, to in given.items() if ticket.department == department]
        is_shared = None not in theirs
        tell_department_of_leaver(gone, department, len(theirs), is_shared=is_shared, now=now)
    return len(held)
