"""Who did what, append-only: written in the transaction of the act."""

from collections.abc import Iterable
from typing import Any

from core.models import AuditEntry
from core.rows import insert_rows


def record(action: str, *, actor: str, target: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Note the act; of two states of one thing only the fields that differ are kept."""
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    AuditEntry.objects.create(
        actor=actor,
        action=action,
        target=target,
        before={name: value for name, value in before.items() if name in changed},
        after={name: value for name, value in after.items() if name in changed},
    )


def record_made(action: str, *, actor: str, made: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Note many makings at once: (target, state after) of each."""
    insert_rows(
        AuditEntry,
        ("actor", "action", "target", "before", "after"),
        [(actor, action, target, {}, after) for target, after in made],
    )
