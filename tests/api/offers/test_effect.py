"""What an offer brought, over the API."""

from datetime import timedelta

from django.utils import timezone

from club.purchases.orders import PurchaseOrder
from offers.services import move_offer
from reports.models import OfferForecast
from tests.api.conftest import refused
from tests.api.offers.conftest import TEN_PERCENT
from tests.offering import draft, publish, publish_to_half


def ago(days):
    return timezone.now() - timedelta(days=days)


def test_both_groups_their_difference_cost_and_weeks_are_answered(api, shop):
    shop.programme(margin_bp=3_000)
    offer, may, may_not = publish_to_half(shop, "ده درصد", TEN_PERCENT, since=ago(60))
    shop.buy(PurchaseOrder(amount=5_000), now=ago(80))  # the club is older than the offer
    for number, member in enumerate([*may, *may_not]):
        shop.buys(member, 1_000_000, now=ago(58 - number % 30))
    for number, member in enumerate(may):
        shop.buys(member, 1_000_000 + 1_000 * number, now=ago(57 - number % 30))
    move_offer(offer.pk, "end", actor="u", now=ago(20))

    found = api.get(f"/offers/{offer.pk}/effect").json()

    treated, control = len(may), len(may_not)
    assert found["control_percent"] == 50
    assert found["treated"]["members"] == found["treated"]["buyers"] == treated
    assert found["treated"]["visits"] == 2 * treated
    assert found["control"] == {
        "members": control, "buyers": control, "visits": control,
        "spent": control * 1_000_000, "spent_each": 1_000_000,
    }  # fmt: skip
    difference = found["difference"]
    assert difference["each"] == found["treated"]["spent_each"] - 1_000_000
    assert difference["low"] < difference["each"] < difference["high"]
    assert difference["clear"] is True
    assert (found["margin_percent"], found["not_enough"], found["open"]) == (30, None, False)
    assert found["cost"] == {"times": 2 * treated, "members": treated, "worth": found["cost"]["worth"]}
    assert found["net"]["low"] < found["net"]["amount"] < found["net"]["high"]
    assert {week["period"] for week in found["by_week"]} == {"before", "during", "after"}
    assert sum(week["treated"]["spent"] for week in found["by_week"]) == found["treated"]["spent"]


def test_too_little_data_is_said_and_no_number(api, shop):
    shop.member(now=ago(20))
    offer = publish("ده درصد", TEN_PERCENT, since=ago(3), control_percent=10)

    found = api.get(f"/offers/{offer.pk}/effect").json()

    assert found["not_enough"]["members"] == 30
    assert 0 < found["not_enough"]["days"] < 7
    assert (found["difference"], found["net"]) == (None, None)


def test_without_a_control_group_nothing_is_compared(api, shop):
    offer = publish("ده درصد", TEN_PERCENT, since=ago(3))

    found = api.get(f"/offers/{offer.pk}/effect").json()

    assert (found["control"], found["difference"], found["not_enough"]) == (None, None, None)


def test_a_draft_has_no_effect(api, shop):
    refused(api.get(f"/offers/{draft('پیش‌نویس', TEN_PERCENT).pk}/effect"), 404, "not_found")


def test_publishing_by_the_api_keeps_the_forecast(api, shop, desk):
    desk.offer(limits={"budget": 7_000_000})
    later = desk.offer(status="draft", limits={"budget": 8_000_000})
    api.post(f"/offers/{later['id']}/publish")
    other = desk.offer(status="draft", limits={"budget": 9_000_000})
    api.patch(f"/offers/{other['id']}", {"status": "live"})

    assert list(OfferForecast.objects.order_by("pk").values_list("most", flat=True)) == [
        7_000_000, 8_000_000, 9_000_000,
    ]  # fmt: skip
