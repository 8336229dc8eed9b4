"""How often and when the club writes to a member to advertise."""

from datetime import time

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import ValidationFailed
from core.language import in_language
from crm.campaigns.audience import most_a_week
from crm.campaigns.models import ContactPolicy
from sms.account import account
from sms.editing import change_account

MOST = 50


@transaction.atomic
def set_policy(*, most: int, window: tuple[time, time], actor: str) -> None:
    """At most so many advertising messages in seven days, and only at these hours. Raises ValidationFailed by field."""
    if not 1 <= most <= MOST:
        raise ValidationFailed({"most": [_("عددی از ۱ تا %(most)s بنویسید.") % {"most": in_language(MOST)}]})
    before = most_a_week()
    ContactPolicy.objects.get_or_create()
    if most != before:
        row = ContactPolicy.objects.select_for_update().get()
        row.most_a_week = most
        row.save()
        said = {"most_a_week": before}, {"most_a_week": most}
        audit.record(
            "contact_policy.update", actor=actor, target=f"contact_policy:{row.pk}", before=said[0], after=said[1]
        )
    if window != account().window:
        change_account({"window_from": window[0], "window_to": window[1]}, api_key=None, actor=actor)
