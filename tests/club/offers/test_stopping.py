"""An offer whose budget or limit is used up tells the managers, once."""

from datetime import timedelta

import pytest

from accounts.models import Role, StaffRole, User
from club.awards.naming import known_codes
from club.purchases.refunds import RefundOrder, refund_purchase
from core.models import Club
from offers.counters import month_of
from offers.models import Offer
from offers.selectors import stopped_offers
from offers.services import update_offer
from sms.models import OutboxMessage
from tests.accounts.cast import fresh_phone
from tests.offering import publish
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}


@pytest.fixture
def shop(club: Club) -> Shop:
    return Shop(club)


@pytest.fixture
def manager(club: Club) -> str:
    user = User.objects.create_user(fresh_phone(), "a-long-password")
    StaffRole.objects.create(user=user, role=Role.MANAGER)
    return user.phone


def told(manager: str) -> list[str]:
    rows = OutboxMessage.objects.filter(kind="offer_stopped", phone=manager)
    return [row.context["offer"] for row in rows]


def stopped() -> list[Offer]:
    return stopped_offers(month_of(NOON))


@pytest.mark.parametrize("limits", [{"total": 1}, {"budget": 150_000}, {"budget_per_month": 150_000}])
def test_the_first_purchase_that_gets_nothing_any_more_tells_the_managers_once(
    shop: Shop, manager: str, limits: dict[str, int]
) -> None:
    publish("نوروز", TEN, limits=limits)

    assert shop.buys(shop.member(), 1_000_000).discount == 100_000
    assert (told(manager), stopped()) == ([], [])

    for _again in range(2):
        assert shop.buys(shop.member(), 1_000_000).discount == 0
    assert told(manager) == ["نوروز"]
    assert [offer.name for offer in stopped()] == ["نوروز"]


def test_a_member_who_has_had_enough_stops_nothing(shop: Shop, manager: str) -> None:
    member = shop.member()
    publish("یک بار", TEN, limits={"per_member": 1, "total": 100})

    shop.buys(member, 1_000_000)
    shop.buys(member, 1_000_000)

    assert (told(manager), stopped()) == ([], [])


def test_a_greater_budget_starts_it_again(shop: Shop, manager: str) -> None:
    offer = publish("نوروز", TEN, limits={"budget": 150_000})
    for _time in range(2):
        shop.buys(shop.member(), 1_000_000)

    update_offer(offer.pk, {"limits": {"budget": 250_000}}, known=known_codes(), actor="user:1", now=NOON)

    assert stopped() == []
    later = NOON + timedelta(seconds=1)
    assert shop.buys(shop.member(), 1_000_000, now=later).discount == 100_000


def test_a_refund_that_makes_room_starts_it_again(shop: Shop, manager: str) -> None:
    publish("نوروز", TEN, limits={"total": 1})
    first = shop.buys(shop.member(), 1_000_000)
    shop.buys(shop.member(), 1_000_000)
    assert [offer.name for offer in stopped()] == ["نوروز"]

    refund_purchase(RefundOrder(first.id or 0), actor="user:1", key="refund", now=NOON)

    assert stopped() == []
    assert shop.buys(shop.member(), 1_000_000).discount == 100_000
