"""What the SMS of a purchase and of its refund are told: whole numbers as they are, and of what to keep silent."""

from __future__ import annotations

from typing import Any

from club.members.models import Member
from club.members.reaching import in_language_of
from club.purchases.awarded import free_goods
from club.purchases.facts import MemberFacts
from club.purchases.receipts import Receipt, RefundReceipt
from club.rewards.nearest import nearest_reward
from club.tiers.ladder import Step
from sms import outbox


def tell_purchase(
    member: MemberFacts | None,
    receipt: Receipt,
    *,
    held: Step | None,
    above: Step | None,
    document: str,
    left_on_card: int = 0,
) -> None:
    """Put the SMS of a recorded purchase in the outbox, where there is a phone to send it to."""
    if member is None or not member.phone:
        return
    moved = {
        "points": receipt.points_earned + receipt.paid_by_points,
        "credit": receipt.credit_earned + receipt.paid_by_credit,
    }
    gains = {"points": receipt.points_earned, "credit": receipt.credit_earned}
    # Where an offer is named the way to the next tier is not: a part more is a price more.
    value = _value(gains, moved, receipt.balances)
    outbox.enqueue(
        "purchase_receipt",
        phone=member.phone,
        member_id=member.id,
        document=document,
        context={
            "name": member.first_name,
            "amount": receipt.net,
            "payable": receipt.payable,
            "number": receipt.number,
            "gift_card": receipt.paid_by_gift_card or None,
            "gift_card_left": left_on_card or None,
            **_offers(receipt),
            "tier": held.name if held else "",
            "tier_changed": receipt.tier_changed,
            "next_tier": above.name if above else "",
            "next_tier_missing": receipt.next_tier["missing"] if receipt.next_tier else 0,
            "next_tier_metric": above.metric if above else "",
            **_next_reward(receipt),
            **value,
            "unsaid": [*value["unsaid"], *(["next_tier_missing"] if receipt.awards else [])],
            **in_language_of(member),
        },
    )


def _next_reward(receipt: Receipt) -> dict[str, Any]:
    """The way to the next reward, where neither an offer nor the way to the next tier takes its place."""
    if receipt.awards or receipt.next_tier:
        return {}
    nearest = nearest_reward(receipt.usable_points)
    return {"next_reward": nearest.name, "next_reward_missing": nearest.missing} if nearest else {}


def tell_refund(member: Member | None, receipt: RefundReceipt, *, number: int, net: int, document: str) -> None:
    """Put the SMS of a refund in the outbox: what was taken back, what was given back, what is left."""
    if member is None or not member.phone:
        return
    taken = {"points": receipt.points_taken_back, "credit": receipt.credit_taken_back}
    returned = {"points_returned": receipt.points_returned, "credit_returned": receipt.credit_returned}
    moved = {unit: taken[unit] + returned[f"{unit}_returned"] for unit in taken}
    outbox.enqueue(
        "purchase_refunded",
        phone=member.phone,
        member_id=member.pk,
        document=document,
        context={
            "name": member.first_name,
            "number": number,
            "amount": net,
            "refunded": receipt.refunded,
            "gift_card": receipt.gift_card_returned or None,
            **_value(taken | returned, moved, receipt.balances or {}),
            **in_language_of(member),
        },
    )


def _offers(receipt: Receipt) -> dict[str, Any]:
    """The names of what gave something, and the goods given away."""
    return {"offers": [award["name"] for award in receipt.awards], "free_items": free_goods(receipt.awards)}


def _value(amounts: dict[str, int], moved: dict[str, int], balances: dict[str, int]) -> dict[str, Any]:
    """Amounts and balances; of nothing gained, and of a unit that is empty and was not touched, parts keep silent."""
    untouched = [f"{unit}_balance" for unit in moved if not moved[unit] and not balances.get(unit)]
    return {
        **amounts,
        **{f"{unit}_balance": balances.get(unit, 0) for unit in moved},
        "unsaid": [*(name for name, amount in amounts.items() if not amount), *untouched],
    }
