"""Writing that members hold another tier than before, and telling it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from club.members.models import TierChange
from club.tiers.models import Grace
from core import events
from core.rows import write_rows
from core.tenancy.scope import current_club_id


@dataclass(frozen=True)
class Change:
    """From one tier to another by a document, both by their code; empty for none."""

    member_id: int
    before: str
    after: str
    document: str
    at: datetime


def change_tiers(changes: Sequence[Change]) -> None:
    """Have each member hold the other tier from now on: in the record, in the history, as an event."""
    if not changes:
        return
    ids, codes = [one.member_id for one in changes], [one.after for one in changes]
    with connection.cursor() as cursor:
        cursor.execute(MOVE, {"club": current_club_id(), "ids": ids, "codes": codes})
    note_changes(changes)


def note_changes(changes: Sequence[Change]) -> None:
    """The same where the record has been written along with other figures. A purchase writes its own in its rows."""
    rows = [(one.member_id, one.before, one.after, one.document, one.at) for one in changes]
    write_rows(TierChange, ("member_id", "from_code", "to_code", "document", "at"), rows)
    events.emit_many("tier.changed", [_changed(one) for one in changes])


def end_graces(member_ids: Sequence[int], *, at: datetime) -> None:
    """End the open graces of records that are no member's any more: merged into another, or erased."""
    graces = Grace.objects.filter(member__in=member_ids, outcome=Grace.Outcome.OPEN)
    graces.update(outcome=Grace.Outcome.KEPT, ended_at=at)


def _changed(one: Change) -> events.Happened:
    # Who fires occasions by it passes over what was imported.
    data = {"from": one.before, "to": one.after, "imported": False}
    return events.Happened(one.document, one.at, one.member_id, data)


MOVE = """
UPDATE members_member m SET tier_code = n.code, updated_at = now()
FROM unnest(%(ids)s::bigint[], %(codes)s::text[]) AS n(id, code)
WHERE m.club_id = %(club)s AND m.id = n.id AND m.id = ANY(%(ids)s::bigint[])
"""
