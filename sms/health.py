"""Whether the SMS of the club in scope go out: is there an account, what has stopped it, how many wait too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q

from sms.account import Account, account_of
from sms.kinds import ADVERTISING
from sms.models import WAITING, OutboxMessage, SmsSettings
from sms.provider_codes import NO_CREDIT, explain

TOO_LONG = timedelta(minutes=15)


@dataclass(frozen=True)
class Trouble:
    """No account to send over, or why it has stopped; how many wait too long, and why."""

    no_account: bool
    stopped: str
    late: int
    why_late: str


def trouble(*, now: datetime) -> Trouble | None:
    """What somebody should look after, in two queries. Advertising waits for its hours, which is no trouble."""
    chosen = _chosen()
    is_late = Q(created_at__lt=now - TOO_LONG) & ~Q(message_class=ADVERTISING)
    waiting = OutboxMessage.objects.filter(status__in=WAITING).aggregate(
        late=Count("pk", filter=is_late),
        why=Max("error_text", filter=is_late),
        unpaid=Count("pk", filter=Q(error_code=NO_CREDIT)),
    )
    code = chosen.stopped_code or (NO_CREDIT if waiting["unpaid"] else "")
    no_account, stopped = not _leads_anywhere(account_of(chosen)), explain(code) if code else ""
    if not no_account and not stopped and not waiting["late"]:
        return None
    return Trouble(no_account, stopped, waiting["late"], waiting["why"] or "")


def can_send_now() -> bool:
    """Whether a code or link asked for now would be handed to a provider, so far as we know; one query.

    The same for every phone, so it may be said to anybody.
    """
    chosen = account_of(_chosen())
    return _leads_anywhere(chosen) and not chosen.stopped_code


def _chosen() -> SmsSettings:
    return SmsSettings.objects.first() or SmsSettings()


def _leads_anywhere(chosen: Account) -> bool:
    """A log is good enough where it is read by who waits for a code: on the machine of a developer."""
    is_log = chosen.gateway_name == SmsSettings.Gateway.CONSOLE
    return chosen.can_send or (is_log and bool(settings.SMS_LOG_IS_READ))
