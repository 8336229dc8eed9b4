import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.purchases.models import Purchase, Refund
from club.purchases.proof import verify_value
from core.models import IdempotencyKey
from tests.api.conftest import fresh_key, refused

RECEIPT_FIELDS = [
    "id", "number", "member", "occurred_at", "gross", "discount", "net", "vat", "paid_by_credit", "paid_by_points",
    "paid_by_gift_card", "payable", "points_earned", "points_cut", "credit_earned", "balances", "tier", "tier_changed",
    "next_tier", "lines", "awards", "considered", "chances",
]  # fmt: skip


@pytest.fixture
def member(api):
    """A member of a club where 100,000 Rial are a point and 10% come back as credit."""
    api.patch("/programme", {"rial_per_point": 100_000, "credit_percent": 10, "effective_from": "2020-01-01"})
    return api.enrol()


def test_a_purchase_answers_the_receipt(api, member):
    response = api.post("/purchases", {"member": member["id"], "amount": 600_000, "channel": "online"}, key="p-1")

    assert response.status_code == 201
    receipt = response.json()
    assert list(receipt) == RECEIPT_FIELDS
    assert (receipt["number"], receipt["member"], receipt["gross"], receipt["net"], receipt["payable"]) == (
        1, member["id"], 600_000, 600_000, 600_000,
    )  # fmt: skip
    assert (receipt["points_earned"], receipt["credit_earned"]) == (6, 60_000)
    assert receipt["balances"] == {"points": 6, "credit": 60_000}
    assert receipt["lines"] == [
        {"product": None, "quantity": 1, "unit_price": 600_000, "gross": 600_000, "discount": 0, "net": 600_000}
    ]
    after = api.get(f"/members/{member['id']}").json()
    assert (after["points"], after["credit"]) == (6, 60_000)
    assert after["lifetime"]["visits"] == 1 and after["lifetime"]["spent"] == 600_000
    assert after["lifetime"]["first_purchase_at"] == receipt["occurred_at"]
    assert verify_value() == []


def test_what_a_cap_cut_is_said_by_preview_receipt_and_list(api, member):
    api.patch("/programme", {"max_points_per_day": 8, "effective_from": "2020-01-01"})
    body = {"member": member["id"], "amount": 600_000}

    first, preview, second = api.buy(**body), api.post("/purchases/preview", body).json(), api.buy(**body)

    assert [(each["points_earned"], each["points_cut"]) for each in (first, preview, second)] == [
        (6, 0),
        (2, 4),
        (2, 4),
    ]
    read = api.get(f"/purchases/{second['id']}").json()
    assert (read["points_earned"], read["points_cut"], read["balances"]["points"]) == (2, 4, 8)
    assert {**api.get(f"/members/{member['id']}/purchases").json()["results"][0], "considered": []} == read


def test_the_member_may_be_named_by_phone_or_not_at_all(api, member):
    by_phone = api.buy(f"۰۰۹۸ {member['phone'][1:]}")
    nobody = api.buy(None)

    assert by_phone["member"] == member["id"]
    assert (nobody["member"], nobody["points_earned"], nobody["tier"]) == (None, 0, None)


def test_lines_take_price_and_vat_from_the_catalogue(api, member):
    api.post("/groups", {"code": "drinks", "name": "نوشیدنی"})
    api.post("/products", {"code": "tea", "name": "چای", "price": 110_000, "vat_percent": 10, "groups": ["drinks"]})

    receipt = api.buy(
        member["id"],
        lines=[{"product": "tea", "quantity": 2}, {"name": "کیک", "unit_price": 100_000, "vat_percent": 7.5}],
    )

    assert receipt["gross"] == 320_000
    assert receipt["vat"] == 20_000 + 6_977
    assert [line["product"] for line in receipt["lines"]] == ["tea", None]
    refused(
        api.post("/purchases", {"member": None, "lines": [{"product": "tea"}, {"product": "x", "group": "y"}]}, key="k"),
        400, "validation_error", "lines[1].product", "lines[1].group",
    )  # fmt: skip


