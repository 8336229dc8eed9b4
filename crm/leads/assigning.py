"""Whose a new lead is: by the club's rules, else whoever has the fewest open ones."""

from collections import Counter

from django.db.models import Count

from accounts.models import StaffRole, User
from accounts.rights import RIGHTS
from crm.leads.models import Lead, LeadRule, LeadSettings

RIGHT = "manage_leads"


def experts() -> list[User]:
    """The staff who may look after leads, by name and id."""
    roles = [role for role, rights in RIGHTS.items() if RIGHT in rights]
    held = StaffRole.objects.filter(is_active=True, role__in=roles, user__is_active=True).values("user_id")
    return sorted(User.objects.filter(pk__in=held), key=lambda user: (str(user), user.pk))


def owner_for(*, source: str, kind: str) -> User | None:
    """Who gets a lead of this source and kind: of the first rule that fits, else by load; None where nobody may."""
    may = {user.pk: user for user in experts()}
    for rule in LeadRule.objects.order_by("position", "pk"):
        if rule.source in ("", source) and rule.kind in ("", kind) and rule.owner_id in may:
            return may[rule.owner_id]
    settings = LeadSettings.objects.first()
    if not may or (settings is not None and not settings.shares_out):
        return None
    rows = Lead.objects.filter(status=Lead.Status.OPEN, owner__in=may).values("owner")
    load = Counter(dict(rows.annotate(n=Count("pk")).values_list("owner", "n")))
    return may[min(may, key=lambda user_id: (load[user_id], user_id))]
