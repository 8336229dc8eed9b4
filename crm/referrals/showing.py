"""Whether a member stands by name among those who brought the most: as the member wants it."""

from django.db import transaction

from core import audit
from crm.referrals.models import ShownReferrer


@transaction.atomic
def show_by_name(member_id: int, *, wants: bool, actor: str) -> None:
    """Show the member's shortened name, or no longer; again changes nothing."""
    if wants:
        changed = ShownReferrer.objects.get_or_create(member_id=member_id)[1]
    else:
        changed = bool(ShownReferrer.objects.filter(member=member_id).delete()[0])
    if changed:
        said = {"before": {"is_shown": not wants}, "after": {"is_shown": wants}}
        audit.record("member.shown_as_referrer", actor=actor, target=f"member:{member_id}", **said)