def test_a_preview_is_the_receipt_without_id_and_writes_nothing(api, member):
    body = {"member": member["id"], "amount": 600_000}

    preview = api.post("/purchases/preview", body)

    assert preview.status_code == 200
    assert not Purchase.objects.exists() and not IdempotencyKey.objects.filter(key="p-1").exists()
    assert list(preview.json()) == RECEIPT_FIELDS[2:]
    receipt = api.post("/purchases", body, key="p-1").json()
    assert {**receipt, "occurred_at": 0} == {
        "id": receipt["id"], "number": 1, **preview.json(), "occurred_at": 0,
    }  # fmt: skip


def test_a_preview_may_look_ahead_and_a_purchase_may_not(api, member):
    body = {"member": member["id"], "amount": 1, "occurred_at": "2120-01-01T10:00:00+03:30"}

    assert api.post("/purchases/preview", body).status_code == 200
    refused(api.post("/purchases", body, key="k"), 400, "validation_error", "occurred_at")


def test_a_late_purchase_is_judged_as_of_its_moment(api, member):
    api.patch("/programme", {"credit_percent": 20, "effective_from": "2025-03-01"})

    early = api.buy(member["id"], 100_000, occurred_at="2025-02-28T23:59:00+03:30")
    late = api.buy(member["id"], 100_000, occurred_at="2025-03-01T00:00:00+03:30")

    assert (early["credit_earned"], late["credit_earned"]) == (10_000, 20_000)
    assert early["occurred_at"] == "2025-02-28T20:29:00+00:00"


def test_credit_and_points_pay(api, member):
    api.buy(member["id"], 2_000_000)

    receipt = api.buy(member["id"], 150_000, pay_with={"points": 5, "credit": "max"})

    assert (receipt["paid_by_points"], receipt["paid_by_credit"], receipt["payable"]) == (5_000, 145_000, 0)
    problem = refused(
        api.post("/purchases", {"member": member["id"], "amount": 10**9, "pay_with": {"points": 999}}, key="k"),
        409, "insufficient_points",
    )  # fmt: skip
    assert (problem["needed"], problem["available"]) == (999, 15)
    refused(
        api.post("/purchases", {"member": member["id"], "amount": 10**9, "pay_with": {"credit": 10**8}}, key="k"),
        409, "insufficient_credit",
    )  # fmt: skip
    refused(
        api.post("/purchases", {"member": member["id"], "amount": 1_000, "pay_with": {"credit": 2_000}}, key="k"),
        400, "validation_error", "pay_with.credit",
    )  # fmt: skip


class TestTheKey:
    def test_is_needed(self, api, member):
        body = {"member": member["id"], "amount": 1_000}

        for key in (None, "", " ", "a b", "کلید", "x" * 65, "tab\t"):
            refused(api.post("/purchases", body, key=key), 400, "idempotency_key_missing")

        assert not Purchase.objects.exists()
        assert api.post("/purchases", body, key="x" * 64).status_code == 201

    def test_repeats_the_first_answer_byte_for_byte(self, api, member):
        body = {"member": member["id"], "amount": 600_000, "external_id": "X-1"}

        first = api.post("/purchases", body, key="k")
        api.buy(member["id"])
        again = api.post("/purchases", body, key="k")

        assert (first.status_code, again.status_code) == (201, 201)
        assert first.content == again.content
        assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
        assert Purchase.objects.count() == 2

    @pytest.mark.parametrize(
        "change",
        [{"amount": 2}, {"channel": "phone"}, {"external_id": "b"}, {"payment_method": "card"}, {"member": None}],
    )
    def test_with_another_body_is_refused(self, api, member, change):
        body = {"member": member["id"], "amount": 1}
        api.post("/purchases", body, key="k")

        refused(api.post("/purchases", {**body, **change}, key="k"), 422, "idempotency_conflict")
        assert Purchase.objects.count() == 1

    def test_is_the_clubs_own(self, api, member, other_api):
        api.post("/purchases", {"member": None, "amount": 1}, key="k")

        other = other_api.post("/purchases", {"member": None, "amount": 1}, key="k")

        assert (other.status_code, "Idempotent-Replayed" in other) == (201, False)

    def test_is_free_again_after_a_refusal(self, api, member):
        refused(api.post("/purchases", {"member": 10**12, "amount": 1}, key="k"), 404, "not_found")

        assert api.post("/purchases", {"member": None, "amount": 1}, key="k").status_code == 201

    def test_of_a_purchase_does_not_serve_a_refund(self, api, member):
        bought = api.post("/purchases", {"member": None, "amount": 1}, key="k").json()

        refused(api.post(f"/purchases/{bought['id']}/refunds", {"reason": "ر"}, key="k"), 422, "idempotency_conflict")


