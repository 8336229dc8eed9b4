"""Activities over the API, as the contract has them."""

from crm.occasions.activities import add_type
from tests.api.conftest import refused
from tests.offering import publish


def test_an_activity_earns_by_its_offer_once_and_says_what_was_considered(api, pos):
    add_type(code="story", name="استوری", actor="user:1")
    offer = publish(
        "استوری",
        {"kind": "points_amount", "points": 20},
        trigger="event:story",
        limits={"per_member_per_day": 1},
    )
    member = api.enrol()
    body = {"member": member["phone"], "type": "story", "occurred_at": None, "properties": {"url": "x"}}

    first, again = (pos.post("/events", body, key="one") for _each in range(2))
    second = pos.post("/events", {"member": member["id"], "type": "story"}, key="two").json()

    said = first.json()
    assert (first.status_code, said.keys()) == (201, {"id", "awards", "considered", "balances"})
    assert [(award["offer"], award["points"]) for award in said["awards"]] == [(offer.pk, 20)]
    assert said["balances"] == {"points": 20, "credit": 0}
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert (second["awards"], second["considered"][0]["outcome"]) == ([], "limit_reached")


def test_what_is_wrong_is_refused_and_an_unknown_type_names_those_there_are(api, pos, reader):
    add_type(code="story", name="استوری", actor="user:1")
    member = api.enrol()["id"]

    refused(pos.post("/events", {"member": member, "type": "story"}), 400, "idempotency_key_missing")
    problem = refused(pos.post("/events", {"member": member, "type": "x"}, key="a"), 400, "validation_error", "type")
    assert "story" in problem["errors"]["type"][0]
    refused(pos.post("/events", {"member": 2**40, "type": "story"}, key="b"), 404, "not_found")
    refused(pos.post("/events", {"type": "story"}, key="c"), 400, "validation_error", "member")
    refused(reader.post("/events", {"member": member, "type": "story"}, key="d"), 403, "forbidden")
