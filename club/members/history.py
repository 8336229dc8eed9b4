"""What was changed of a member, by whom and when: read from the audit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from club.members.models import Member
from club.members.selectors import records_of
from core.models import AuditEntry

HIDDEN = {"reason"}


@dataclass(frozen=True)
class Change:
    """One field of one act: old and new, None where there was or is nothing. `id` is that of the audit row."""

    id: int
    at: datetime
    actor: str
    action: str
    field: str
    before: Any
    after: Any

    @property
    def label(self) -> str:
        """The field as people call it; its own name where it is none of the member's."""
        known = {column.name: str(column.verbose_name) for column in Member._meta.concrete_fields}
        return known.get(self.field, self.field)


def changes_of(
    member_id: int, *, before: int | None = None, limit: int = 50, only: frozenset[str] | None = None
) -> list[Change]:
    """The last changes of the member and of records merged into this one, newest first, one for each field.

    A page is `limit` acts; `before` is the id of the last one shown. `only` leaves out all other
    fields, and acts of none of them.
    """
    targets = [f"member:{record}" for record in records_of(member_id)]
    rows = AuditEntry.objects.filter(target__in=targets)
    if only is not None:
        rows = rows.filter(Q(before__has_any_keys=sorted(only)) | Q(after__has_any_keys=sorted(only)))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [
        Change(row.pk, row.created_at, row.actor, row.action, name, row.before.get(name), row.after.get(name))
        for row in rows.order_by("-id")[:limit]
        for name in sorted((row.before.keys() | row.after.keys()) - HIDDEN)
        if only is None or name in only
    ]
