"""Leads over the API: registered once a phone, moved along, lost, and made customers by a purchase or a word."""

from club.members.models import AgentCode
from core.events import consume_all
from crm.agents.contracts import end_contract
from tests.api.conftest import fresh_key, refused
from tests.crm.agents.acts import agent
from tests.shop import NOON


def registered(api, phone="09121234567", **body):
    response = api.post("/leads", {"phone": phone, "name": "مینا راد", **body})
    assert response.status_code == 201, response.content.decode()
    return response.json()


def test_a_lead_is_registered_moved_lost_opened_and_won_by_its_first_purchase(api):
    sara = api.enrol()
    lead = registered(api, "+98 912 123 4567", referred_by=sara["referral_code"].lower(), kind="company")
    path = f"/leads/{lead['id']}"

    told = {
        name: lead[name] for name in ("stage", "status", "member", "owner", "next_activity", "phone", "referred_by")
    }
    assert told == {
        "stage": "new", "status": "open", "member": None, "owner": None, "next_activity": None, "phone": "09121234567",
        "referred_by": sara["referral_code"],
    }  # fmt: skip
    activity = {"text": "زنگ بزن", "due_on": "2027-01-01"}
    moved = api.patch(path, {"stage": "proposal", "next_activity": activity, "expected_amount": 5_000_000}).json()
    assert (moved["stage"], moved["next_activity"], moved["expected_amount"]) == ("proposal", activity, 5_000_000)
    assert moved["qualified_at"]
    lost = api.patch(path, {"lost_reason": "گران بود", "rival": "کافهٔ روبه‌رو", "next_activity": None}).json()
    assert (lost["status"], lost["lost_reason"], lost["rival"]) == ("lost", "گران بود", "کافهٔ روبه‌رو")
    refused(api.patch(path, {"stage": "new"}), 409, "conflict")
    refused(api.post(f"{path}/convert"), 409, "conflict")
    assert api.patch(path, {"status": "open", "stage": "new"}).json()["stage"] == "new"

    mina = api.enrol(phone="09121234567")
    receipt = api.buy(mina["id"], 2_000_000)
    consume_all()

    [won] = api.get("/leads?status=won").json()["results"]
    assert mina["referred_by"] == sara["referral_code"]
    assert (won["member"], won["purchase"], bool(won["converted_at"])) == (mina["id"], receipt["id"], True)
    assert api.post(f"{path}/convert").json() == won


def test_a_word_converts_once_and_makes_a_member(api):
    lead = registered(api)

    key = fresh_key()
    answers = [api.post(f"/leads/{lead['id']}/convert", key=key) for _twice in range(2)]

    assert [one.status_code for one in answers] == [200, 200] and answers[0].content == answers[1].content
    assert answers[0].json()["status"] == "won"
    assert api.get(f"/members/{answers[0].json()['member']}").json()["phone"] == "09121234567"


def test_what_is_wrong_with_a_lead_is_named(api):
    lead, sara = registered(api), api.enrol()

    problem = refused(api.post("/leads", {"phone": "۰۹۱۲-۱۲۳-۴۵۶۷", "name": "کسی"}), 409, "duplicate_phone")
    assert problem["lead"] == lead["id"]
    new = {"phone": "09121234568", "name": "رضا"}
    for body, field in (
        ({**new, "phone": "021"}, "phone"),
        ({**new, "name": ""}, "name"),
        ({**new, "kind": "x"}, "kind"),
        ({**new, "email": "x"}, "email"),
        ({**new, "agent": sara["referral_code"]}, "agent"),
        ({**new, "referred_by": "NOBODY"}, "referred_by"),
        ({**new, "stage": "new"}, "stage"),
    ):
        refused(api.post("/leads", body), 400, "validation_error", field)
    gone = agent()
    code = AgentCode.objects.get(agent_id=gone.pk).code
    end_contract(gone.pk, reason="رفت", actor="user:1", now=NOON)
    for field in ("agent", "referred_by"):
        problem = refused(api.post("/leads", {**new, field: code}), 400, "validation_error", field)
        assert "پایان یافته" in problem["errors"][field][0]
    refused(api.post("/leads", {**new, "phone": sara["phone"], "referred_by": sara["referral_code"]}), 409,
            "referral_refused")  # fmt: skip
    for body, field in (({"stage": "x"}, "stage"), ({"status": "lost"}, "lost_reason"), ({"status": "won"}, "status")):
        refused(api.patch(f"/leads/{lead['id']}", body), 400, "validation_error", field)
    refused(api.patch("/leads/987654321", {"name": "x"}), 404, "not_found")
    assert len(api.get("/leads?q=۱۲۳۴۵۶۷").json()["results"]) == 1
    assert [api.get(f"/leads?{query}").json()["results"] for query in ("status=won", "stage=x", "phone=09120000000")] == [
        [], [], [],
    ]  # fmt: skip
