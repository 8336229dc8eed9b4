"""What the till shows: the member, the sums, the last purchases. Values come ready; templates only place them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.branches import Branches, own_branches, reaches
from accounts.rights import actor_of
from club.catalogue.models import Branch, Product
from club.gift_cards.selectors import gift_cards, state_of
from club.ledger.selectors import Balances, Ending, balances, next_ending, not_yet_usable
from club.members.models import Member, Segment
from club.members.selectors import badges_of, get_member, member_by_phone
from club.programme.selectors import programme_at
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder
from club.purchases.receipts import Receipt
from club.purchases.selectors import recent_purchases
from club.rewards.nearest import nearest_reward
from club.tiers.models import Tier
from core.language import in_language

UNDO_WITHIN = timedelta(minutes=15)
RECENT = 5


@dataclass(frozen=True)
class Card:
    """The member as the till shows one."""

    member: Member | None
    balances: Balances
    tier: str
    new_phone: str = ""
    is_nobody: bool = False
    waiting: tuple[Ending, ...] = ()
    """What cannot be spent yet, each with the moment from which it can (`expires_at`)."""
    ends: tuple[Ending, ...] = ()
    """Of points and of credit what ends first."""
    badges: tuple[Segment, ...] = ()


@dataclass(frozen=True)
class Recent:
    """A purchase in the list of the last ones."""

    purchase: Purchase
    can_undo: bool
    is_own: bool = False
    """Recorded by who looks: the keyboard takes back no other's."""


def tier_names() -> dict[str, Tier]:
    """Return the club's tiers by code."""
    return {tier.code: tier for tier in Tier.objects.all()}


def card_of(*, member_id: int | None, phone: str | None, is_nobody: bool, now: datetime) -> Card | None:
    """Return the card to show, None while nobody is chosen. Raises NotFound for an unknown id."""
    if is_nobody:
        return Card(None, Balances(), "", is_nobody=True)
    member = get_member(member_id) if member_id else member_by_phone(phone) if phone else None
    if member is None:
        return Card(None, Balances(), "", new_phone=phone) if phone else None
    tier = tier_names().get(member.tier_code) if member.tier_code else None
    has = balances(member.pk, now)
    is_all_usable = (has.usable_points, has.usable_credit) == (has.points, has.credit)
    waiting = () if is_all_usable else tuple(not_yet_usable(member.pk, now))
    ends = tuple(next_ending(member.pk, now).values()) if has.points or has.credit else ()
    badges = tuple(badges_of(member.pk))
    return Card(member, has, tier.name if tier else "", waiting=waiting, ends=ends, badges=badges)


def chosen(member_id: int | None, now: datetime) -> Card | None:
    """Return the card of whom a link to the till names. Raises NotFound for an unknown id."""
    return card_of(member_id=member_id, phone=None, is_nobody=False, now=now) if member_id else None


def typed_for(card: Card | None) -> dict[str, Any]:
    """Return what stands in the member's fields when the member was chosen before the page came."""
    if card is None or card.member is None:
        return {}
    return {"member": card.member.pk, "who": in_language(card.member.phone or card.member.card or "")}


def outlook(receipt: Receipt) -> dict[str, Any]:
    """Return what the purchase means for the member's tier, a new one or how far the next is, and the next reward."""
    nearest = nearest_reward(receipt.usable_points) if receipt.member else None
    if not receipt.tier_changed and not receipt.next_tier:
        return {"reward": nearest} if nearest else {}
    tiers = tier_names()
    following = receipt.next_tier or {}
    return {
        "reached": tiers.get(receipt.tier or "") if receipt.tier_changed else None,
        "next": tiers.get(following.get("code", "")),
        "missing": following.get("missing", 0),
        "reward": nearest,
    }


@dataclass(frozen=True)
class GiftPaid:
    """What is on the gift card, what of it the purchase takes, and what stays."""

    has: int
    paid: int

    @property
    def left(self) -> int:
        """What stays on the card."""
        return self.has - self.paid


def gift_card_paid(order: PurchaseOrder, receipt: Receipt, now: datetime) -> GiftPaid | None:
    """Return what the gift card of the order pays; None without one, or with one that was refused."""
    code = order.pay_with.gift_card
    card = gift_cards(code=code).first() if code else None
    if card is None or state_of(card, now) != "active":
        return None
    return GiftPaid(card.wallet.balance, receipt.paid_by_gift_card)


def bill_lines(order: PurchaseOrder, receipt: Receipt) -> list[dict[str, Any]]:
    """Return the goods with their names and sums, where they were typed one by one."""
    codes = [line.product for line in order.lines if line.product]
    names = dict(Product.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}
    pairs = zip(order.lines, receipt.lines, strict=True) if order.lines else ()
    return [{**line, "name": asked.name or names.get(asked.product or "", "")} for asked, line in pairs]


def recent(user: Any, now: datetime, own: Branches) -> list[Recent]:
    """Return the last purchases of these branches: whether one press still takes each back, and whose F9 it is."""
    rows, actor = recent_purchases(at=own, limit=RECENT), actor_of(user)
    return [Recent(row, can_undo(row, now, own), is_own=row.actor == actor) for row in rows]


def refundable_at(user: Any) -> Branches:
    """Return the branches whose purchases the person may take back; None for all."""
    return own_branches(user, "refund_purchase")


def can_undo(purchase: Purchase, now: datetime, own: Branches) -> bool:
    """Say whether one press still takes the purchase back: recorded here just now, nothing refunded yet."""
    untouched = purchase.refunded == 0 and not purchase.fully_refunded and not purchase.imported
    return untouched and now - purchase.created_at <= UNDO_WITHIN and reaches(own, purchase.branch_id)


def limit_of(user: Any) -> frozenset[str] | None:
    """Return the codes of the only branches at which the person may record, those that are open; None for no limit."""
    own = own_branches(user, "record_purchase")
    if own is None:
        return None
    return frozenset(Branch.objects.filter(pk__in=own, is_active=True).values_list("code", flat=True))


def till_context(user: Any, now: datetime) -> dict[str, Any]:
    """Return what the page needs beside its form: of the branches those at which the person may record."""
    own = own_branches(user, "record_purchase")
    branches = [row for row in Branch.objects.filter(is_active=True).order_by("name") if own is None or row.pk in own]
    programme = programme_at(now)
    return {
        "recent": recent(user, now, own),
        "branches": branches,
        "is_limited": own is not None,
        "can_pay_by_points": programme.points_spendable and programme.point_worth > 0,
    }


def order_card(order: PurchaseOrder, now: datetime) -> Card | None:
    """Return the card of whom an order is about."""
    return card_of(member_id=order.member_id, phone=order.member_phone, is_nobody=not order.of_member, now=now)
