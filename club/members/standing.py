"""Who may use the card, and who gets messages."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core import audit
from core.errors import NotFound, ValidationFailed


@transaction.atomic
def change_standing(
    member_id: int, *, actor: str, now: datetime, status: str | None = None, sms_consent: bool | None = None
) -> Member:
    """Block or admit the member, note the consent to messages; None leaves it. Raises NotFound, ValidationFailed."""
    if status not in (None, Member.Status.ACTIVE, Member.Status.BLOCKED):
        raise ValidationFailed({"status": [_("یکی از گزینه‌ها را برگزینید.")]})
    member = Member.objects.select_for_update().filter(pk=member_id).exclude(status=Member.Status.ERASED).first()
    if member is None:
        raise NotFound
    before = {"status": member.status, "sms_consent": member.sms_consent}
    member.status = status or member.status
    if sms_consent is not None and sms_consent != member.sms_consent:
        member.sms_consent, member.sms_consent_at, member.sms_consent_source = sms_consent, now, "staff"
    after = {"status": member.status, "sms_consent": member.sms_consent}
    member.save(update_fields=[*after, "sms_consent_at", "sms_consent_source", "updated_at"])
    audit.record("member.standing", actor=actor, target=f"member:{member.pk}", before=before, after=after)
    return member
