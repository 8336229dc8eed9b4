"""Sixteen tills at once on what an offer shares among all: exactly the limit, and what happens without the guard."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from club.awards.models import Award
from club.members.models import Member
from club.purchases import reckoning, services
from club.purchases.orders import PurchaseOrder
from club.purchases.proof import verify_value
from offers import counters
from offers.models import Coupon, Offer, OfferCounter
from tests.offering import publish
from tests.shop import NOON, Shop
from tests.threads import AT_ONCE, SECONDS, in_threads

TEN_PERCENT = {"kind": "discount_percent", "percent": 10}
UNGUARDED = counters.COUNT.split("\nWHERE c.used")[0] + "\nRETURNING offer_id, period"


@pytest.fixture
def all_have_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody takes anything before all sixteen have read what was left: the worst moment there is."""
    ready, first = threading.Barrier(AT_ONCE, timeout=SECONDS), threading.local()
    reserve = services.reserve

    def together(*args: Any, **more: Any) -> dict[int, str]:
        if not hasattr(first, "passed"):
            first.passed = True
            ready.wait()
        return reserve(*args, **more)

    monkeypatch.setattr(services, "reserve", together)


def sixteen_purchases(shop: Shop, members: list[Member], **more: Any) -> Counter[str]:
    """How they ended: what was taken off, or the error."""
    acts: list[Callable[[], Any]] = []
    for number, member in enumerate(members):
        order = PurchaseOrder(member_id=member.pk, amount=1_000_000, **more)
        key = f"{member.pk}-{number}"
        acts.append(lambda order=order, key=key: services.record_purchase(order, actor="user:1", key=key, now=NOON))
    answers = in_threads(shop.club.pk, acts, keep_errors=True)
    return Counter(
        type(answer).__name__ if isinstance(answer, Exception) else str(answer.discount) for answer in answers
    )


def given(offer: Offer) -> tuple[int, int, int]:
    counter = OfferCounter.objects.get(offer=offer, period="")
    return Award.objects.filter(offer=offer).count(), counter.used, counter.spent


@pytest.mark.usefixtures("all_have_read")
def test_a_limit_in_all_is_given_exactly_so_often(committed_shop: Shop) -> None:
    members = [committed_shop.member() for _ in range(AT_ONCE)]
    offer = publish("پنج نفر نخست", TEN_PERCENT, limits={"total": 5})

    outcome = sixteen_purchases(committed_shop, members)

    assert outcome == {"100000": 5, "0": 11}
    assert given(offer) == (5, 5, 500_000)
    assert verify_value() == []


@pytest.mark.usefixtures("all_have_read")
def test_twin_without_the_condition_the_limit_is_overrun(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    members = [committed_shop.member() for _ in range(AT_ONCE)]
    offer = publish("پنج نفر نخست", TEN_PERCENT, limits={"total": 5})
    monkeypatch.setattr(counters, "COUNT", UNGUARDED)

    sixteen_purchases(committed_shop, members)

    assert given(offer)[0] == AT_ONCE


@pytest.mark.usefixtures("all_have_read")
@pytest.mark.parametrize("name", ["budget", "budget_per_month"])
def test_a_budget_is_never_overspent(committed_shop: Shop, name: str) -> None:
    members = [committed_shop.member() for _ in range(AT_ONCE)]
    offer = publish("بودجه", TEN_PERCENT, limits={name: 450_000})

    outcome = sixteen_purchases(committed_shop, members)

    assert outcome == {"100000": 4, "0": 12}
    assert given(offer) == (4, 4, 400_000)


@pytest.mark.usefixtures("all_have_read")
def test_twin_without_the_condition_the_budget_is_overspent(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [committed_shop.member() for _ in range(AT_ONCE)]
    offer = publish("بودجه", TEN_PERCENT, limits={"budget": 450_000})
    monkeypatch.setattr(counters, "COUNT", UNGUARDED)

    sixteen_purchases(committed_shop, members)

    assert given(offer)[2] == AT_ONCE * 100_000


@pytest.mark.usefixtures("all_have_read")
def test_a_code_for_one_is_used_by_one(committed_shop: Shop) -> None:
    members = [committed_shop.member() for _ in range(AT_ONCE)]
    offer = publish("با کد", TEN_PERCENT, code_required=True)
    coupon = Coupon.objects.create(offer=offer, code="ONCE", uses=1, actor="user:1")

    outcome = sixteen_purchases(committed_shop, members, coupons=("once",))

    coupon.refresh_from_db()
    assert outcome == {"100000": 1, "CouponUsed": 15}
    assert (coupon.used, given(offer)) == (1, (1, 1, 100_000))


@pytest.mark.usefixtures("all_have_read")
def test_twin_without_the_condition_only_the_constraint_is_left(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [committed_shop.member() for _ in range(AT_ONCE)]
    offer = publish("با کد", TEN_PERCENT, code_required=True)
    Coupon.objects.create(offer=offer, code="ONCE", uses=1, actor="user:1")
    monkeypatch.setattr(counters, "USE", counters.USE.replace(" AND (c.uses IS NULL OR c.used < c.uses)", ""))

    outcome = sixteen_purchases(committed_shop, members, coupons=("once",))

    assert outcome == {"100000": 1, IntegrityError.__name__: 15}


def test_a_limit_for_each_member_holds_for_sixteen_tills(committed_shop: Shop) -> None:
    member = committed_shop.member()
    offer = publish("دو بار", TEN_PERCENT, limits={"per_member": 2})

    outcome = sixteen_purchases(committed_shop, [member] * AT_ONCE)

    assert outcome == {"100000": 2, "0": 14}
    assert given(offer) == (2, 2, 200_000)


@pytest.mark.usefixtures("all_have_read")
def test_twin_without_the_lock_of_the_wallets_each_till_gives_it(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed_shop.programme(rial_per_point=None)  # else the wallets' own version would notice
    member = committed_shop.member()
    offer = publish("دو بار", TEN_PERCENT, limits={"per_member": 2})
    lock_book = reckoning.lock_book
    monkeypatch.setattr(reckoning, "lock_book", lambda member_id, **_lock: lock_book(member_id, lock=False))

    sixteen_purchases(committed_shop, [member] * AT_ONCE)

    assert Award.objects.filter(offer=offer).count() > 2
