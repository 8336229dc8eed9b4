"""Whose a new lead is: by the club's rules, else of the expert with the fewest open ones."""

from collections import Counter

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
    sellers, others = _holders()
    may = {user.pk: user for user in (*sellers, *others)}
    for rule in LeadRule.objects.order_by("position", "pk"):
        if rule.source in ("", source) and rule.kind in ("", kind) and rule.owner_id in may:
            return may[rule.owner_id]
    settings = LeadSettings.objects.first()
    if not may or (settings is not None and not settings.shares_out):
        return None
    share = [user.pk for user in sellers or others]
    rows = Lead.objects.filter(status=Lead.Status.OPEN, owner__in=share).values("owner")
    load = Counter(dict(rows.annotate(n=Count("pk")).values_list("owner", "n")))
    return may[min(share, key=lambda user_id: (load[user_id], user_id))]


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
