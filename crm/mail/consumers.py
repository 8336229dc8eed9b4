"""Members that were erased take the words of their mails along."""

from django.utils import timezone

from club.members.selectors import records_of
from core.events import consumer
from core.models import DomainEvent
from crm.mail.models import WAITING, Mail


@consumer("mail.erasure", kinds=["member.erased"])
def erased(event: DomainEvent) -> None:
    """What waits is not sent; of what was sent it stays that it was."""
    if event.member_id:
        rows = Mail.objects.filter(member__in=records_of(event.member_id))
        rows.filter(status__in=WAITING).update(
            status=Mail.Status.SKIPPED, error_code="no_address", final_at=timezone.now()
        )
        rows.update(subject="…", text="", link="", address="", error_text="")  # a server may say whom it does not know
