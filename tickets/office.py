"""The office that answers: its departments, and what it promises in words."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from tickets.assigning import supporters
from tickets.models import Department, DepartmentPerson, Priority
from tickets.promises import HOUR, promises


@dataclass(frozen=True)
class Staffed:
    """A department with those whom it names and who may answer, by name; nobody stands for all of support."""

    department: Department
    people: tuple[User, ...]


def open_departments() -> list[Department]:
    """The departments that take new tickets, in their order."""
    return list(Department.objects.filter(archived_at=None).order_by("position", "pk"))


def staffed_departments() -> list[Staffed]:
    """The same with their people and heads; a constant number of queries."""
    departments = Department.objects.filter(archived_at=None).select_related("head").order_by("position", "pk")
    named = set(DepartmentPerson.objects.values_list("department_id", "user_id"))
    staff = supporters() if named else []
    return [Staffed(one, tuple(user for user in staff if (one.pk, user.pk) in named)) for one in departments]


def promised_hours() -> int:
    """Within how many working hours an ordinary ticket is answered, rounded up."""
    minutes = promises().targets[Priority.NORMAL][0].total_seconds() / 60
    return -int(-minutes // HOUR)