def test_an_external_id_is_taken_once_and_the_first_is_named(api, member):
    first = api.buy(member["id"], external_id="INV-7")

    problem = refused(
        api.post("/purchases", {"member": None, "amount": 5, "external_id": "INV-7"}, key="k"), 409, "conflict"
    )

    assert problem["number"] == first["number"]
    assert Purchase.objects.count() == 1


def test_a_blocked_member_buys_nothing(api, member):
    from club.members.models import Member

    Member.objects.filter(pk=member["id"]).update(status="blocked")

    refused(api.post("/purchases", {"member": member["id"], "amount": 1}, key="k"), 409, "member_blocked")
    assert not Purchase.objects.exists()


def test_codes_that_nobody_made_are_refused(api, member):
    body = {"member": member["id"], "amount": 1}

    refused(api.post("/purchases", {**body, "coupons": ["NOWRUZ"]}, key="k"), 409, "coupon_unknown")
    refused(
        api.post("/purchases", {**body, "pay_with": {"gift_card": "G-1"}}, key="k"),
        400, "validation_error", "pay_with.gift_card",
    )  # fmt: skip
    refused(api.post("/purchases", {**body, "branch": "shiraz"}, key="k"), 400, "validation_error", "branch")
    assert not Purchase.objects.exists()
    api.post("/branches", {"code": "shiraz", "name": "شیراز"})
    assert api.post("/purchases", {**body, "branch": "shiraz", "coupons": [], "pay_with": None}, key="k").json()["id"]


def test_a_recorded_purchase_is_read_again(api, member):
    receipt = api.buy(member["id"], 600_000, external_id="E", payment_method="card")
    api.buy(member["id"], 1_000_000)

    read = api.get(f"/purchases/{receipt['id']}")

    assert read.status_code == 200
    assert read.json() == {
        **receipt, "branch": None, "channel": "till", "payment_method": "card", "external_id": "E", "refunded": 0,
    }  # fmt: skip
    listed = api.get("/purchases").json()["results"]
    assert [row["number"] for row in listed] == [2, 1]
    assert {**listed[1], "considered": []} == read.json()
    refused(api.get("/purchases/999999999"), 404, "not_found")


def test_purchases_are_listed_newest_first_by_their_own_time(api, member):
    days = ["2025-05-02", "2025-05-01", "2025-05-03", "2025-05-02"]
    numbers = [api.buy(None, 1, occurred_at=f"{day}T12:00:00Z")["number"] for day in days]
    assert numbers == [1, 2, 3, 4]

    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/purchases?limit=1{cursor and '&cursor=' + cursor}").json()
        seen += [row["number"] for row in page["results"]]
        cursor = page["next"]

    assert seen == [3, 4, 1, 2]


