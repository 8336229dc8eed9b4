"""Who may use the card, and who gets messages."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.members.consent import change_consent
from club.members.models import Member
from core import audit
from core.errors import NotFound, ValidationFailed
from sms import outbox


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
    before = {"status": member.status}
    if status and status != member.status:
        member.status = status
        member.save(update_fields=["status", "updated_at"])
        tell_outbox(member)
        after = {"status": status}
        audit.record("member.standing", actor=actor, target=f"member:{member.pk}", before=before, after=after)
    if sms_consent is None:
        return member
    return change_consent(member.pk, channel="sms", given=sms_consent, source="staff", actor=actor, now=now)


def tell_outbox(member: Member) -> None:
    """What calls or advertises to a blocked member is held back, also what waits, in the running transaction."""
    if member.status == Member.Status.BLOCKED:
        outbox.keep_from(member.pk)
    else:
        outbox.let_through(member.pk)
