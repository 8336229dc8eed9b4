"""What happened in other packages, read as occasions; and members that were merged or erased."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy

from club.members.models import Member
from club.members.selectors import records_of
from club.programme.selectors import programme_at
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.replaying import reckoning_of
from club.purchases.retelling import situation_then
from club.tiers.models import Tier
from core.events import consumer
from core.models import DomainEvent
from crm.occasions.answering import Call, Happening, answer
from crm.occasions.approved import give_missed, missed_by
from crm.occasions.models import Greeting, Occasion, Turn
from crm.occasions.telling import tell_risen
from crm.occasions.undoing import undo_occasions
from offers.live import current_live_offers
from sms.selectors import sayable

LATE = timedelta(days=2)
SIMPLE = {
    "referral.converted": "referral_converted",
    "lead.converted": "lead_converted",
    "survey.answered": "survey_answered",
    "ticket.closed": "ticket_closed",
}
NO_PROPERTIES = ("imported", "served")
RETURNED = "referral.returned"
CAME_BACK = gettext_lazy("نخستین خرید دوست برگشت خورد")
RETURNED_SALE = gettext_lazy("خریدش برگشت خورد")


@consumer("occasions.enrolment", kinds=["member.enrolled"])
def joined(event: DomainEvent) -> None:
    """Somebody became a member. Who was brought in from a list is none that joined now."""
    if not event.data.get("imported"):
        _answer(event, "enrolment", "enrolment", member_id=event.member_id)


@consumer("occasions.tiers", kinds=["tier.changed"])
def moved(event: DomainEvent) -> None:
    """A member rose to a tier; sinking, and what was imported, is no occasion."""
    ranks = dict(Tier.objects.values_list("code", "rank"))
    reached = event.data.get("to", "")
    rose = ranks.get(reached, -1) > ranks.get(event.data.get("from", ""), -1)
    if rose and not event.data.get("imported"):
        _answer(event, "tier_reached", f"tier_reached:{event.pk}", member_id=event.member_id, tier=reached)


@consumer("occasions.risen", kinds=["tier.changed"])
def risen(event: DomainEvent) -> None:
    """Tell who rose to a tier, once, unless the receipt of the purchase said so; of what is long past nobody hears."""
    tiers = {tier.code: tier for tier in Tier.objects.all()}
    before, reached = tiers.get(event.data.get("from", "")), tiers.get(event.data.get("to", ""))
    rose = reached is not None and reached.rank > (before.rank if before else -1)
    if reached is None or not rose or event.data.get("imported") or _is_past(event):
        return
    if event.document.startswith("purchase:") and "new_tier" in sayable("purchase_receipt").get("purchase_receipt", ()):
        return
    tell_risen(_owner(event.member_id) or 0, reached.name, key=f"tier_up:{event.pk}", now=timezone.now())


def _is_past(event: DomainEvent) -> bool:
    """Told late, or read late, as by a reader that is new."""
    return event.created_at - event.occurred_at > LATE or timezone.now() - event.created_at > LATE


@consumer("occasions.others", kinds=[*SIMPLE, RETURNED])
def happened(event: DomainEvent) -> None:
    """A referral or a lead turned out well, a survey was answered, a ticket closed: once by its document.

    The event's member is who the offers are for. `referral.converted` says in `purchase` the friend's first one; where
    that has come back whole, what was given for it is taken back.
    """
    if event.kind == RETURNED:
        key = f"referral_converted:{event.document}"
        undo_occasions(_owner(event.member_id) or 0, key, reason=str(CAME_BACK), now=event.occurred_at)
        return
    if not event.data.get("served", True):
        return  # a ticket that its member opened and closed alone
    trigger = SIMPLE[event.kind]
    member_id, key = _owner(event.member_id), f"{trigger}:{event.document}"
    _answer(event, trigger, key, member_id=member_id, purchase_id=event.data.get("purchase"))


@consumer("occasions.approved", kinds=["referral.approved", "purchase.refunded"])
def approved(event: DomainEvent) -> None:
    """A doubtful referral was approved: the friend is given what purchases would have brought meanwhile.

    What comes back whole takes that along.
    """
    owner = _owner(event.member_id)
    if owner and event.kind == "referral.approved":
        give_missed(event, owner)
    elif owner and event.data["fully"]:
        key = missed_by(event.data["purchase"])
        undo_occasions(owner, key, reason=str(RETURNED_SALE), now=event.occurred_at)


def _owner(member_id: int | None) -> int | None:
    """Who has taken the record over since, or itself."""
    rows = Member.objects.filter(pk=member_id or 0, merged_into__isnull=False)
    return rows.values_list("merged_into_id", flat=True).first() or member_id


@consumer("occasions.merged", kinds=["member.merged"])
def merged(event: DomainEvent) -> None:
    """What the one record had is the other's; where both had a turn in the same, one is enough."""
    source, into = int(event.document.partition(":")[2]), event.member_id
    Occasion.objects.filter(member=source).update(member=into)
    same = Turn.objects.filter(member=into, key=OuterRef("key"), offer=OuterRef("offer"))
    Turn.objects.filter(~Exists(same), member=source).update(member=into)
    told = Greeting.objects.filter(member=into, key=OuterRef("key"))
    Greeting.objects.filter(~Exists(told), member=source).update(member=into)


@consumer("occasions.erased", kinds=["member.erased"])
def erased(event: DomainEvent) -> None:
    """What says who it was goes; what was given stays."""
    rows = Occasion.objects.filter(member__in=records_of(event.member_id or 0))
    rows.update(facts={}, properties={}, considered=[], note="")


def _answer(
    event: DomainEvent,
    trigger: str,
    key: str,
    *,
    member_id: int | None,
    tier: str | None = None,
    purchase_id: int | None = None,
) -> None:
    """Offers that were made after it was noted do not answer to it."""
    live = current_live_offers().at(event.occurred_at, told=event.created_at)
    if member_id is None or not any(one.terms.trigger == trigger for one in live.by_id.values()):
        return
    with_it = _with_purchase(purchase_id) if purchase_id else {}
    happening = Happening(member_id, key, properties=_told(event), tier=tier, **with_it)
    answer(Call(trigger, event.occurred_at, "system", live), [happening])


def _told(event: DomainEvent) -> dict[str, Any]:
    return {name: value for name, value in event.data.items() if name not in NO_PROPERTIES}


def _with_purchase(purchase_id: int) -> dict[str, Any]:
    row = Purchase.objects.select_related("branch").filter(pk=purchase_id).first()
    if row is None:
        return {}
    lines = list(PurchaseLine.objects.filter(purchase=row))
    return {
        "basket": situation_then(row, lines).basket,
        "reckon": reckoning_of(row, lines, programme_at(row.occurred_at)),
    }
