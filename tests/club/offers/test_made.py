"""Offers made for a reward or a mission: found by their code alone, by no list and no rival."""

from typing import Any

import pytest

from club.purchases.openings import open_offers
from club.purchases.orders import PurchaseOrder
from club.purchases.overlooking import others_live
from core.errors import NotFound, ValidationFailed
from offers.made import make_offer
from offers.models import Coupon, Offer
from offers.selectors import get_offer, offers
from tests.offering import known_codes
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}


def made(benefit: dict[str, Any]) -> Offer:
    made_for = Offer.MadeFor.REWARD
    return make_offer("جایزه", benefit, made_for=made_for, known=known_codes(), actor="user:1", now=NOON)


def test_no_list_shows_it_and_no_manager_changes_it(shop: Shop) -> None:
    offer, member = made(TEN), shop.member()

    assert not offers().exists()
    assert others_live(NOON) == [] == open_offers(member.pk, at=NOON)
    assert offer.pk not in known_codes().offers
    with pytest.raises(NotFound):
        get_offer(offer.pk)


def test_it_is_given_to_who_has_its_code_and_not_spoken_of_to_others(shop: Shop) -> None:
    offer, member = made(TEN), shop.member()
    Coupon.objects.create(offer=offer, code="MINE", uses=1, member=member, actor="user:1")

    without = shop.buy(PurchaseOrder(member_id=member.pk, amount=1_000_000))
    with_it = shop.buy(PurchaseOrder(member_id=member.pk, amount=1_000_000, coupons=("mine",)))

    assert (without.discount, without.considered) == (0, [])
    assert (with_it.discount, [one["name"] for one in with_it.considered]) == (100_000, ["جایزه"])


def test_what_is_given_at_once_is_found_by_no_purchase_and_no_event(shop: Shop) -> None:
    offer = made({"kind": "points_amount", "points": 5})

    assert (offer.status, offer.version, offer.code_required) == ("draft", 0, False)
    with pytest.raises(ValidationFailed) as refused:  # there is no basket to reckon it of
        made({"kind": "points_amount", "points": 5, "per_amount": 1_000})
    assert refused.value.errors.keys() == {"benefit.kind"}
