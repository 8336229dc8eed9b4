"""What happens to members, read for their segments."""

from club.members.segments import follow_merge, forget_members
from club.members.selectors import records_of
from core.events import consumer
from core.models import DomainEvent


@consumer("segments.merged", kinds=["member.merged"])
def merged(event: DomainEvent) -> None:
    """The lists that the one record was on are the other's."""
    follow_merge(int(event.document.partition(":")[2]), event.member_id or 0, at=event.occurred_at)


@consumer("segments.erased", kinds=["member.erased"])
def erased(event: DomainEvent) -> None:
    """Nobody who was erased is in a segment."""
    forget_members(records_of(event.member_id or 0), at=event.occurred_at)
