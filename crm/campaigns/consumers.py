"""What happened in the outbox, as campaigns hear it."""

from core.events import consumer
from core.models import DomainEvent
from crm.campaigns.running import stop_for_credit


@consumer("campaigns.credit", kinds=["sms.out_of_credit"])
def out_of_credit(event: DomainEvent) -> None:
    """The provider refused for want of credit: whatever is under way stops, and the staff are told."""
    stop_for_credit(now=event.occurred_at)
