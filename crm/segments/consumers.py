"""What happens to members, read for their segments."""

from club.members.models import Member
from club.members.segments import ENTERED, LEFT, follow_merge, forget_members
from club.members.selectors import records_of
from core.events import consumer
from core.models import DomainEvent
from crm.occasions.answering import Call, Happening, answer
from crm.segments.recounting import recount_member
from offers.live import current_live_offers
from offers.vocabulary import SEGMENT_ENTERED, SEGMENT_LEFT

AFTER = ("purchase.recorded", "purchase.refunded", "member.enrolled", "tier.changed")


@consumer("segments.members", kinds=AFTER)
def changed(event: DomainEvent) -> None:
    """Who bought, joined or rose may fit other rules now; of who was merged since, the other record is seen to."""
    member_id = event.member_id or 0
    if event.data.get("imported") or Member.objects.filter(pk=member_id, merged_into__isnull=False).exists():
        return
    recount_member(member_id, at=event.occurred_at, tell=not event.document.startswith("merge:"))


@consumer("segments.merged", kinds=["member.merged"])
def merged(event: DomainEvent) -> None:
    """The lists that the one record was on are the other's; which rules fit is seen anew, and nobody came or went."""
    into = event.member_id or 0
    follow_merge(int(event.document.partition(":")[2]), into, at=event.occurred_at)
    recount_member(into, at=event.occurred_at, tell=False)


@consumer("segments.erased", kinds=["member.erased"])
def erased(event: DomainEvent) -> None:
    """Nobody who was erased is in a segment."""
    forget_members(records_of(event.member_id or 0), at=event.occurred_at)


@consumer("segments.offers", kinds=[ENTERED, LEFT])
def moved(event: DomainEvent) -> None:
    """Offers on who enters or leaves a segment answer, once to each time; an older offer alone."""
    trigger = SEGMENT_ENTERED if event.kind == ENTERED else SEGMENT_LEFT
    live = current_live_offers().at(event.occurred_at, told=event.created_at)
    if event.member_id is None or not any(one.terms.trigger == trigger for one in live.by_id.values()):
        return
    happening = Happening(event.member_id, f"{trigger}:{event.pk}", event.data, segment=event.data["code"])
    answer(Call(trigger, event.occurred_at, "system", live), [happening])
