"""What happens to who was brought, read in its order: one reader, so that joining comes before buying."""

from club.members.joining import take_device
from club.members.models import Member
from club.members.selectors import records_of
from club.programme.selectors import programme_at
from club.purchases.models import Purchase
from core.events import consumer
from core.models import DomainEvent
from crm.referrals.handing_over import forget, hand_over
from crm.referrals.links import note_device
from crm.referrals.models import ReferralReward
from crm.referrals.paying import held_book, person_of, take_back
from crm.referrals.rules import kept
from crm.referrals.services import base_now, note_purchase, note_referral, note_return

READ = (
    "member.enrolled", "member.referred", "purchase.recorded", "purchase.refunded", "member.merged", "member.erased",
)  # fmt: skip


@consumer("referrals", kinds=READ)
def happened(event: DomainEvent) -> None:
    """Note, reward, take back, hand over, forget: each once by its document."""
    match event.kind:
        case "member.enrolled":
            _joined(event)
        case "member.referred":
            friend = _friend(event)
            note_referral(friend, at=friend.enrolled_at)
        case "purchase.recorded":
            _bought(event)
        case "purchase.refunded":
            _came_back(event)
        case "member.merged":
            hand_over(int(event.document.partition(":")[2]), event.member_id or 0)
        case "member.erased":
            forget(records_of(event.member_id or 0))


def _joined(event: DomainEvent) -> None:
    """Who waited to be let in asked with a browser, which is told before who brought them."""
    if event.data.get("imported"):
        return
    if device := take_device(event.member_id or 0):
        note_device(_friend(event).pk, device)


def _bought(event: DomainEvent) -> None:
    """What was brought in from elsewhere rewards nobody."""
    friend = _friend(event)
    if friend.referred_by_id is None or event.data.get("imported"):
        return
    purchase = Purchase.objects.get(pk=_number(event))
    note_purchase(friend, purchase, is_first=bool(event.data.get("first_standing")), noted_at=event.created_at)


def _came_back(event: DomainEvent) -> None:
    purchase = Purchase.objects.get(pk=event.data["purchase"])
    if event.data["fully"] and purchase.member_id is not None:
        note_return(person_of(purchase.member_id), purchase, at=event.occurred_at)
    reward = ReferralReward.objects.filter(purchase=purchase).select_related("referral").first()
    if reward is None:
        return
    book = held_book(reward.referral.referrer_id)
    reward = ReferralReward.objects.select_for_update().get(pk=reward.pk)
    base, left = base_now(reward.purchase)
    step = programme_at(reward.purchase.occurred_at).rounding_step
    stays = kept(reward.amount, base=base, left=left, step=step)
    document = f"referral_refund:{_number(event)}"
    take_back(reward, reward.amount - stays, book, document=document, at=event.occurred_at)
    book.write(actor="system")


def _friend(event: DomainEvent) -> Member:
    return person_of(event.member_id or 0)


def _number(event: DomainEvent) -> int:
    return int(event.document.partition(":")[2])
