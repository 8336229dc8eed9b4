"""Rewards as tests make and take them, in one line each."""

import itertools
from datetime import datetime
from typing import Any

from django.db import transaction

from club.awards.naming import known_codes
from club.awards.redeeming import RedeemOrder, RedemptionReceipt, cancel_redemption, redeem, use_redemption
from club.ledger.adjustments import Adjustment, adjust_value
from club.members.models import Member
from club.rewards.models import Reward
from club.rewards.services import create_reward
from tests.shop import NOON

DRINK = {"kind": "free_item", "product": "latte", "quantity": 1}
_numbers = itertools.count(1)


def reward(code: str = "drink", points: int = 100, benefit: dict[str, Any] | None = None, **more: Any) -> Reward:
    """A reward of the club; without a benefit a thing handed over the counter."""
    values = {"code": code, "name": "نوشیدنی رایگان", "points": points, "benefit": benefit, **more}
    return create_reward(values, known=known_codes(), actor="user:1", now=NOON)


def with_points(member: Member, points: int, **more: Any) -> Member:
    """The member with so many points more."""
    gift = Adjustment(member.pk, "points", points, "هدیه", quiet=True, **more)
    adjust_value(gift, actor="user:1", key=f"gift-{next(_numbers)}", now=NOON)
    return member


def takes(member: Member, code: str = "drink", *, now: datetime = NOON, **more: Any) -> RedemptionReceipt:
    """The member takes the reward of this code."""
    order = RedeemOrder(member.pk, code, **more)
    return redeem(order, actor=f"member:{member.pk}", key=f"take-{next(_numbers)}", now=now)


def cancels(redemption: int, *, now: datetime = NOON, **more: Any) -> RedemptionReceipt:
    with transaction.atomic():
        return cancel_redemption(redemption, actor="user:1", now=now, **more)


def uses(redemption: int, *, now: datetime = NOON) -> RedemptionReceipt:
    with transaction.atomic():
        return use_redemption(redemption, actor="user:1", now=now)
