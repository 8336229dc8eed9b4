"""Whoever changes a member's purchases and wallets together locks them as a refund does: purchases first."""

from collections.abc import Callable, Collection
from typing import TypeVar

from django.db import transaction

from club.purchases.models import Purchase

T = TypeVar("T")


def hold_purchases(member_ids: Collection[int], lock_wallets: Callable[[], T]) -> T:
    """Lock the purchases of these members, then their wallets; what `lock_wallets` answers.

    Until the wallets are had another purchase may come in, which a refund may hold while it waits for them: then all
    is let go and begun anew. Inside a transaction of the caller, who holds neither yet.
    """
    rows = Purchase.objects.filter(member__in=member_ids).order_by("pk").values_list("pk", flat=True)
    while True:
        before = transaction.savepoint()
        held = set(rows.select_for_update())
        answer = lock_wallets()
        if held.issuperset(rows.all()):
            return answer
        transaction.savepoint_rollback(before)
