"""The SMS of a purchase names what offers gave."""

from typing import Any

import pytest

from club.catalogue.models import Product
from core.models import Club
from sms.models import OutboxMessage
from tests.offering import publish
from tests.shop import Shop


@pytest.fixture
def shop(club: Club) -> Shop:
    found = Shop(club)
    found.programme()
    found.tiers()
    return found


def told() -> dict[str, Any]:
    """What the last receipt by SMS was told."""
    return OutboxMessage.objects.filter(kind="purchase_receipt").latest("pk").context


def test_the_sms_names_the_offer_that_applied_and_the_goods_that_were_free(shop: Shop) -> None:
    Product.objects.create(code="cake", name="کیک روز", price_rial=900_000)
    publish("تولد", {"kind": "credit_percent", "percent": 20}, stacking="always")
    publish("کیک مهمان", {"kind": "free_item", "product": "cake", "quantity": 2})
    publish("بزرگ", {"kind": "credit_percent", "percent": 50}, when={"fact": "amount", "op": "gt", "value": 90_000_000})

    shop.buys(shop.member(), 2_450_000)

    assert sorted(told()["offers"]) == ["تولد", "کیک مهمان"]
    assert told()["free_items"] == [["کیک روز", 2]]
    assert "next_tier_missing" in told()["unsaid"], "a part more is a price more"


def test_where_nothing_applied_the_sms_tells_the_way_to_the_next_tier(shop: Shop) -> None:
    shop.buys(shop.member(), 2_450_000)

    assert (told()["offers"], told()["free_items"]) == ([], [])
    assert "next_tier_missing" not in told()["unsaid"]
