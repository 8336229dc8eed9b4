"""Telling the managers that an offer has stopped: its limit or its budget is used up."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Role, StaffRole
from offers.counters import Take, note_stopped
from offers.engine import Verdict
from sms import outbox

USED_UP = ("limit_reached", "budget_spent")
TOLD = (Role.OWNER, Role.MANAGER)


def tell_stops(verdicts: Sequence[Verdict], *, at: datetime) -> None:
    """Send each manager one SMS for each offer that this purchase was the first to get nothing of any more."""
    refused = {one.offer.id: one for one in verdicts if one.outcome in USED_UP}
    if not refused:
        return
    stopped = note_stopped([Take(pk, one.worth, one.offer.terms.limits) for pk, one in refused.items()], at=at)
    if not stopped:
        return
    phones = _phones()
    for pk in stopped:
        context = {"offer": refused[pk].offer.terms.name}
        letters = [outbox.Letter(phone, context, None, f"offer:{pk}") for phone in phones]
        outbox.enqueue_many("offer_stopped", letters)


def _phones() -> list[str]:
    rows = StaffRole.objects.filter(role__in=TOLD, is_active=True, user__is_active=True)
    return sorted(set(rows.exclude(user__phone="").values_list("user__phone", flat=True)))
