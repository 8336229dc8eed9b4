"""A refund as it was reckoned, and what is written of it: its row, the purchase, the member's figures and tier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Subquery
from django.db.models.functions import Now

from club.gift_cards.spending import tell_given_back
from club.members.models import Member
from club.purchases.missions import Undone
from club.purchases.models import Purchase, PurchaseLine, Refund
from club.purchases.shares import LineShare
from club.tiers.changing import Change, note_changes
from club.tiers.falling import tier_without
from club.tiers.ladder import Step, without
from core import audit, events


@dataclass
class Undoing:
    """A refund reckoned but not written. What is given and taken is by unit: points, credit, and a card's money."""

    purchase: Purchase
    shares: list[LineShare]
    net: int
    fully: bool
    money: int
    given: dict[str, int]
    taken: dict[str, int]
    shortfall: dict[str, int]

    @property
    def undone(self) -> Undone:
        """The same as missions ask it."""
        return Undone(self.purchase.pk, self.shares, self.taken["points"] + self.shortfall["points"], self.fully)


def next_refund_id() -> int:
    """The number that the refund will have; its document is named by it before it is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('purchases_refund', 'id'))")
        return int(cursor.fetchone()[0])


def write_refund(undoing: Undoing, refund_id: int, *, reason: str, actor: str, at: datetime) -> None:
    """The refund as a row, what of the purchase is undone, the event and the audit."""
    purchase, document = undoing.purchase, f"refund:{refund_id}"
    Refund.objects.create(
        id=refund_id,
        purchase=purchase,
        net=undoing.net,
        refunded=undoing.money,
        points_taken_back=undoing.taken["points"],
        credit_taken_back=undoing.taken["credit"],
        points_returned=undoing.given["points"],
        credit_returned=undoing.given["credit"],
        gift_card_returned=undoing.given["gift"],
        points_shortfall=undoing.shortfall["points"],
        credit_shortfall=undoing.shortfall["credit"],
        lines=[vars(share) for share in undoing.shares],
        reason=reason,
        actor=actor,
        occurred_at=at,
    )
    Purchase.objects.filter(pk=purchase.pk).update(
        refunded=F("refunded") + undoing.net, fully_refunded=undoing.fully, updated_at=Now()
    )
    for share in undoing.shares:
        PurchaseLine.objects.filter(purchase=purchase, index=share.index).update(
            refunded_quantity=F("refunded_quantity") + share.quantity, refunded_net=F("refunded_net") + share.net
        )
    events.emit(
        "purchase.refunded",
        document=document,
        member_id=purchase.member_id,
        occurred_at=at,
        data={"purchase": purchase.pk, "net": undoing.net, "fully": undoing.fully},
    )
    if purchase.gift_card_id and undoing.given["gift"]:
        tell_given_back(
            purchase.gift_card_id,
            amount=undoing.given["gift"],
            refund=document,
            member_id=purchase.member_id,
            at=at,
        )
    audit.record(
        "purchase.refund",
        actor=actor,
        target=purchase.document,
        before={},
        after={"net": undoing.net, "reason": reason},
    )


def tier_after(undoing: Undoing, member: Member, before: Sequence[Step], at: datetime) -> tuple[str, Sequence[Step]]:
    """The tier that is left, and the figures that reach it."""
    lost = {"spent": undoing.net, "visits": int(undoing.fully), "points": undoing.taken["points"]}
    document, age = undoing.purchase.document, at - undoing.purchase.occurred_at
    tier = tier_without(member, before, lost, age=age, document=document, gone=(document,) if undoing.fully else ())
    return tier, without(before, lost, age=age)


def move_member(undoing: Undoing, member: Member | None, tier: str, document: str, at: datetime) -> None:
    """The member's figures and tier, as they are after the refund."""
    if member is None:
        return
    Member.objects.filter(pk=member.pk).update(
        visits=F("visits") - int(undoing.fully),
        spent_rial=F("spent_rial") - undoing.net,
        tier_code=tier,
        updated_at=Now(),
        **(_first_and_last(member.pk) if undoing.fully else {}),
    )
    if tier != member.tier_code:
        note_changes([Change(member.pk, member.tier_code, tier, document, at)])


def _first_and_last(member_id: int) -> dict[str, Subquery]:
    """The moments of the member's first and last purchase of which something is left, None without one."""
    kept = Purchase.objects.filter(member=member_id, fully_refunded=False).values("occurred_at")
    return {
        "first_purchase_at": Subquery(kept.order_by("occurred_at", "id")[:1]),
        "last_purchase_at": Subquery(kept.order_by("-occurred_at", "-id")[:1]),
    }
