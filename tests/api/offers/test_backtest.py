"""The back-test over the API: figures, samples with reasons, and what is refused."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from club.purchases.models import Purchase
from core.jalali import local_date
from tests.api.conftest import Api, fresh_key
from tests.api.offers.conftest import OfferApi

OFFER = {
    "name": "پنج درصد", "trigger": "purchase", "when": {"fact": "amount", "op": "gte", "value": 500_000},
    "benefit": {"kind": "credit_percent", "percent": 10},
}  # fmt: skip


def bought(api: Api, member: int, amount: int) -> None:
    answer = api.post("/purchases", {"member": member, "amount": amount}, key=fresh_key())
    assert answer.status_code == 201


def tried(api: Api, **more: Any) -> dict[str, Any]:
    answer = api.post("/offers/backtest", {"offer": {**OFFER, **more}})
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_it_says_what_the_offer_would_have_cost(api: Api, desk: OfferApi, member: int) -> None:
    api.patch("/programme", {"margin_percent": 25})
    smaller = desk.offer(name="دو درصد", benefit={"kind": "credit_percent", "percent": 2})["id"]
    for amount in (1_000_000, 3_000_000, 400_000):
        bought(api, member, amount)
    written = list(Purchase.objects.order_by("pk").values())

    found = tried(api)

    assert (found["members"], found["purchases"], found["cost"]) == (1, 2, 400_000)
    assert found["cost_share_percent"] == 9.09  # of 4,400,000
    assert found["displaced"] == [{"offer": smaller, "name": "دو درصد", "times": 2, "cost_saved": 80_000}]
    assert found["budget_lasts_days"] is None
    assert found["break_even_lift_percent"] == 40  # 400,000 ÷ (25% × 4,000,000)
    assert [(week["purchases"], week["cost"]) for week in found["by_week"] if week["cost"]] == [(2, 400_000)]
    assert list(Purchase.objects.order_by("pk").values()) == written


def test_three_receipts_say_why_and_why_not(api: Api, desk: OfferApi, member: int) -> None:
    for amount in (1_000_000, 3_000_000, 400_000):
        bought(api, member, amount)

    little, much, none = tried(api)["samples"]

    assert [award["worth"] for award in (*little["awards"], *much["awards"])] == [100_000, 300_000]
    assert (little["credit_earned"], much["credit_earned"], none["credit_earned"]) == (100_000, 300_000, 0)
    assert [one["offer"] for one in little["considered"]] == [None]
    (reason,) = none["considered"]
    assert (reason["outcome"], reason["failed"][0]["missing"]) == ("not_matched", 100_000)


def test_a_budget_ends_on_its_day_and_a_change_of_a_live_offer_takes_its_own_place(
    api: Api, desk: OfferApi, member: int
) -> None:
    live = desk.offer(name="زنده", benefit={"kind": "credit_percent", "percent": 5})["id"]
    for amount in (1_000_000, 2_000_000):
        bought(api, member, amount)

    found = tried(api, limits={"budget": 150_000}, id=live)

    assert (found["purchases"], found["cost"], found["budget_lasts_days"]) == (1, 100_000, 89)
    assert found["displaced"] == [{"offer": live, "name": "زنده", "times": 1, "cost_saved": 50_000}]
    assert found["break_even_lift_percent"] is None, "the club has set no margin"


def test_what_cannot_be_tried_is_refused_by_its_path(api: Api) -> None:
    today = local_date(timezone.now())

    def refused(body: Any) -> set[str]:
        answer = api.post("/offers/backtest", body)
        assert answer.status_code == 400, answer.content.decode()
        return set(answer.json()["errors"])

    assert refused({}) == {"offer"}
    assert refused({"offer": 5}) == {"offer"}
    assert refused({"offer": {**OFFER, "benefit": {}}, "from": "2026-13-01"}) == {"from"}
    assert refused({"offer": {**OFFER, "benefit": {"kind": "discount_percent"}}}) == {"offer.benefit.percent"}
    assert refused(
        {"offer": {**OFFER, "trigger": "birthday", "when": {}, "benefit": {"kind": "credit_amount", "amount": 5}}}
    ) == {"offer.trigger"}
    assert refused({"offer": OFFER, "from": str(today + timedelta(days=1))}) == {"from"}
    assert refused({"offer": OFFER, "from": str(today), "to": str(today - timedelta(days=1))}) == {"to"}
    assert refused({"offer": OFFER, "from": "2020-01-01", "to": "2022-02-01"}) == {"to"}
