"""Who holds what while a purchase takes from what offers share: nobody waits for another in a ring."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from club.awards.naming import known_codes
from club.ledger.book import lock_book
from club.members.models import Member
from club.purchases import reckoning, services
from club.purchases.models import PurchaseCounter
from club.purchases.orders import PurchaseOrder
from club.tiers.granting import end_grants
from offers import counters
from offers.counters import Take
from offers.models import Offer, OfferCounter
from offers.rules import Limits
from offers.services import update_offer
from tests.offering import publish
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads, until_somebody_waits_for_a_lock

TEN = {"kind": "discount_percent", "percent": 10}
ONE = Limits(total=1)


def test_new_limits_wait_for_a_purchase_and_the_purchase_does_not_wait_for_them(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = committed_shop.member()
    offer = publish("نوروز", TEN, limits={"budget": 10_000_000})
    committed_shop.buys(member, 1_000_000)
    taken, give_things = threading.Event(), services.give_things

    def slowly(*args: Any, **more: Any) -> Any:
        taken.set()
        until_somebody_waits_for_a_lock()
        return give_things(*args, **more)

    def raise_budget() -> Offer:
        assert taken.wait(SECONDS)
        return update_offer(offer.pk, {"limits": {"budget": 20_000_000}}, known=known_codes(), actor="user:1", now=NOON)

    monkeypatch.setattr(services, "give_things", slowly)
    order = PurchaseOrder(member_id=member.pk, amount=1_000_000)
    receipt, changed = in_threads(
        committed_shop.club.pk,
        [lambda: services.record_purchase(order, actor="user:1", key="slow", now=NOON), raise_budget],
    )

    assert (receipt.discount, changed.terms["limits"]) == (100_000, {"budget": 20_000_000})


@pytest.fixture
def older_and_newer(committed_shop: Shop) -> tuple[int, int]:
    """Two offers; of the newer one the only use is gone."""
    member = committed_shop.member()
    older, newer = (publish(name, TEN, limits={"total": 1}) for name in ("کهنه", "نو"))
    gone = [Take(newer.pk, 100, ONE)]
    with transaction.atomic():
        counters.take(gone, member_id=member.pk, document="purchase:0", at=NOON)
    return older.pk, newer.pk


def in_a_ring(shop: Shop, first: list[Take], then: Any, *, other: list[Take]) -> list[Any]:
    """One takes the first and, as soon as another waits for somebody (or is through), does the second thing."""
    held, tried = threading.Event(), threading.Event()

    def one() -> Any:
        with transaction.atomic():
            counters.take(first, member_id=1, document="purchase:1", at=NOON)
            held.set()
            if not tried.wait(0.5):
                until_somebody_waits_for_a_lock()
            return then()

    def another() -> dict[int, str]:
        assert held.wait(SECONDS)
        with transaction.atomic():
            found = counters.take(other, member_id=2, document="purchase:2", at=NOON)
            tried.set()
            return found

    return in_threads(shop.club.pk, [one, another])


def test_who_was_refused_holds_nothing_when_trying_without_that_offer(
    committed_shop: Shop, older_and_newer: tuple[int, int]
) -> None:
    older, newer = (Take(pk, 100, ONE) for pk in older_and_newer)

    def again() -> dict[int, str]:
        return counters.take([older], member_id=1, document="purchase:1", at=NOON)

    answers = in_a_ring(committed_shop, [newer], again, other=[older, newer])

    assert answers == [{}, {newer.offer: "limit_reached"}]


def test_to_note_that_an_offer_stopped_waits_for_nobody(committed_shop: Shop, older_and_newer: tuple[int, int]) -> None:
    older, newer = older_and_newer
    with transaction.atomic():
        counters.take([Take(older, 100)], member_id=1, document="purchase:3", at=NOON)

    def note() -> list[int]:
        return counters.note_stopped([Take(older, 100, ONE)], at=NOON)

    _noted, other = in_a_ring(committed_shop, [Take(newer, 100)], note, other=[Take(older, 100), Take(newer, 100)])

    assert other == {}


def test_why_offers_did_not_apply_is_found_before_anything_that_all_tills_wait_for(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = committed_shop.member()
    publish("بالای ده میلیون", TEN, when={"fact": "amount", "op": "gt", "value": 10_000_000})
    publish("همیشه", TEN)
    committed_shop.buys(member, 1_000_000)
    explain, free = reckoning.considered, []

    def noted(*args: Any, **more: Any) -> Any:
        free.extend(in_threads(committed_shop.club.pk, [number_and_counters_are_free]))
        return explain(*args, **more)

    monkeypatch.setattr(reckoning, "considered", noted)
    committed_shop.buys(member, 1_000_000)

    assert free == [True]


@transaction.atomic
def number_and_counters_are_free() -> bool:
    rows = PurchaseCounter.objects.all(), OfferCounter.objects.all()
    return all(len(some.select_for_update(skip_locked=True)) == some.count() > 0 for some in rows)


def test_who_is_buying_just_now_keeps_nobody_elses_tier_from_ending(committed_shop: Shop) -> None:
    committed_shop.tiers()
    buying, other = committed_shop.member(), committed_shop.member()
    publish("طلایی", {"kind": "tier", "code": "gold", "days": 1}, stacking="always")
    for member in (buying, other):
        committed_shop.buys(member, 1_000_000)

    def end() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '100ms', false)")
        return end_grants(at=NOON + timedelta(days=9))

    with transaction.atomic():
        lock_book(buying.pk)
        ended = in_threads(committed_shop.club.pk, [end])

    tiers = Member.objects.filter(pk__in=(buying.pk, other.pk)).order_by("pk").values_list("tier_code", flat=True)
    assert (ended, list(tiers)) == ([1], ["gold", "bronze"])
