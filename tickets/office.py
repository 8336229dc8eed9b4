"""The office that answers: its departments, and what it promises in words."""

from __future__ import annotations

from tickets.models import Department, Priority
from tickets.promises import HOUR, promises


def open_departments() -> list[Department]:
    """The departments that take new tickets, in their order."""
    return list(Department.objects.filter(archived_at=None).order_by("position", "pk"))


def promised_hours() -> int:
    """Within how many working hours an ordinary ticket is answered, rounded up."""
    minutes = promises().targets[Priority.NORMAL][0].total_seconds() / 60
    return -int(-minutes // HOUR)
