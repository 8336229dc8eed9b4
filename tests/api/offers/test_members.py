"""What is open to a member over the API, and what reading many costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import refused

CREDIT = {"kind": "credit_amount", "amount": 50_000}


def test_offers_open_to_a_member_say_what_is_missing(api, desk, member):
    simple = desk.offer(name="ساده")["id"]
    visits = {"fact": "visit_number", "op": "gte", "value": 3}
    third = desk.offer(name="سومین خرید", summary="هدیهٔ خرید سوم", benefit=CREDIT, when=visits,
                       limits={"per_member": 2}, ends_at="2099-01-01")["id"]  # fmt: skip
    desk.offer(name="پیش‌نویس", status="draft")
    desk.offer(name="با کد", code_required=True)
    api.buy(member, 1_000)

    response = api.get(f"/members/{member}/offers")

    assert response.status_code == 200 and response.json()["next"] is None
    first, second = response.json()["results"]
    assert first == {
        **first, "offer": simple, "name": "ساده", "kind": "discount_percent", "ready": True, "missing": [], "needs": [],
        "times_left": None, "ends_at": None,
    }  # fmt: skip
    assert first["summary"] == first["text"] != ""
    assert second == {
        **second, "offer": third, "summary": "هدیهٔ خرید سوم", "kind": "credit_amount", "ready": False, "times_left": 2,
        "missing": [{"fact": "visit_number", "op": "gte", "value": 3, "actual": 2, "missing": 1}],
        "ends_at": "2099-01-01T20:30:00+00:00",
    }  # fmt: skip
    assert len(second["needs"]) == 1


def test_a_club_without_offers_has_none_open(api, member):
    assert api.get(f"/members/{member}/offers").json() == {"results": [], "next": None}
    refused(api.get("/members/999999999/offers"), 404, "not_found")


@pytest.mark.parametrize(
    "path", ["/purchases", "/purchases/{purchase}", "/members/{member}/offers", "/offers", "/coupons"]
)
def test_reading_costs_the_same_however_much_there_is(api, desk, member, path):
    def more(count):
        for number in range(count):
            desk.offer(name=f"پیشنهاد {number}", when={"fact": "amount", "op": "gt", "value": 10**9})
            desk.coupons(desk.coded(), count=2)
            lines = [{"unit_price": 1_000}] * (number + 1)
            purchases.append(api.buy(member, lines=lines)["id"])

    def asked():
        address = path.format(member=member, purchase=purchases[-1])
        api.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert api.get(address).status_code == 200
        return len(queries)

    purchases: list[int] = []
    more(1)
    few = asked()
    more(5)
    assert asked() == few
