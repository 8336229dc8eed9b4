"""The panel of the builder that tries an offer on past purchases: a sample first, then the whole; also without scripts."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from offers.models import Offer
from reports.back_test import running, steps
from tests.desk.offers.test_builder import as_typed, text_of, url
from tests.offering import draft, publish
from tests.shop import Shop

MOST_STEPS = 12
CREDIT = {"kind": "credit_percent", "percent": 5}


@pytest.fixture
def tried(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Offer:
    """A draft in a shop whose members bought 24 times in these days."""
    cache.clear()
    monkeypatch.setattr(steps, "FEW", 10)
    monkeypatch.setattr(steps, "OF_SAMPLE", 8)
    now = timezone.now()
    members = [shop.member(enrolled_at=now - timedelta(days=200)) for _each in range(6)]
    for number in range(24):
        shop.buys(members[number % 6], 1_000_000 + number * 10_000, now=now - timedelta(days=number))
    return draft("پنج درصد", CREDIT)


def asked(browser: Client, offer: Offer, act: str, **typed: Any) -> Any:
    return browser.post(url(offer), {**as_typed(browser, offer), **typed, "act": act}, headers={"HX-Request": "true"})


def test_a_sample_comes_first_and_says_so_and_then_the_whole(manager: Client, tried: Offer) -> None:
    first = text_of(asked(manager, tried, "past"))
    whole = text_of(asked(manager, tried, "past-on"))

    assert "بر پایهٔ نمونه‌ای از" in first and '"act": "past-on"' in first
    assert "نمونه‌ای از" not in whole and "past-on" not in whole
    assert "۱۳۳٬۸۰۰" in whole, "5% of 26,760,000 Rial, in Toman"
    assert "تا حاشیهٔ سود" in whole and "سهم از فروش" in whole


def test_what_takes_long_tells_how_far_it_is_and_goes_on(
    manager: Client, tried: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "SECONDS", 0.0)
    monkeypatch.setattr(running, "CHUNK", 10)
    told = [text_of(asked(manager, tried, "past-on"))]
    while "<progress" in told[-1] and len(told) < MOST_STEPS:
        told.append(text_of(asked(manager, tried, "past-on")))

    # Three chunks; more where another worker of the tests has emptied the cache that they share.
    assert 3 <= len(told) < MOST_STEPS
    assert "۱۳۳٬۸۰۰" in told[-1]


def test_what_matched_and_lost_each_time_is_not_said_to_match_nothing(manager: Client, shop: Shop) -> None:
    cache.clear()
    publish("نیم‌بها", {"kind": "discount_percent", "percent": 50})
    member = shop.member(enrolled_at=timezone.now() - timedelta(days=9))
    shop.buys(member, 1_000_000, now=timezone.now() - timedelta(days=2))

    text = text_of(asked(manager, draft("پنج درصد", CREDIT), "past-on"))

    assert "۱ خرید با این شرط‌ها جور بود" in text and "هیچ خرید گذشته‌ای" not in text


def test_without_scripts_a_button_brings_the_whole_into_the_page(manager: Client, tried: Offer) -> None:
    assert 'value="past"' in text_of(manager.get(url(tried)))

    page = manager.post(url(tried), {**as_typed(manager, tried), "act": "past"})

    assert page.status_code == 200
    assert "۱۳۳٬۸۰۰" in text_of(page) and 'id="offer-form"' in text_of(page)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount_above": "900000000"}, "هیچ خرید گذشته‌ای با این شرط‌ها جور نیست"),
        ({"percent": ""}, "با پر شدن فیلدها"),
        ({"budget": "100000"}, "روزه تمام می‌شود؛ پیشنهاد پایانی ندارد"),
        ({"budget": "900000000"}, "بودجه بیش از دو سال می‌رسد"),
    ],
)
def test_it_says_what_the_figures_mean(manager: Client, tried: Offer, typed: dict[str, str], said: str) -> None:
    assert said in text_of(asked(manager, tried, "past-on", **typed))


def test_what_would_give_way_is_named(manager: Client, tried: Offer, shop: Shop) -> None:
    publish("دو درصد", {"kind": "credit_percent", "percent": 2})
    shop.buys(shop.member(), 10_000_000, now=timezone.now())

    found = text_of(asked(manager, tried, "past-on"))

    assert "جای این‌ها را می‌گیرد" in found and "دو درصد" in found


def test_it_asks_as_many_queries_whatever_was_bought(manager: Client, tried: Offer, shop: Shop) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            asked(manager, tried, "past-on")
        return len(captured)

    queries()
    before = queries()
    for _each in range(20):
        shop.buys(shop.member(), 1_234_000, now=timezone.now())
    assert queries() == before
