"""The live offers that a process keeps: read once each, only those that are live, and never in the way of a sale."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from club.awards import naming
from club.awards.naming import known_codes
from club.tiers.models import Tier
from core.models import Club
from offers import live
from offers.models import Offer, OfferVersion
from offers.rules import Terms
from offers.services import move_offer, update_offer
from tests.offering import publish
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}


@pytest.fixture
def shop(club: Club) -> Shop:
    return Shop(club)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the offers as they are read out of their JSON."""
    names: list[str] = []
    parse: Callable[..., Terms] = live.parse

    def noted(data: Any, **more: Any) -> Terms:
        names.append(data["name"])
        return parse(data, **more)

    monkeypatch.setattr(live, "parse", noted)
    return names


def rename(offer: Offer, name: str, *, minutes: int) -> None:
    now = NOON - timedelta(minutes=minutes)
    update_offer(offer.pk, {"name": name}, known=known_codes(), actor="user:1", now=now)


def test_a_change_of_one_offer_reads_that_one_alone(shop: Shop, read: list[str]) -> None:
    member = shop.member()
    one, _two, _three = [publish(name, TEN) for name in ("یک", "دو", "سه")]
    shop.buys(member, 1_000_000)
    assert sorted(read) == ["دو", "سه", "یک"]
    read.clear()

    rename(one, "چهار", minutes=5)

    assert shop.buys(member, 1_000_000).awards[0]["name"] == "چهار"
    assert read == ["چهار"]


def test_what_is_over_is_only_read_for_a_purchase_of_its_time(shop: Shop, read: list[str]) -> None:
    member = shop.member(enrolled_at=NOON - timedelta(days=1))
    offer = publish("یک", TEN)
    for minutes, name in ((50, "دو"), (40, "سه"), (30, "چهار")):
        rename(offer, name, minutes=minutes)

    shop.buys(member, 1_000_000)
    assert read == ["چهار"]

    late = shop.buys(member, 1_000_000, occurred_at=NOON - timedelta(minutes=45))
    assert (late.awards[0]["name"], read) == ("دو", ["چهار", "دو"])


def test_an_offer_that_nobody_can_read_any_more_gives_nothing_and_stops_no_sale(shop: Shop) -> None:
    broken, other = publish("خراب", {"kind": "discount_percent", "percent": 50}), publish("سالم", TEN)
    OfferVersion.objects.filter(offer=broken).update(terms={"name": "خراب", "benefit": {"kind": "no_more"}})
    move_offer(other.pk, "pause", actor="user:1", now=NOON - timedelta(minutes=2))
    move_offer(other.pk, "publish", actor="user:1", now=NOON - timedelta(minutes=1))

    assert [award["name"] for award in shop.buys(shop.member(), 1_000_000).awards] == ["سالم"]


def test_a_new_name_of_a_tier_is_soon_said_by_every_process(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.tiers()
    member = shop.member()
    publish("طلایی‌ها", TEN, when={"fact": "tier", "op": "eq", "value": "gold"})

    def reason() -> str:
        return str(shop.buys(member, 1_000_000).considered[0]["text"])

    assert "طلایی" in reason()
    Tier.objects.filter(code="gold").update(name="الماس")

    monkeypatch.setattr(naming, "clock", lambda: time.monotonic() + naming.LONGEST_KEPT)
    assert "الماس" in reason()
