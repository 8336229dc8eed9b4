"""The gift cards of a demo club: one sold and half spent, one that was lost, and ten given away."""

from datetime import datetime, timedelta

from club.gift_cards.changing import block_card
from club.gift_cards.models import GiftCard
from club.gift_cards.services import CardIssue, CardSale, issue_cards, sell_card
from club.members.models import Member
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.services import record_purchase

SOLD, SPENT, ISSUED = 10_000_000, 4_500_000, 2_000_000


def make_gift_cards(member: Member, *, actor: str, now: datetime) -> None:
    """The cards, for this member among others; what is there already is left as it is."""
    if GiftCard.objects.exists():
        return
    ends_at = now + timedelta(days=180)
    given = CardSale(amount=SOLD, payment_method="card", phone=member.phone or "", ends_at=ends_at, quiet=True)
    card = sell_card(given, actor=actor, key="demo-gift-card", now=now)
    paid = PayWith(gift_card=card.code)
    spent = PurchaseOrder(member_id=member.pk, amount=SPENT, pay_with=paid, external_id="GIFT-1", quiet=True)
    record_purchase(spent, actor=actor, key="demo-gift-card-spent", now=now)
    lost = sell_card(CardSale(amount=SOLD // 2, payment_method="cash"), actor=actor, key="demo-gift-card-lost", now=now)
    block_card(lost.pk, actor=actor)
    issue_cards(CardIssue(amount=ISSUED, count=10, reason="هدیهٔ یلدا", ends_at=ends_at), actor=actor, now=now)
