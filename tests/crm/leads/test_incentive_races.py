"""Somebody buys at the moment in which the lead is found qualified: no code for a first purchase comes after it."""

from collections.abc import Callable
from threading import Event

import pytest
from django.db import transaction

from club.members.models import Member
from core.models import Club
from crm.leads import incentives
from crm.leads.models import LeadSettings
from crm.leads.services import move_lead
from offers.models import Coupon
from tests.crm.leads.acts import lead
from tests.offering import publish
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads, until_somebody_waits_for_a_lock


def qualified_while_buying(club: Club, until: Callable[[Event], object]) -> int:
    """How many codes there are; the purchase is committed after `until` the other has come so far."""
    member = Shop(club).member()
    offer = publish("مشوق", {"kind": "discount_percent", "percent": 20}, code_required=True)
    LeadSettings.objects.create(incentive=offer)
    one, bought, qualified = lead(member.phone), Event(), Event()

    def buys() -> None:
        with transaction.atomic():
            Member.objects.filter(pk=member.pk).update(first_purchase_at=NOON)
            bought.set()
            until(qualified)

    def qualifies() -> None:
        bought.wait(SECONDS)
        move_lead(one.pk, "qualified", actor="user:1", now=NOON)
        qualified.set()

    in_threads(club, [buys, qualifies])
    return Coupon.objects.count()


def test_who_buys_meanwhile_gets_no_code(committed_club: Club) -> None:
    assert qualified_while_buying(committed_club, lambda _qualified: until_somebody_waits_for_a_lock()) == 0


def test_twin_without_the_lock_a_code_comes_after_the_purchase(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incentives, "_who_has_not_bought", lambda pk: Member.objects.filter(pk=pk).first())

    assert qualified_while_buying(committed_club, lambda qualified: qualified.wait(SECONDS)) == 1
