"""The audit as a list: what the address asks for, and one page of what fits, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import ApiKey, StaffRole
from accounts.rights import Person
from core.errors import ValidationFailed
from core.keyset import after, cursor_of, keys_of, opened
from core.models import AuditEntry
from desk.audit.changes import Change, changes_of, own_names
from desk.audit.targets import Target, targets_of
from desk.audit.words import KINDS, title_of
from desk.manager.record import SPOKEN, actors
from reports.ranges import CHOICES, Range, range_of

NEWEST_FIRST = ("-created_at", "-id")
KEYS = keys_of(AuditEntry, NEWEST_FIRST)
LONGEST = 60


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what is not one of a filter's own values is left out."""

    person: str = ""
    kind: str = ""
    target: str = ""
    days: Range | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is asked for."""
        return self == Asked()


@dataclass(frozen=True)
class Row:
    """An act, ready to show."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    title: str
    target: Target
    changes: tuple[Change, ...]


def asked_by(query: QueryDict, today: date) -> tuple[Asked, dict[str, list[str]]]:
    """What the address asks for, and what is wrong with the days that were typed."""
    choice, errors, days = query.get("range", ""), dict[str, list[str]](), None
    if choice in {*CHOICES, "custom"}:
        try:
            days = range_of(choice, today, first=query.get("from", ""), last=query.get("to", ""))
        except ValidationFailed as refused:
            errors = {name: [str(text) for text in texts] for name, texts in refused.errors.items()}
    kind = query.get("kind", "")
    asked = Asked(
        person=query.get("person", "")[:LONGEST].replace("\x00", ""),
        kind=kind if kind in KINDS else "",
        target=query.get("target", "")[:LONGEST].replace("\x00", ""),
        days=days,
    )
    return asked, errors


def people() -> dict[str, str]:
    """Who may have acted: the staff, those who left too, the keys of the API, and the program itself."""
    staff = {f"user:{held.user_id}": str(held.user) for held in StaffRole.objects.select_related("user").order_by("pk")}
    keys = actors(key.actor for key in ApiKey.objects.order_by("pk"))
    return (
        dict(sorted(staff.items(), key=lambda one: one[1])) | keys | {name: str(said) for name, said in SPOKEN.items()}
    )


def fitting(asked: Asked, tz: str) -> QuerySet[AuditEntry]:
    """The acts that fit, in the club of the scope."""
    rows: QuerySet[AuditEntry] = AuditEntry.objects.order_by(*NEWEST_FIRST)
    if asked.person:
        rows = rows.filter(actor=asked.person)
    if asked.target:
        rows = rows.filter(target=asked.target)
    if asked.kind:
        rows = rows.filter(KINDS[asked.kind].acts)
    if asked.days:
        start, end = asked.days.now.bounds(tz)
        rows = rows.filter(created_at__gte=start, created_at__lt=end)
    return rows


def page(rows: QuerySet[AuditEntry], *, cursor: str, limit: int) -> tuple[list[AuditEntry], str]:
    """The acts behind the cursor, and the cursor of what is older still. Raises ForeignCursor."""
    if cursor:
        rows = rows.filter(after(KEYS, opened(cursor, KEYS)))
    found = list(rows[: limit + 1])
    return found[:limit], cursor_of(KEYS, found[limit - 1]) if len(found) > limit else ""


def shown(entries: list[AuditEntry], reader: Person) -> list[Row]:
    """The acts in words; a constant number of queries however many."""
    names, targets = actors(entry.actor for entry in entries), targets_of((entry.target for entry in entries), reader)
    told = {entry.pk: changes_of(entry) for entry in entries}
    labels = own_names([change for changes in told.values() for change in changes]) if entries else {}
    return [
        Row(
            entry.pk,
            entry.created_at,
            entry.actor,
            names[entry.actor],
            title_of(entry),
            targets[entry.target],
            tuple(change.named(labels) for change in told[entry.pk]),
        )
        for entry in entries
    ]
