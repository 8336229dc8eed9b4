"""The page of an offer's effect: its answer, when there is too little to answer, and what it costs beside the forecast."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from offers.models import Offer
from offers.services import move_offer
from reports.models import OfferForecast
from tests.files import rows_of
from tests.offering import draft, publish, publish_to_half

LIST = "/desk/offers/"
TEN = {"kind": "discount_percent", "percent": 10}


def ago(days):
    return timezone.now() - timedelta(days=days)


def text_of(answer):
    return answer.content.decode()


def url(offer, more=""):
    return f"{LIST}{offer.pk}/effect/{more}"


@pytest.fixture
def tried(shop):
    """An ended offer of 40 days, half held out; whoever may have it buys twice. Forecast: 5,000,000 Rial at most."""
    offer, treated, control = publish_to_half(shop, "ده درصد", TEN, since=ago(60), limits={"budget": 50_000_000})
    shop.buys(control[0], 1_000_000, now=ago(80))
    for number, member in enumerate([*treated, *control]):
        shop.buys(member, 1_000_000, now=ago(58 - number % 30))
    for number, member in enumerate(treated):
        shop.buys(member, 1_000_000 + 10_000 * (number % 20), now=ago(57 - number % 30))
    move_offer(offer.pk, "end", actor="u", now=ago(20))
    OfferForecast.objects.create(offer=offer, most=50_000_000, made_at=ago(60))
    return offer


def test_the_answer_is_a_sentence_with_its_interval_and_both_groups(manager, shop, tried):
    shop.programme(margin_bp=3_000)

    page = text_of(manager.get(url(tried)))

    assert "بیشتر خرید کرد؛ با اطمینان ۹۵٪ میان" in page
    assert "کمتر از ۰٫۰۰۱" in page
    assert "گروه شاهد" in page
    assert "سود پس از هزینه" in page
    assert "<svg" in page
    assert "تا پایان جابه‌جا می‌شود" not in page


def test_cost_and_forecast_stand_side_by_side_also_in_the_list(manager, tried):
    page, rows = text_of(manager.get(url(tried))), text_of(manager.get(f"{LIST}?status=ended"))

    assert "۵٬۰۰۰٬۰۰۰" in page
    assert "هزینهٔ واقعی" in page
    assert "پیش‌بینی: تا ۵٬۰۰۰٬۰۰۰ تومان" in rows


def test_without_a_margin_the_page_says_what_is_missing(manager, tried):
    page = text_of(manager.get(url(tried)))

    assert "سود پس از هزینه" not in page
    assert "حاشیهٔ سود را در برنامه بنویسید" in page


def test_too_little_data_is_said_instead_of_a_number(manager, shop):
    for _each in range(5):
        shop.buys(shop.member(now=ago(90)), 1_000_000, now=ago(3))
    offer = publish("ده درصد", TEN, since=ago(10), control_percent=10)

    page = text_of(manager.get(url(offer)))

    assert "هنوز داده کافی نیست" in page
    assert "با اطمینان ۹۵٪" not in page


def test_without_a_control_group_it_proves_no_cause(manager, shop):
    shop.buys(shop.member(now=ago(90)), 1_000_000, now=ago(3))
    offer = publish("ده درصد", TEN, since=ago(10))

    page = text_of(manager.get(url(offer)))

    assert "ثابت نمی‌کند" in page
    assert "پیش از آن" in page
    assert "گروه شاهد نداشت" in page


def test_a_draft_has_no_page_and_one_that_has_not_begun_says_so(manager, shop):
    later = publish("بعد", TEN, since=ago(1), starts_at=(timezone.now() + timedelta(days=3)).isoformat())

    assert manager.get(url(draft("پیش‌نویس", TEN))).status_code == 302
    assert "هنوز باز نشده" in text_of(manager.get(url(later)))
    assert manager.get(url(later, "export.csv")).status_code == 404


def test_the_weeks_are_a_file(manager, tried):
    rows = rows_of(manager.get(url(tried, "export.csv")))

    assert len(rows) > 12
    assert {row[2] for row in rows[1:]} == {"پیش از آن", "هنگام پیشنهاد", "پس از آن"}


def test_the_page_takes_the_same_queries_for_any_number_of_members(manager, shop, tried):
    manager.get(url(tried))
    with CaptureQueriesContext(connection) as before:
        manager.get(url(tried))
    for _each in range(5):
        shop.buys(shop.member(now=ago(120)), 1_000_000, now=ago(50))
    with CaptureQueriesContext(connection) as after:
        manager.get(url(tried))

    assert len(after) == len(before)


def test_a_new_offer_from_the_page_holds_out_a_tenth_and_a_form_switches_it_off(manager, shop):
    manager.post(f"{LIST}new/", {"starter": ""})
    offer = Offer.objects.get()
    assert offer.terms["control_percent"] == 10

    page = text_of(manager.get(f"{LIST}{offer.pk}/"))
    assert "نمی‌بینند و نمی‌گیرند" in page


def test_publishing_keeps_what_the_offer_may_cost_the_first_time(manager, shop):
    offer = draft("پنج درصد", {"kind": "credit_percent", "percent": 5}, summary="۵٪", limits={"budget": 7_000_000})

    manager.post(f"{LIST}{offer.pk}/publish/")
    assert OfferForecast.objects.get().most == 7_000_000

    manager.post(f"{LIST}{offer.pk}/move/", {"act": "pause"})
    manager.post(f"{LIST}{offer.pk}/publish/")
    assert OfferForecast.objects.count() == 1


def test_the_purchases_before_say_what_it_is_expected_to_cost(manager, shop):
    member = shop.member(now=ago(90))
    for days in range(1, 11):
        shop.buys(member, 1_000_000, now=ago(days))
    offer = draft("پنج درصد", {"kind": "credit_percent", "percent": 5}, summary="۵٪")

    manager.post(f"{LIST}{offer.pk}/publish/")

    kept = OfferForecast.objects.get()
    assert (kept.most, kept.expected, kept.days) == (None, 500_000, 90)
