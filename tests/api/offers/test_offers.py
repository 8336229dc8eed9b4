"""Defining offers over the API: what is answered, what is refused, and what each state allows."""

from typing import Any

import pytest

from core.models import AuditEntry
from offers.models import OfferVersion
from tests.api.conftest import fresh_key, refused
from tests.api.offers.conftest import TEN_PERCENT

FIELDS = [
    "id", "name", "summary", "goal", "trigger", "status", "starts_at", "ends_at", "when", "benefit", "stacking",
    "priority", "code_required", "limits", "control_percent", "message", "version", "created_at", "updated_at",
]  # fmt: skip
LIMITS = ["per_member", "per_member_per_day", "per_member_per_month", "total", "budget", "budget_per_month"]
SMALL: dict[str, Any] = {"name": "کم", "trigger": "purchase", "benefit": TEN_PERCENT}


def test_an_offer_answers_every_field_it_can_have(api):
    response = api.post("/offers", SMALL)

    assert response.status_code == 201
    offer = response.json()
    assert list(offer) == FIELDS
    assert offer == {
        **offer,
        **SMALL,
        "summary": "", "goal": "grow", "status": "draft", "starts_at": None, "ends_at": None, "when": {},
        "stacking": "best", "priority": 0, "code_required": False, "limits": dict.fromkeys(LIMITS),
        "control_percent": 0, "message": None, "version": 0,
    }  # fmt: skip
    assert api.get(f"/offers/{offer['id']}").json() == offer
    assert api.get("/offers").json() == {"results": [offer], "next": None}


