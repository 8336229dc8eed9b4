"""Rewards over the API, as the contract has them."""

from tests.api.conftest import fresh_key, refused

DRINK = {"code": "drink", "name": "نوشیدنی رایگان", "points": 100}


def test_a_reward_is_taken_used_and_another_cancelled(api, pos):
    made = api.post("/rewards", {**DRINK, "stock": 2, "per_member": 2, "valid_days": 30})
    assert made.status_code == 201, made.content.decode()
    assert made.json() == {
        **DRINK, "about": "", "benefit": None, "stock": 2, "taken": 0, "per_member": 2, "valid_days": 30, "position": 0,
        "is_active": True, "created_at": made.json()["created_at"], "updated_at": made.json()["updated_at"],
    }  # fmt: skip
    member = api.enrol(opening_points=210)["id"]
    body = {"member": member, "reward": "drink", "occurred_at": "2026-11-01T12:00:00+03:30"}
    refused(pos.post("/redemptions", body), 400, "idempotency_key_missing")

    taken = pos.post("/redemptions", {**body, "occurred_at": None}, key="one")

    assert taken.status_code == 201
    said = taken.json()
    assert said == {
        **said,
        "points": 100,
        "worth": 100_000,
        "status": "issued",
        "balances": {"points": 110, "credit": 0},
    }
    assert said.keys() == {"id", "points", "worth", "coupon", "expires_at", "status", "balances"}
    again = pos.post("/redemptions", {**body, "occurred_at": None}, key="one")
    assert (again.content, again["Idempotent-Replayed"]) == (taken.content, "true")
    assert pos.post(f"/redemptions/{said['id']}/use").json()["status"] == "used"
    refused(pos.post(f"/redemptions/{said['id']}/use"), 409, "coupon_used")
    refused(pos.post(f"/redemptions/{said['id']}/cancel", key="c"), 409, "already_reversed")

    second = pos.post("/redemptions", {"member": member, "reward": "drink"}, key="two").json()
    refused(pos.post(f"/redemptions/{second['id']}/cancel"), 400, "idempotency_key_missing")
    cancelled = pos.post(f"/redemptions/{second['id']}/cancel", key="d").json()
    assert (cancelled["status"], cancelled["balances"]["points"]) == ("cancelled", 110)
    assert [row["taken"] for row in api.get("/rewards").json()["results"]] == [1]


def test_what_cannot_be_had_says_why(api):
    api.post("/rewards", {**DRINK, "stock": 0})
    api.post("/rewards", {**DRINK, "code": "once", "per_member": 1})
    member = api.enrol(opening_points=250)["id"]

    def take(**body):
        return api.post("/redemptions", {"member": member, "reward": "once", **body}, key=fresh_key())

    refused(take(reward="drink"), 409, "reward_out_of_stock")
    refused(take(reward="none"), 404, "not_found")
    refused(take(member="09120000000"), 404, "not_found")
    assert take().status_code == 201
    refused(take(), 409, "conflict")
    api.post("/rewards", {**DRINK, "code": "dear", "points": 10_000})
    refused(take(reward="dear"), 409, "insufficient_points")
    refused(api.post("/rewards", DRINK), 409, "conflict")
    bad = {**DRINK, "code": "x", "points": 0, "benefit": {"kind": "free_item", "product": "none", "quantity": 1}}
    refused(api.post("/rewards", bad), 400, "validation_error", "points")
    refused(api.post("/rewards", {**bad, "points": 1}), 400, "validation_error", "benefit.product")


def test_the_code_of_a_voucher_is_taken_in_a_purchase(api):
    benefit = {"kind": "discount_amount", "amount": 50_000}
    api.post("/rewards", {**DRINK, "benefit": benefit})
    member = api.enrol(opening_points=100)["id"]
    code = api.post("/redemptions", {"member": member, "reward": "drink"}, key="a").json()["coupon"]

    assert api.post("/coupons/validate", {"code": code, "member": member}).json()["valid"] is True
    bought = api.buy(member, 600_000, coupons=[code])

    assert (bought["discount"], bought["awards"][0]["name"]) == (50_000, "نوشیدنی رایگان")
    assert api.get("/offers").json()["results"] == [] == api.get("/coupons").json()["results"]
