"""Gift cards over the API: issued, listed, blocked, and paid with."""

from sms.models import OutboxMessage
from tests.api.conftest import fresh_key, refused


def issued(api, **body):
    response = api.post("/gift_cards", {"amount": 1_000_000, **body}, key=fresh_key())
    assert response.status_code == 201, response.content.decode()
    return response.json()["results"]


def test_a_card_is_issued_spent_and_gets_its_part_back(api):
    [card] = issued(api, ends_at="2099-12-29")

    assert (card["amount"], card["balance"], card["status"], card["member"]) == (1_000_000, 1_000_000, "active", None)
    assert len(card["code"]) == 15 and card["code"].count("-") == 2
    receipt = api.buy(None, 700_000, pay_with={"gift_card": card["code"].lower()})
    assert (receipt["paid_by_gift_card"], receipt["payable"]) == (700_000, 0)
    back = api.post(f"/purchases/{receipt['id']}/refunds", {"amount": 300_000, "reason": "x"}, key=fresh_key()).json()
    assert (back["gift_card_returned"], back["refunded"]) == (300_000, 0)
    [now] = api.get(f"/gift_cards?code={card['code']}").json()["results"]
    assert now["balance"] == 600_000
    assert api.get(f"/purchases/{receipt['id']}").json()["paid_by_gift_card"] == 700_000


def test_the_same_key_issues_once(api):
    body = {"amount": 10_000, "count": 3}
    first = api.post("/gift_cards", body, key="once")

    again = api.post("/gift_cards", body, key="once")

    assert first.content == again.content and again["Idempotent-Replayed"] == "true"
    assert len(api.get("/gift_cards").json()["results"]) == 3
    refused(api.post("/gift_cards", {**body, "count": 4}, key="once"), 422, "idempotency_conflict")
    refused(api.post("/gift_cards", body), 400, "idempotency_key_missing")


def test_a_members_card_is_theirs_alone_and_is_sent(api):
    mine, other = api.enrol(), api.enrol()
    [card] = issued(api, member=mine["phone"])

    pay = {"amount": 50_000, "pay_with": {"gift_card": card["code"]}}
    for member in (other["id"], None):
        problem = refused(
            api.post("/purchases", {**pay, "member": member}, key=fresh_key()),
            400, "validation_error", "pay_with.gift_card",
        )  # fmt: skip
        assert problem["errors"]["pay_with.gift_card"] == ["این کارت هدیه برای عضو دیگری است."]
    assert api.buy(mine["id"], 50_000, pay_with={"gift_card": card["code"]})["paid_by_gift_card"] == 50_000
    assert (card["member"], card["personal"]) == (mine["id"], True)
    assert OutboxMessage.objects.get(kind="gift_card").context["code"] == card["code"]


def test_a_blocked_card_pays_nothing_and_is_listed_as_blocked(api):
    [card] = issued(api)

    for _twice in range(2):
        answer = api.post(f"/gift_cards/{card['code']}/block")
        assert (answer.status_code, answer.json()["status"]) == (200, "blocked")
    refused(
        api.post("/purchases", {"member": None, "amount": 1, "pay_with": {"gift_card": card["code"]}}, key="k"),
        400, "validation_error", "pay_with.gift_card",
    )  # fmt: skip
    assert [row["code"] for row in api.get("/gift_cards?status=blocked").json()["results"]] == [card["code"]]
    refused(api.post("/gift_cards/NOSUCHCODE222/block"), 404, "not_found")


def test_a_preview_pays_with_the_card_and_leaves_it(api):
    [card] = issued(api)

    seen = api.post(
        "/purchases/preview", {"member": None, "amount": 1_500_000, "pay_with": {"gift_card": card["code"]}}
    )

    assert (seen.json()["paid_by_gift_card"], seen.json()["payable"]) == (1_000_000, 500_000)
    assert api.get("/gift_cards").json()["results"][0]["balance"] == 1_000_000


def test_wrong_cards_are_refused_by_field(api):
    for body, field in (
        ({"amount": 0}, "amount"),
        ({"amount": 10, "count": 1_001}, "count"),
        ({"amount": 10, "ends_at": "2020-01-01"}, "ends_at"),
        ({}, "amount"),
    ):
        refused(api.post("/gift_cards", body, key=fresh_key()), 400, "validation_error", field)
    refused(api.post("/gift_cards", {"amount": 10, "member": 987_654_321}, key=fresh_key()), 404, "not_found")
    assert api.get("/gift_cards").json()["results"] == []
