"""What members told us by SMS, kept as consents."""

from club.members.consent import note_reply
from core.events import consumer
from core.models import DomainEvent


@consumer("members.consent", kinds=["sms.opted_out", "sms.opted_in"])
def keep_reply(event: DomainEvent) -> None:
    """Keep what somebody wrote to our line; a list changed by ourselves or by the operator has no words."""
    words = event.data.get("words", "")
    if words:
        note_reply(event.data["phone"], given=event.kind == "sms.opted_in", words=words, at=event.occurred_at)
