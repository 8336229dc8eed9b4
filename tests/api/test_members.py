import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.members.cards import block_card
from club.members.models import Member
from club.purchases.models import Purchase
from sms.models import OutboxMessage
from tests.api.conftest import fresh_key, fresh_phone, refused

MEMBER_FIELDS = [
    "id", "phone", "email", "first_name", "last_name", "birth_date", "status", "tier", "tier_floor", "next_tier",
    "points", "credit", "usable", "debt", "lifetime", "referral_code", "referred_by", "card", "tags", "segments",
]  # fmt: skip


def test_a_new_member_is_answered_with_the_fields_of_the_contract(api):
    response = api.post(
        "/members",
        {
            "phone": "+98 (912) ۱۲۳ ۴۵۶۷",
            "first_name": "سارا",
            "last_name": "محمدی",
            "tags": ["ویژه"],
            "birth_date": "1990-05-01",
        },
    )

    assert response.status_code == 201
    member = response.json()
    assert list(member) == MEMBER_FIELDS
    assert member["phone"] == "09121234567"
    assert member["birth_date"] == "1990-05-01"
    assert member["status"] == "active"
    assert (member["points"], member["credit"]) == (0, 0)
    assert member["usable"] == member["debt"] == {"points": 0, "credit": 0}
    assert member["lifetime"] == {"visits": 0, "spent": 0, "first_purchase_at": None, "last_purchase_at": None}
    assert (member["tier"], member["next_tier"], member["referred_by"]) == (None, None, None)
    assert member["segments"] == []
    assert api.get(f"/members/{member['id']}").json() == member


