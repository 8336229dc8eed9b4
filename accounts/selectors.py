"""Who works in the club, as the manager's pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from accounts.models import StaffRole, StaffSession, TwoFactor, User
from core.errors import NotFound


@dataclass(frozen=True)
class Colleague:
    """A person with the roles held here, active ones first; `last_seen` in a session by password here."""

    user: User
    roles: list[StaffRole]
    last_seen: datetime | None
    two_factor: bool

    @property
    def active(self) -> list[StaffRole]:
        """The roles that still count."""
        return [held for held in self.roles if held.is_active]

    @property
    def waits(self) -> bool:
        """Whether the person has not set a password yet."""
        return not self.user.has_usable_password()


def colleagues(*, left: bool = False) -> list[Colleague]:
    """Everybody with an active role here, or those who had one and left; three queries however many."""
    found = _colleagues(StaffRole.objects.all())
    return [one for one in found if bool(one.active) != left]


def colleague(user_id: int) -> Colleague:
    """One person who is or was staff here. Raises NotFound."""
    found = _colleagues(StaffRole.objects.filter(user_id=user_id))
    if not found:
        raise NotFound
    return found[0]


def _colleagues(roles: QuerySet[StaffRole]) -> list[Colleague]:
    held: dict[int, list[StaffRole]] = {}
    for role in roles.select_related("user").order_by("-is_active", "pk"):
        held.setdefault(role.user_id, []).append(role)
    seen = dict(
        StaffSession.objects.filter(user_id__in=held)
        .values("user_id")
        .annotate(seen=Max("last_seen_at"))
        .values_list("user_id", "seen")
    )
    secured = set(TwoFactor.objects.filter(confirmed_at__isnull=False).values_list("user_id", flat=True))
    return [Colleague(mine[0].user, mine, seen.get(pk), pk in secured) for pk, mine in held.items()]
