"""Who may see and answer which tickets, and whose a new one is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Role, StaffRole, User
from accounts.rights import RIGHTS, Person, can
from core.errors import ValidationFailed
from tickets import states
from tickets.models import Department, DepartmentPerson, Mention, Ticket
from tickets.rights import ANSWER, MANAGE


def supporters() -> list[User]:
    """The staff who may answer tickets, by name and id."""
    return _holding(_answering())


def is_supporter(user_id: int) -> bool:
    """Whether this is one of them."""
    return User.objects.filter(pk__in=_ids_holding(_answering()).filter(user=user_id)).exists()


def visible_to(user: Person) -> Q:
    """Which tickets one of the staff may see: all with the right to manage them.

    Else those of the own departments, of a department without people or of none, the own, and where one is called on.
    """
    if can(user, MANAGE):
        return Q()
    people = DepartmentPerson.objects.filter(department=OuterRef("department"), user__in=_ids_holding(_answering()))
    return (
        Q(department=None)
        | Q(~Exists(people))
        | Q(Exists(people.filter(user=user.pk)))
        | Q(assignee=user.pk)
        | Q(Exists(Mention.objects.filter(ticket=OuterRef("pk"), user=user.pk)))
    )


class Sharing:
    """Giving out ticket after ticket: people and their loads are read once, and those given just now count, too."""

    def __init__(self) -> None:
        self._people: dict[int | None, list[User]] = {}
        self._load: Counter[int] = Counter()

    def next_for(self, department: Department | None) -> User | None:
        """Who gets a ticket of the department: of its people who may answer, whoever has the fewest open ones.

        Where the department has no people, whoever has the role of support; None where nobody has.
        """
        people = self._of(department)
        if not people:
            return None
        found = min(people, key=lambda user: (self._load[user.pk], user.pk))
        self._load[found.pk] += 1
        return found

    def _of(self, department: Department | None) -> list[User]:
        key = department.pk if department else None
        if key not in self._people:
            self._people[key] = people_of(department)
            known = {user.pk for user in self._people[key]} - self._load.keys()
            self._load.update(dict.fromkeys(known, 0))
            self._load.update(_load(known))
        return self._people[key]


def assignee_for(department: Department | None) -> User | None:
    """Who gets one ticket of the department."""
    return Sharing().next_for(department)


def people_of(department: Department | None) -> list[User]:
    """Who answers the tickets of a department, by name."""
    return named_people(department) or _holding([Role.SUPPORT])


def named_people(department: Department | None) -> list[User]:
    """Those whom the department names and who may answer; nobody where it names none."""
    if department is None:
        return []
    ids = set(DepartmentPerson.objects.filter(department=department).values_list("user_id", flat=True))
    return [user for user in supporters() if user.pk in ids] if ids else []


def one_of_the_staff(user_id: int, *, field: str) -> User:
    """One who may answer tickets. Raises ValidationFailed (the field)."""
    found = next((user for user in supporters() if user.pk == user_id), None)
    if found is None:
        raise ValidationFailed({field: [_("این همکار به تیکت‌ها پاسخ نمی‌دهد؛ کس دیگری را برگزینید.")]})
    return found


def _answering() -> list[str]:
    return [role for role, rights in RIGHTS.items() if ANSWER in rights]


def _holding(roles: Collection[str]) -> list[User]:
    return sorted(User.objects.filter(pk__in=_ids_holding(roles)), key=lambda user: (str(user), user.pk))


def _ids_holding(roles: Collection[str]) -> QuerySet[StaffRole, Any]:
    return StaffRole.objects.filter(is_active=True, role__in=roles, user__is_active=True).values("user_id")


def _load(user_ids: Collection[int]) -> Counter[int]:
    rows = Ticket.objects.filter(status__in=states.OPEN, assignee__in=user_ids).order_by().values("assignee")
    return Counter(dict(rows.annotate(n=Count("pk")).values_list("assignee", "n")))
