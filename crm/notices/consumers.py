"""Members that were merged are one reader; those that were erased take what was told to them alone along."""

from club.members.selectors import records_of
from core.events import consumer
from core.models import DomainEvent
from crm.notices.services import forget, hand_over


@consumer("notices.merging", kinds=["member.merged"])
def merged(event: DomainEvent) -> None:
    """What the one was told and has read is the other's."""
    if event.member_id:
        hand_over(event.data["source"], event.member_id)


@consumer("notices.erasure", kinds=["member.erased"])
def erased(event: DomainEvent) -> None:
    """Nothing is left of what the person was told."""
    if event.member_id:
        forget(records_of(event.member_id))
