"""Whose a new lead is: by the club's rules, else of the expert with the fewest open ones."""

from collections import Counter
from functools import cached_property

from django.db.models import Count

from accounts.models import StaffRole, User
from accounts.rights import RIGHTS
from crm.leads.models import Lead, LeadRule, LeadSettings

WORKING = frozenset(role for role, rights in RIGHTS.items() if "work_leads" in rights)
SELLING = frozenset(role for role in WORKING if "manage_leads" not in RIGHTS[role])


def experts() -> list[User]:
    """The staff who may look after leads: sales experts before managers and owners, each by name and id."""
    sellers, others = _holders()
    return [*sellers, *others]


def owner_for(*, source: str, kind: str) -> User | None:
    """Who gets a lead of this source and kind: of the first rule that fits, else by load; None where nobody may.

    Shared out by load are leads among the sales experts; a club without any shares them among managers and owners.
    """
    return Sharing().owner_for(source=source, kind=kind)


class Sharing:
    """Shares out new leads, one or many: by the rules, else to whoever has the fewest, counting those just given."""

    def __init__(self) -> None:
        sellers, others = _holders()
        self._may = {user.pk: user for user in (*sellers, *others)}
        self._share = [user.pk for user in sellers or others]
        self._rules = list(LeadRule.objects.order_by("position", "pk"))
        self._given: Counter[int] = Counter()

    def owner_for(self, *, source: str, kind: str) -> User | None:
        """Who gets the next lead of this source and kind; it is theirs from now on."""
        for rule in self._rules:
            if rule.source in ("", source) and rule.kind in ("", kind) and rule.owner_id in self._may:
                return self.takes(self._may[rule.owner_id])
        if not self._may or not self._by_load:
            return None
        return self.takes(self._may[min(self._share, key=self._burden)])

    def takes(self, user: User) -> User:
        """Count a lead that somebody gets."""
        self._given[user.pk] += 1
        return user

    def _burden(self, user_id: int) -> tuple[int, int]:
        return self._load[user_id] + self._given[user_id], user_id

    @cached_property
    def _load(self) -> Counter[int]:
        rows = Lead.objects.filter(status=Lead.Status.OPEN, owner__in=self._share).values("owner")
        return Counter(dict(rows.annotate(n=Count("pk")).values_list("owner", "n")))

    @cached_property
    def _by_load(self) -> bool:
        settings = LeadSettings.objects.first()
        return settings is None or settings.shares_out


def _holders() -> tuple[list[User], list[User]]:
    """Sales experts, and who else may look after leads."""
    held = StaffRole.objects.filter(is_active=True, role__in=WORKING, user__is_active=True).select_related("user")
    users: dict[int, User] = {}
    selling = set[int]()
    for role in held:
        users[role.user_id] = role.user
        if role.role in SELLING:
            selling.add(role.user_id)
    found = sorted(users.values(), key=lambda user: (str(user), user.pk))
    return [user for user in found if user.pk in selling], [user for user in found if user.pk not in selling]
