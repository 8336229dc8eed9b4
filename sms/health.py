"""Whether the SMS of the club in scope go out: what has stopped them, and how many wait too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max

from sms.kinds import ADVERTISING
from sms.models import WAITING, OutboxMessage, SmsSettings

TOO_LONG = timedelta(minutes=15)


@dataclass(frozen=True)
class Trouble:
    """Why nothing goes out, where it has stopped; how many wait too long, and why."""

    stopped: str
    late: int
    why_late: str


def trouble(*, now: datetime) -> Trouble | None:
    """What somebody should look after, in two queries. Advertising waits for its hours and is no trouble."""
    stopped = SmsSettings.objects.filter(stopped_at__isnull=False).values_list("stopped_text", flat=True).first()
    waiting = OutboxMessage.objects.filter(status__in=WAITING).exclude(message_class=ADVERTISING)
    late = waiting.filter(created_at__lt=now - TOO_LONG).aggregate(number=Count("pk"), why=Max("error_text"))
    if stopped is None and not late["number"]:
        return None
    return Trouble(stopped or "", late["number"], late["why"] or "")
