"""Adjustments over the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.ledger.models import Entry
from club.purchases.proof import verify_value
from tests.api.conftest import refused

ENTRY_FIELDS = [
    "id", "seq", "unit", "delta", "balance_after", "kind", "reason", "document", "occurred_at", "usable_from",
    "expires_at", "remaining",
]  # fmt: skip
GIFT = {"unit": "points", "delta": 120, "reason": "هدیهٔ نوروز"}


@pytest.fixture
def path(api):
    return f"/members/{api.enrol()['id']}/adjustments"


def test_value_given_is_answered_as_its_entry_and_stands_in_the_ledger(api, path):
    response = api.post(path, {**GIFT, "expires_at": "2126-12-01"}, key="a-1")

    assert response.status_code == 201
    entry = response.json()
    assert list(entry) == ENTRY_FIELDS
    assert (entry["unit"], entry["delta"], entry["kind"], entry["reason"]) == ("points", 120, "adjust", "هدیهٔ نوروز")
    assert entry["expires_at"] == "2126-12-01T20:30:00+00:00"  # the end of that day in Tehran
    assert api.get(path.replace("adjustments", "ledger")).json()["results"] == [entry]
    again = api.post(path, {**GIFT, "expires_at": "2126-12-01"}, key="a-1")
    assert again.content == response.content and again["Idempotent-Replayed"] == "true"
    refused(api.post(path, {**GIFT, "delta": 1}, key="a-1"), 422, "idempotency_conflict")


def test_an_entry_is_undone_once_by_its_id(api, path):
    entry = api.post(path, GIFT, key="a-1").json()

    undone = api.post(path, {"reverses": entry["id"], "reason": "اشتباه بود"}, key="a-2")

    assert undone.status_code == 201
    assert (undone.json()["kind"], undone.json()["delta"], undone.json()["balance_after"]) == ("reverse", -120, 0)
    refused(api.post(path, {"reverses": entry["id"], "reason": "باز"}, key="a-3"), 409, "already_reversed")
    refused(api.post(path, {"reverses": undone.json()["id"], "reason": "باز"}, key="a-3"), 409, "conflict")
    assert verify_value() == []


def test_it_needs_a_key_and_the_scope_manage(api, pos, path):
    refused(api.post(path, GIFT), 400, "idempotency_key_missing")
    refused(pos.post(path, GIFT, key="k"), 403, "forbidden")
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["unit", "delta", "reason"]),
        ({**GIFT, "unit": "debt"}, ["unit"]),
        ({**GIFT, "delta": 0}, ["delta"]),
        ({**GIFT, "delta": 1.5}, ["delta"]),
        ({**GIFT, "delta": "120"}, ["delta"]),
        ({**GIFT, "delta": 10**15 + 1}, ["delta"]),
        ({**GIFT, "reason": ""}, ["reason"]),
        ({**GIFT, "occurred_at": "2126-01-01T00:00:00Z"}, ["occurred_at"]),
        ({**GIFT, "expires_at": "2020-01-01"}, ["expires_at"]),
        ({**GIFT, "delta": -1, "expires_at": "2126-01-01"}, ["expires_at"]),
        ({**GIFT, "quiet": True}, ["quiet"]),
        ({"reverses": 1}, ["reason"]),
        ({"reverses": "1", "reason": "x"}, ["reverses"]),
        ({"reverses": 0, "reason": "x"}, ["reverses"]),
        ({"reverses": 1, "reason": "x", "delta": 5}, ["delta"]),
        ([], ["body"]),
    ],
)
def test_a_wrong_body_is_refused_by_its_fields(api, path, body, fields):
    refused(api.post(path, body, key="k"), 400, "validation_error", *fields)
    assert not Entry.objects.exists()


def test_more_than_is_there_is_refused_by_its_unit(api, path):
    for unit in ("points", "credit"):
        problem = refused(api.post(path, {**GIFT, "unit": unit, "delta": -1}, key="k"), 409, f"insufficient_{unit}")
        assert (problem["needed"], problem["available"]) == (1, 0)


def test_another_club_finds_neither_the_member_nor_the_entry(api, other_api, path):
    entry = api.post(path, GIFT, key="a-1").json()
    own = f"/members/{other_api.enrol()['id']}/adjustments"

    refused(other_api.post(path, GIFT, key="k"), 404, "not_found")
    refused(other_api.post(path, {"reverses": entry["id"], "reason": "x"}, key="k"), 404, "not_found")
    refused(other_api.post(own, {"reverses": entry["id"], "reason": "x"}, key="k"), 404, "not_found")
    refused(api.post("/members/999999999/adjustments", GIFT, key="k"), 404, "not_found")


def test_statements_do_not_grow_with_what_went_before(api, path):
    def statements(number):
        with CaptureQueriesContext(connection) as asked:
            assert api.post(path, {**GIFT, "delta": -1 if number else 50}, key=f"s-{number}").status_code == 201
        return len([one for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]])

    statements(0)
    few = statements(1)
    for number in range(2, 12):
        statements(number)

    assert statements(12) == few <= 14