def test_opening_values_need_a_key_and_are_given_once(api):
    body = {"phone": fresh_phone(), "opening_points": 120, "opening_credit": 50_000}

    refused(api.post("/members", body), 400, "idempotency_key_missing")
    assert not Member.objects.exists()
    first = api.post("/members", body, key="open-1")
    again = api.post("/members", body, key="open-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    member = first.json()
    assert (member["points"], member["credit"]) == (120, 50_000)
    assert member["usable"] == {"points": 120, "credit": 50_000}
    assert Member.objects.count() == 1
    refused(api.post("/members", {**body, "opening_points": 121}, key="open-1"), 422, "idempotency_conflict")
    ledger = api.get(f"/members/{member['id']}/ledger").json()["results"]
    assert [(row["unit"], row["delta"], row["kind"]) for row in ledger] == [
        ("credit", 50_000, "opening"),
        ("points", 120, "opening"),
    ]


def test_a_key_is_honoured_where_none_is_needed(api):
    body = {"phone": fresh_phone()}

    first, again = api.post("/members", body, key="k"), api.post("/members", body, key="k")

    assert first.content == again.content and again["Idempotent-Replayed"] == "true"
    refused(api.post("/members", body), 409, "duplicate_phone")
    refused(api.post("/members", {"phone": fresh_phone()}, key="has blank"), 400, "idempotency_key_missing")


def test_after_a_refusal_the_key_is_free_again(api):
    taken = api.enrol()["phone"]

    refused(api.post("/members", {"phone": taken}, key="k-1"), 409, "duplicate_phone")

    assert api.post("/members", {"phone": fresh_phone()}, key="k-1").status_code == 201


def test_a_member_may_have_a_card_or_an_external_id_in_place_of_a_phone(api):
    by_id, by_card = api.enrol(phone=None, external_id="C-17"), api.enrol(phone=None, card="۱۲۳۴۵۶")

    assert by_id["phone"] is None and len(by_id["card"]) == 16
    assert by_card["card"] == "123456"
    refused(api.post("/members", {"first_name": "بی‌نشان"}), 400, "validation_error", "phone")
    refused(api.post("/members", {"external_id": "C-17"}), 409, "conflict")


def test_a_blocked_card_is_refused_in_words(api):
    sara = api.enrol(card="1234123412341234")
    block_card(sara["id"], actor="user:1", reason="")

    problem = refused(api.get("/members?card=1234123412341234"), 409, "conflict")

    assert "بسته شده است" in problem["detail"]
    assert api.get(f"/members/{sara['id']}").json()["card"] is None


def test_a_member_is_found_by_phone_card_and_text(api):
    sara = api.enrol(phone="09121119876", first_name="سارا", last_name="كاظمی")
    api.enrol(first_name="نیما")

    def found(query):
        return [row["id"] for row in api.get(f"/members?{query}").json()["results"]]

    assert found("phone=%2B989121119876") == [sara["id"]]
    assert found(f"card={sara['card']}") == [sara["id"]]
    assert found("q=کاظمي") == [sara["id"]]
    assert found("q=9876") == [sara["id"]]
    assert found("phone=09129999999") == []
    assert len(found("")) == 2


def test_a_patch_changes_what_it_names(api):
    member = api.enrol(first_name="سارا", email="sara@example.com")

    changed = api.patch(f"/members/{member['id']}", {"first_name": None, "tags": ["vip"], "phone": "۰۹۱۲ ۳۳۳ ۲۲ ۱۱"})

    assert changed.status_code == 200
    assert changed.json() == {**member, "first_name": "", "tags": ["vip"], "phone": "09123332211"}
    refused(
        api.patch(f"/members/{member['id']}", {"opening_points": 5, "id": 4}),
        400, "validation_error", "opening_points", "id",
    )  # fmt: skip


def test_a_phone_changed_by_a_program_is_told_to_the_old_one(api):
    member = api.enrol(phone="09123332200")

    api.patch(f"/members/{member['id']}", {"phone": "09123332211", "first_name": "سارا"})
    api.patch(f"/members/{member['id']}", {"phone": "09123332211", "last_name": "محمدی"})

    told = OutboxMessage.objects.get(kind="phone_changed")
    assert (told.phone, told.context["phone"]) == ("09123332200", "0912…2211")


def test_a_tier_floor_given_by_hand_lifts_the_member_and_holds(api):
    for rank, code in enumerate(["bronze", "silver"]):
        api.post("/tiers", {"code": code, "name": code, "rank": rank, "threshold": rank * 1_000_000})
    member = api.enrol()
    assert (member["tier"], member["next_tier"]) == ("bronze", {"code": "silver", "missing": 1_000_000})

    lifted = api.patch(f"/members/{member['id']}", {"tier_floor": "silver"}).json()

    assert (lifted["tier"], lifted["tier_floor"], lifted["next_tier"]) == ("silver", "silver", None)
    refused(api.patch(f"/members/{member['id']}", {"tier_floor": "gold"}), 400, "validation_error", "tier_floor")
    bought = api.buy(member["id"], 1_000)
    api.post(f"/purchases/{bought['id']}/refunds", {"reason": "برگشت"}, key="r")
    assert api.get(f"/members/{member['id']}").json()["tier"] == "silver"
    assert api.patch(f"/members/{member['id']}", {"tier_floor": None}).json()["tier_floor"] is None


class TestReferredBy:
    def test_at_enrolment(self, api):
        sara = api.enrol()

        friend = api.enrol(referred_by=sara["referral_code"].lower())

        assert friend["referred_by"] == sara["referral_code"]
        refused(
            api.post("/members", {"phone": "09120000001", "referred_by": "NOBODY22"}),
            400,
            "validation_error",
            "referred_by",
        )
        assert not Member.objects.filter(phone="09120000001").exists()

    def test_until_the_first_purchase_and_once(self, api):
        sara, nima, friend, old = (api.enrol() for _ in range(4))
        path = f"/members/{friend['id']}"

        assert api.patch(path, {"referred_by": sara["referral_code"]}).json()["referred_by"] == sara["referral_code"]
        assert api.patch(path, {"referred_by": sara["referral_code"]}).status_code == 200

        refused(api.patch(path, {"referred_by": nima["referral_code"]}), 409, "referral_refused")
        refused(api.patch(path, {"referred_by": None}), 409, "referral_refused")
        api.buy(old["id"])
        refused(api.patch(f"/members/{old['id']}", {"referred_by": sara["referral_code"]}), 409, "referral_refused")

    def test_neither_oneself_nor_in_a_circle(self, api):
        first, second, third = (api.enrol() for _ in range(3))

        def refer(who, by):
            return api.patch(f"/members/{who['id']}", {"referred_by": by["referral_code"], "first_name": "تازه"})

        refused(refer(first, first), 409, "referral_refused")
        assert refer(second, first).status_code == refer(third, second).status_code == 200
        refused(refer(first, third), 409, "referral_refused")

        assert api.get(f"/members/{first['id']}").json() == first  # nothing else of the PATCH was written either


def test_the_ledger_of_a_member(api):
    member = api.enrol()
    api.patch("/programme", {"credit_percent": 10, "points_valid_days": 30, "effective_from": "2020-01-01"})
    bought = api.buy(member["id"], 600_000)

    rows = api.get(f"/members/{member['id']}/ledger?unit=points").json()["results"]

    assert len(rows) == 1
    assert list(rows[0]) == [
        "id", "seq", "unit", "delta", "balance_after", "kind", "reason", "document", "occurred_at",
        "usable_from", "expires_at", "remaining",
    ]  # fmt: skip
    row = rows[0]
    assert (row["seq"], row["unit"], row["delta"], row["balance_after"], row["kind"], row["remaining"]) == (
        1, "points", 6, 6, "earn", 6,
    )  # fmt: skip
    assert row["document"] == f"purchase:{bought['id']}"
    assert row["usable_from"] == bought["occurred_at"] and row["expires_at"]
    assert len(api.get(f"/members/{member['id']}/ledger").json()["results"]) == 2
    refused(api.get(f"/members/{member['id']}/ledger?unit=gold"), 400, "validation_error", "unit")


def test_the_purchases_of_a_member(api):
    member, other = api.enrol(), api.enrol()
    first, second = api.buy(member["id"], 1_000), api.buy(member["id"], 2_000)
    api.buy(other["id"])

    rows = api.get(f"/members/{member['id']}/purchases").json()["results"]

    assert [row["id"] for row in rows] == [second["id"], first["id"]]
    assert Purchase.objects.count() == 3


def test_a_list_goes_on_where_its_cursor_says(api):
    ids = [api.enrol()["id"] for _ in range(5)]

    seen, cursor = [], ""
    for _ in range(3):
        page = api.get(f"/members?limit=2{cursor}").json()
        seen += [row["id"] for row in page["results"]]
        cursor = f"&cursor={page['next']}"

    assert seen == ids[::-1]
    assert page["next"] is None


def test_changes_are_listed_by_when_they_were_made(api):
    first, second, third = (api.enrol() for _ in range(3))
    since = Member.objects.get(pk=second["id"]).updated_at.isoformat().replace("+", "%2B")
    api.patch(f"/members/{first['id']}", {"first_name": "نو"})

    page = api.get(f"/members?updated_after={since}&limit=1").json()
    rest = api.get(f"/members?updated_after={since}&limit=1&cursor={page['next']}").json()

    assert [row["id"] for row in page["results"] + rest["results"]] == [first["id"], third["id"]]
    assert rest["next"] is None
    refused(api.get(f"/members?cursor={page['next']}"), 400, "validation_error", "cursor")


@pytest.mark.parametrize("path", ["/members", "/purchases", "/products", "/members/{member}/ledger"])
def test_a_list_asks_the_same_for_3_and_for_30_rows(api, path):
    sara = api.enrol()
    api.post("/tiers", {"code": "t", "name": "t", "rank": 1, "threshold": 0})
    api.post("/groups", {"code": "g", "name": "g"})
    path = path.format(member=sara["id"])

    def more(rows):
        for _ in range(rows):
            api.enrol(referred_by=sara["referral_code"])
            api.buy(sara["id"], 200_000)
            api.post("/products", {"code": fresh_key(), "name": "چای", "price": 1, "groups": ["g"]})

    def statements():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            rows = len(api.get(f"{path}?limit=200").json()["results"])
        return rows, len(asked)

    more(3)
    api.get(path)  # the key's use is noted once
    few, asked_for_few = statements()
    more(27)
    many, asked_for_many = statements()

    assert (few, many) in {(4, 31), (3, 30)}
    assert asked_for_few == asked_for_many <= 7


def test_two_members_are_merged_and_the_one_left_is_answered(api):
    one, two = api.enrol(opening_points=50), api.enrol(opening_points=20)
    api.buy(one["id"])

    first = api.post(f"/members/{one['id']}/merge", {"into": two["id"]}, key="merge-1")
    again = api.post(f"/members/{one['id']}/merge", {"into": two["id"]}, key="merge-1")

    left = first.json()
    assert first.status_code == 200
    assert (left["id"], left["points"], left["lifetime"]["visits"]) == (two["id"], 76, 1)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert api.get(f"/members?phone={one['phone']}").json()["results"][0]["id"] == two["id"]
    assert api.get(f"/members/{one['id']}").json()["status"] == "erased"
    kinds = [row["kind"] for row in api.get(f"/members/{two['id']}/ledger").json()["results"]]
    assert kinds.count("merge") == 4 and kinds.count("opening") == 2


def test_a_merge_is_refused_as_the_contract_says(api, pos, other_api):
    one, two, foreign = api.enrol(), api.enrol(), other_api.enrol()
    path = f"/members/{one['id']}/merge"

    refused(api.post(path, {"into": two["id"]}), 400, "idempotency_key_missing")
    refused(api.post(path, {}, key="a"), 400, "validation_error", "into")
    refused(api.post(path, {"into": one["id"]}, key="a"), 400, "validation_error", "into")
    refused(api.post(path, {"into": foreign["id"]}, key="a"), 404, "not_found")
    refused(api.post(f"/members/{foreign['id']}/merge", {"into": one["id"]}, key="a"), 404, "not_found")
    refused(pos.post(path, {"into": two["id"]}, key="a"), 403, "forbidden")
    assert api.post(path, {"into": two["id"]}, key="a").status_code == 200  # the key was free again
    refused(api.post(path, {"into": two["id"]}, key="b"), 409, "conflict")
