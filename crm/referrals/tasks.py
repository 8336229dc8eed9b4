"""Rewards that were held for some days, given when these are over."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.errors import InProgress
from core.tenancy.scope import cross_club
from crm.referrals.models import ReferralReward
from crm.referrals.paying import held_book, pay


def pay_referrals(*, now: datetime) -> str:
    """Give what has become due by now, each in a transaction of its own; who is in the middle of a merge waits."""
    due = ReferralReward.objects.filter(state=ReferralReward.State.WAITING, due_at__lte=now)
    paid = sum(_pay_one(reward, now) for reward in due.select_related("referral").order_by("due_at", "pk"))
    return f"{paid} paid"


def clubs_with_due_rewards() -> set[int]:
    """The clubs in which a reward is due."""
    with cross_club("which clubs have rewards of referrals to pay"):
        due = ReferralReward.objects.filter(state=ReferralReward.State.WAITING, due_at__lte=timezone.now())
        return set(due.values_list("club_id", flat=True))


def _pay_one(reward: ReferralReward, now: datetime) -> bool:
    try:
        with transaction.atomic():
            book = held_book(reward.referral.referrer_id)
            is_paid = pay(reward, book, at=now)
            book.write(actor="system")
            return is_paid
    except InProgress:
        return False