class TestRefunds:
    def test_all_that_is_left(self, api, member):
        bought = api.buy(member["id"], 600_000)
        path = f"/purchases/{bought['id']}/refunds"

        preview = api.post(f"{path}/preview", {})
        assert not Refund.objects.exists()
        response = api.post(path, {"reason": "پس آورد"}, key="r-1")
        again = api.post(path, {"reason": "پس آورد"}, key="r-1")

        assert (preview.status_code, response.status_code, again.status_code) == (200, 201, 201)
        refund = response.json()
        assert {"id": refund["id"], **preview.json()} == refund
        assert refund == {
            "id": refund["id"], "refunded": 600_000, "points_taken_back": 6, "credit_taken_back": 60_000,
            "points_returned": 0, "credit_returned": 0, "gift_card_returned": 0, "shortfall": {"points": 0, "credit": 0},
            "balances": {"points": 0, "credit": 0}, "tier": None,
        }  # fmt: skip
        assert again.content == response.content and again["Idempotent-Replayed"] == "true"
        assert api.get(f"/purchases/{bought['id']}").json()["refunded"] == 600_000
        refused(api.post(path, {"reason": "باز"}, key="r-2"), 409, "already_reversed")
        assert verify_value() == []

    def test_in_parts(self, api, member):
        bought = api.buy(member["id"], lines=[{"unit_price": 100_000, "quantity": 3}, {"unit_price": 50_000}])
        path = f"/purchases/{bought['id']}/refunds"

        by_line = api.post(path, {"lines": [{"index": 0, "quantity": 2}], "reason": "ر"}, key="a").json()
        by_amount = api.post(path, {"amount": 30_000, "reason": "ر"}, key="b").json()
        rest = api.post(path, {"reason": "ر"}, key="c").json()

        assert [part["refunded"] for part in (by_line, by_amount, rest)] == [200_000, 30_000, 120_000]

    @pytest.mark.parametrize(
        ("body", "status", "code", "fields"),
        [
            ({}, 400, "validation_error", ["reason"]),
            ({"reason": " "}, 400, "validation_error", ["reason"]),
            ({"reason": "ر" * 201}, 400, "validation_error", ["reason"]),
            ({"reason": "ر", "amount": 0}, 400, "validation_error", ["amount"]),
            ({"reason": "ر", "amount": 5, "lines": [{"index": 0, "quantity": 1}]}, 400, "validation_error", ["amount"]),
            ({"reason": "ر", "lines": []}, 400, "validation_error", ["lines"]),
            ({"reason": "ر", "lines": [{"index": 0}]}, 400, "validation_error", ["lines[0].quantity"]),
            ({"reason": "ر", "lines": [{"index": 7, "quantity": 1}]}, 400, "validation_error", ["lines[0].index"]),
            ({"reason": "ر", "lines": [{"index": 0, "quantity": 1}] * 2}, 400, "validation_error", ["lines[1].index"]),
            ({"reason": "ر", "lines": [{"index": 0, "quantity": 2}]}, 409, "refund_exceeds_purchase", []),
            ({"reason": "ر", "amount": 600_001}, 409, "refund_exceeds_purchase", []),
            ({"reason": "ر", "occurred_at": "2020-01-01T00:00:00Z"}, 400, "validation_error", ["occurred_at"]),
            ({"reason": "ر", "occurred_at": "2120-01-01T00:00:00Z"}, 400, "validation_error", ["occurred_at"]),
        ],
    )
    def test_refusals_write_nothing(self, api, member, body, status, code, fields):
        bought = api.buy(member["id"], 600_000)

        refused(api.post(f"/purchases/{bought['id']}/refunds", body, key="r"), status, code, *fields)

        assert not Refund.objects.exists()
        assert not IdempotencyKey.objects.filter(key="r").exists()

    def test_of_an_unknown_purchase(self, api):
        refused(api.post("/purchases/77/refunds", {"reason": "ر"}, key="r"), 404, "not_found")
        refused(api.post("/purchases/77/refunds", {"reason": "ر"}), 400, "idempotency_key_missing")


def test_a_purchase_costs_the_same_statements_whatever_its_lines_and_history(api, member):
    for rank, code in enumerate(["bronze", "silver"]):
        api.post("/tiers", {"code": code, "name": code, "rank": rank, "threshold": rank * 10**12})
    api.buy(member["id"], 5_000_000)

    def statements(lines):
        body = {
            "member": member["id"], "lines": [{"unit_price": 100_000, "name": f"{n}"} for n in range(lines)],
            "pay_with": {"credit": 10_000, "points": 1},
        }  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            response = api.post("/purchases", body, key=fresh_key())
        assert response.status_code == 201
        return [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]

    few = statements(2)
    for _ in range(5):
        api.buy(member["id"], 200_000)
    many = statements(40)

    assert len(few) == len(many) <= 14, json.dumps([sql[:90] for sql in few], indent=1)


def test_a_line_of_a_group_that_earns_nothing_earns_and_takes_back_nothing(api, member):
    api.post("/groups", {"code": "tobacco", "name": "دخانیات", "earns": False, "payable_by_value": False})
    api.post("/groups", {"code": "coffee", "name": "قهوه", "rial_per_point": 50_000, "credit_percent": 0})
    lines = [{"unit_price": 600_000, "group": "tobacco"}, {"unit_price": 300_000, "group": "coffee"}]

    receipt = api.buy(member["id"], lines=lines)
    back = api.post(
        f"/purchases/{receipt['id']}/refunds",
        {"lines": [{"index": 0, "quantity": 1}], "reason": "برگشت"},
        key=fresh_key(),
    ).json()

    assert (receipt["points_earned"], receipt["credit_earned"]) == (6, 0)
    assert (back["refunded"], back["points_taken_back"], back["credit_taken_back"]) == (600_000, 0, 0)
    assert verify_value() == []
