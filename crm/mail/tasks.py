"""What the scheduler runs for mails."""

from datetime import datetime

from django.utils import timezone

from core.tenancy.scope import cross_club
from crm.mail import dispatch
from crm.mail.models import WAITING, Mail


def send_mails(*, now: datetime) -> str:
    """Send the mails that wait in the club's outbox."""
    return f"{dispatch.dispatch_due(now=now)} mails"


def clubs_with_mails() -> set[int]:
    """The clubs with a mail that is due to be sent."""
    with cross_club("which clubs have mails to send"):
        due = Mail.objects.filter(status__in=WAITING, next_attempt_at__lte=timezone.now())
        return set(due.values_list("club_id", flat=True).distinct())