def test_all_that_can_be_said_comes_back_as_it_was_said(api):
    api.post("/groups", {"code": "drinks", "name": "نوشیدنی"})
    said: dict[str, Any] = {
        "name": "عصرانه",
        "summary": "عصرها ۷٫۵٪",
        "goal": "retain",
        "trigger": "purchase",
        "starts_at": "2026-01-01",
        "ends_at": "2099-01-01T10:00:00+03:30",
        "when": {"any": [{"fact": "time", "op": "between", "value": ["16:00", "20:00"]},
                         {"not": {"fact": "weekday", "op": "in", "value": [5, 6]}},
                         {"fact": "amount", "op": "gte", "value": {"own": "mean_basket", "percent": 150}}]},
        "benefit": {"kind": "discount_percent", "percent": 7.5, "max": 900_000, "of": ["drinks"]},
        "stacking": "always",
        "priority": -3,
        "code_required": True,
        "limits": {"per_member": 3, "budget": 10_000_000},
        "control_percent": 12.5,
        "message": {"sms": "به شما رسید"},
    }  # fmt: skip

    offer = api.post("/offers", said).json()

    instants = {"starts_at": "2025-12-31T20:30:00+00:00", "ends_at": "2099-01-01T06:30:00+00:00"}
    limits = {**dict.fromkeys(LIMITS), **said["limits"]}
    assert offer == {**offer, **said, **instants, "limits": limits}
    assert api.get(f"/offers/{offer['id']}").json() == offer


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"when": {"all": [{"fact": "amount", "op": "gt", "value": 5}, {}, {"fact": "amount", "op": "gt", "value": "x"}]}},
         "when.all[2].value"),
        ({"when": {"fact": "luck", "op": "eq", "value": 1}}, "when.fact"),
        ({"when": {"fact": "weekday", "op": "like", "value": 1}}, "when.op"),
        ({"when": {"not": {"all": [{"not": {"all": [{"not": {}}]}}]}}}, "when"),
        ({"when": []}, "when"),
        ({"benefit": {"kind": "discount_percent"}}, "benefit.percent"),
        ({"benefit": {"kind": "discount_percent", "percent": 101}}, "benefit.percent"),
        ({"benefit": {"kind": "wish"}}, "benefit.kind"),
        ({"benefit": {"kind": "free_item", "product": "none", "quantity": 1}}, "benefit.product"),
        ({"benefit": {**TEN_PERCENT, "of": "none"}}, "benefit.of"),
        ({"trigger": "sunrise"}, "trigger"),
        ({"stacking": "sometimes"}, "stacking"),
        ({"control_percent": 51}, "control_percent"),
        ({"limits": {"total": 0}}, "limits.total"),
        ({"limits": {"per_week": 1}}, "limits.per_week"),
        ({"starts_at": "2026-02-02", "ends_at": "2026-01-01"}, "ends_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"name": " "}, "name"),
        ({"summary": "x" * 201}, "summary"),
        ({"status": "paused"}, "status"),
        ({"status": None}, "status"),
        ({"message": "text"}, "message"),
        ({"message": {"a": {"b": [float("nan")]}}}, "message"),
        ({"id": 7}, "id"),
        ({"colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_path(api, change, path):
    problem = refused(api.post("/offers", {**SMALL, **change}), 400, "validation_error")

    assert any(name == path or name.startswith(f"{path}.") for name in problem["errors"]), problem["errors"]
    assert api.get("/offers").json()["results"] == []


@pytest.mark.parametrize("body", [None, [], "x", 5, {}, {"name": "x"}])
def test_a_body_that_is_no_offer_is_refused(api, body):
    assert api.send("POST", "/offers", body).status_code == 400


def test_a_live_offer_is_published_at_once_and_moves_by_its_doors(api, desk):
    offer = desk.offer()
    assert (offer["status"], offer["version"]) == ("live", 1)

    def moved(act):
        response = api.post(f"/offers/{offer['id']}/{act}")
        assert response.status_code == 200, response.content.decode()
        return response.json()["status"], response.json()["version"]

    assert moved("pause") == ("paused", 1)
    refused(api.post(f"/offers/{offer['id']}/pause"), 409, "conflict")
    assert moved("publish") == ("live", 2)
    assert moved("end") == ("ended", 2)
    for act in ("publish", "pause", "end"):
        refused(api.post(f"/offers/{offer['id']}/{act}"), 409, "conflict")
    refused(api.patch(f"/offers/{offer['id']}", {"name": "نو"}), 409, "conflict")
    acts = AuditEntry.objects.filter(target=f"offer:{offer['id']}").order_by("pk").values_list("action", flat=True)
    assert list(acts) == ["offer.create", "offer.publish", "offer.pause", "offer.publish", "offer.end"]


def test_a_key_repeats_a_move_instead_of_refusing_it(api, desk):
    offer, key = desk.offer(), fresh_key()

    first = api.post(f"/offers/{offer['id']}/pause", key=key)
    again = api.post(f"/offers/{offer['id']}/pause", key=key)

    assert again.content == first.content and again["Idempotent-Replayed"] == "true"


def test_a_patch_may_move_the_status_too(api, desk):
    offer = desk.offer(status="draft")
    path = f"/offers/{offer['id']}"

    assert api.patch(path, {"status": "draft"}).json()["status"] == "draft"
    assert api.patch(path, {"status": "live", "name": "نو"}).json()["name"] == "نو"
    assert api.get(path).json()["status"] == "live"
    refused(api.patch(path, {"status": "draft"}), 409, "conflict")
    assert api.patch(path, {"status": "paused", "priority": 5}).json()["version"] == 1
    assert api.patch(path, {"status": "live"}).json()["version"] == 2
    assert OfferVersion.objects.get(live_until=None).terms["priority"] == 5
    assert api.patch(path, {"status": "ended"}).json()["status"] == "ended"


def test_a_patch_replaces_each_field_it_names_and_nothing_when_one_is_wrong(api, desk):
    offer = desk.offer(limits={"total": 5, "per_member": 1}, summary="خلاصه")
    path = f"/offers/{offer['id']}"

    changed = api.patch(path, {"limits": {"budget": 7}, "benefit": {"kind": "credit_amount", "amount": 5}}).json()
    assert changed["limits"] == {**dict.fromkeys(LIMITS), "budget": 7}
    assert (changed["summary"], changed["version"]) == ("خلاصه", 2)
    refused(api.patch(path, {"name": "نو", "priority": "x"}), 400, "validation_error", "priority")
    refused(api.patch(path, {"status": "paused", "priority": "x"}), 400, "validation_error", "priority")
    assert api.get(path).json() == changed
    assert api.patch(path, {}).json() == changed


def test_an_offer_that_is_over_is_not_published(api, desk):
    offer = desk.offer(status="draft", ends_at="2020-01-01")

    refused(api.post(f"/offers/{offer['id']}/publish"), 400, "validation_error", "ends_at")
    refused(
        api.post("/offers", {**SMALL, "ends_at": "2020-01-01", "status": "live"}), 400, "validation_error", "ends_at"
    )
    assert len(api.get("/offers").json()["results"]) == 1


def test_only_a_draft_that_never_was_live_is_deleted(api, desk):
    draft, live = desk.offer(status="draft"), desk.offer()

    assert api.delete(f"/offers/{draft['id']}").status_code == 204
    refused(api.get(f"/offers/{draft['id']}"), 404, "not_found")
    refused(api.delete(f"/offers/{live['id']}"), 409, "conflict")


def test_lists_are_filtered_paged_and_followed(api, desk):
    first, second, third = desk.offer(), desk.offer(status="draft"), desk.offer(trigger="enrolment",
        benefit={"kind": "credit_amount", "amount": 5})  # fmt: skip

    def listed(query):
        return [one["id"] for one in api.get(f"/offers?{query}").json()["results"]]

    assert listed("") == [third["id"], second["id"], first["id"]]
    assert listed("status=live") == [third["id"], first["id"]]
    assert listed("trigger=enrolment") == [third["id"]]
    page = api.get("/offers?limit=2").json()
    assert listed(f"limit=2&cursor={page['next']}") == [first["id"]]
    assert listed(f"updated_after={second['updated_at'].replace('+', '%2B')}") == [third["id"]]
    refused(api.get("/offers?status=on"), 400, "validation_error", "status")


class TestCheck:
    def test_it_says_the_offer_in_plain_words_and_writes_nothing(self, api):
        when = {"fact": "amount", "op": "gte", "value": 5_000_000}

        answer = api.post("/offers/check", {**SMALL, "when": when, "summary": "ده درصد", "status": "live"})

        assert answer.status_code == 200
        assert answer.json().keys() == {"text", "findings"} and answer.json()["findings"] == []
        assert "۵۰۰٬۰۰۰ تومان" in answer.json()["text"] and "۱۰" in answer.json()["text"]
        assert api.get("/offers").json()["results"] == []

    def test_what_is_false_in_no_word_and_wrong_all_the_same_is_found(self, api, desk):
        never = {"all": [{"fact": "amount", "op": "gt", "value": 9}, {"fact": "amount", "op": "lt", "value": 5}]}

        findings = api.post("/offers/check", {**SMALL, "when": never}).json()["findings"]

        found = [(one["code"], one["severity"], one["path"].partition(".")[0]) for one in findings]
        assert found == [("summary_missing", "error", "summary"), ("never_matches", "error", "when")]
        assert all(one["text"] for one in findings)

    def test_an_offer_is_not_held_against_itself(self, api, desk):
        said = {**SMALL, "summary": "ده درصد"}
        offer = desk.offer(**said)["id"]

        assert api.post("/offers/check", {**said, "id": offer}).json()["findings"] == []
        (twin,) = api.post("/offers/check", said).json()["findings"]
        assert (twin["code"], twin["severity"]) == ("always_loses", "warning") and SMALL["name"] in twin["text"]

    def test_what_is_wrong_is_refused_as_when_it_is_made(self, api):
        refused(api.post("/offers/check", {**SMALL, "when": {"all": [{"fact": "x"}]}}), 400, "validation_error")
        refused(api.post("/offers/check", {**SMALL, "id": "x"}), 400, "validation_error", "id")
        refused(api.post("/offers/check", {**SMALL, "id": 1}), 404, "not_found")
