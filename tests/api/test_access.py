"""Who may do what over the API: keys, their scopes, and the walls between clubs."""

import re
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiKey
from accounts.services import revoke_api_key
from core.models import Club
from core.tenancy.scope import club_scope
from crm.occasions.activities import add_type
from tests.api.conftest import Api, api_of, refused
from tests.conftest import fresh_club

SCOPES = ("read", "pos", "manage")
BODIES: dict[str, dict[str, Any]] = {
    "member": {"phone": "09350000000"},
    "purchase": {"member": None, "amount": 1},
    "refund": {"reason": "ر"},
    "gift": {"unit": "points", "delta": 1, "reason": "هدیه"},
    "tier": {"code": "t2", "name": "t", "rank": 2, "threshold": 20},
    "product": {"code": "p2", "name": "p", "price": 1},
    "thing": {"code": "x2", "name": "x"},
    "name": {"name": "نو"},
    "floor": {"first_name": "نو"},
    "setting": {"point_worth": 5},
    "offer": {
        "name": "نو",
        "trigger": "purchase",
        "when": {"all": [{"fact": "amount", "op": "gte", "value": 5}]},
        "benefit": {"kind": "discount_percent", "percent": 5},
    },
    "backtest": {"offer": {"name": "نو", "trigger": "purchase", "benefit": {"kind": "discount_percent", "percent": 5}}},
    "coupon": {"code": "NOWRUZ"},
    "lead": {"phone": "09121110001", "name": "رضا"},
    "change": {"subject": "نو"},
    "comment": {"text": "سلام", "from": "staff"},
    "reward": {"code": "r2", "name": "قهوه", "points": 5},
}
# method, path, body, status when allowed, the scopes that are allowed
MATRIX = [
    ("GET", "/members", None, 200, "read pos manage"),
    ("POST", "/members", "member", 201, "pos manage"),
    ("GET", "/members/{member}", None, 200, "read pos manage"),
    ("PATCH", "/members/{member}", "floor", 200, "pos manage"),
    ("GET", "/members/{member}/ledger", None, 200, "read pos manage"),
    ("GET", "/members/{member}/purchases", None, 200, "read pos manage"),
    ("GET", "/members/{member}/offers", None, 200, "read pos manage"),
    ("POST", "/members/{member}/adjustments", "gift", 201, "manage"),
    ("POST", "/members/{member}/merge", "merge", 200, "manage"),
    ("GET", "/purchases", None, 200, "read pos manage"),
    ("POST", "/purchases", "purchase", 201, "pos manage"),
    ("POST", "/purchases/preview", "purchase", 200, "pos manage"),
    ("GET", "/purchases/{purchase}", None, 200, "read pos manage"),
    ("POST", "/purchases/{purchase}/refunds", "refund", 201, "pos manage"),
    ("POST", "/purchases/{purchase}/refunds/preview", "refund", 200, "pos manage"),
    ("GET", "/programme", None, 200, "read pos manage"),
    ("PATCH", "/programme", "setting", 200, "manage"),
    ("GET", "/tiers", None, 200, "read pos manage"),
    ("POST", "/tiers", "tier", 201, "manage"),
    ("PATCH", "/tiers/t", "name", 200, "manage"),
    ("DELETE", "/tiers/t", None, 204, "manage"),
    ("GET", "/offers", None, 200, "read pos manage"),
    ("POST", "/offers", "offer", 201, "manage"),
    ("GET", "/offers/{offer}", None, 200, "read pos manage"),
    ("PATCH", "/offers/{offer}", "name", 200, "manage"),
    ("DELETE", "/offers/{draft}", None, 204, "manage"),
    ("POST", "/offers/{draft}/publish", None, 200, "manage"),
    ("POST", "/offers/{offer}/pause", None, 200, "manage"),
    ("POST", "/offers/{offer}/end", None, 200, "manage"),
    ("GET", "/offers/{offer}/effect", None, 200, "read pos manage"),
    ("POST", "/offers/check", "offer", 200, "manage"),
    ("POST", "/offers/backtest", "backtest", 200, "manage"),
    ("GET", "/coupons", None, 200, "read pos manage"),
    ("POST", "/coupons", "coupons", 201, "manage"),
    ("POST", "/coupons/validate", "coupon", 200, "pos manage"),
    ("GET", "/rewards", None, 200, "read pos manage"),
    ("POST", "/rewards", "reward", 201, "manage"),
    ("POST", "/events", "event", 201, "pos manage"),
    ("POST", "/redemptions", "redemption", 201, "pos manage"),
    ("POST", "/redemptions/{redemption}/use", None, 200, "pos manage"),
    ("POST", "/redemptions/{redemption}/cancel", None, 200, "pos manage"),
    ("GET", "/gift_cards", None, 200, "read pos manage"),
    ("POST", "/gift_cards", "gift_cards", 201, "manage"),
    ("POST", "/gift_cards/{gift_card}/block", None, 200, "manage"),
    ("GET", "/leads", None, 200, "read pos manage"),
    ("POST", "/leads", "lead", 201, "manage"),
    ("PATCH", "/leads/{lead}", "name", 200, "manage"),
    ("POST", "/leads/{lead}/convert", None, 200, "manage"),
    ("GET", "/tickets", None, 200, "read pos manage"),
    ("POST", "/tickets", "ticket", 201, "manage"),
    ("GET", "/tickets/{ticket}", None, 200, "read pos manage"),
    ("PATCH", "/tickets/{ticket}", "change", 200, "manage"),
    ("GET", "/tickets/{ticket}/comments", None, 200, "read pos manage"),
    ("POST", "/tickets/{ticket}/comments", "comment", 201, "manage"),
    ("POST", "/tickets/{ticket}/close", None, 200, "manage"),
    ("POST", "/tickets/{closed}/reopen", None, 200, "manage"),
    ("GET", "/products", None, 200, "read pos manage"),
    ("POST", "/products", "product", 201, "manage"),
    ("PATCH", "/products/p", "name", 200, "manage"),
    ("GET", "/groups", None, 200, "read pos manage"),
    ("POST", "/groups", "thing", 201, "manage"),
    ("PATCH", "/groups/x", "name", 200, "manage"),
    ("GET", "/branches", None, 200, "read pos manage"),
    ("POST", "/branches", "thing", 201, "manage"),
    ("PATCH", "/branches/x", "name", 200, "manage"),
]


class Stocked(NamedTuple):
    """A club with one of everything, by the names that the paths of the matrix use."""

    club: Club
    ids: dict[str, Any]


@pytest.fixture(scope="module")
def stocked(django_db_setup, django_db_blocker):
    """Made and committed once: what each test does to it is undone with the test."""
    with django_db_blocker.unblock():
        club = fresh_club()
        with club_scope(club):
            return Stocked(club, one_of_everything(api_of(club)))


@pytest.fixture
def ids(stocked, db):
    with club_scope(stocked.club):
        yield stocked.ids


def one_of_everything(api):
    api.post("/tiers", {"code": "t", "name": "t", "rank": 1, "threshold": 10})
    api.post("/products", {"code": "p", "name": "p", "price": 1})
    api.post("/groups", {"code": "x", "name": "x"})
    api.post("/branches", {"code": "x", "name": "x"})
    BODIES["merge"] = {"into": api.enrol()["id"]}
    offer = {"name": "x", "trigger": "purchase", "benefit": {"kind": "discount_amount", "amount": 1}}
    coded = api.post("/offers", {**offer, "code_required": True, "status": "live"}).json()["id"]
    BODIES["gift_cards"] = {"amount": 10}
    BODIES["coupons"] = {"offer": coded, "code": "SARA", "uses": 1, "member": BODIES["merge"]["into"]}
    api.post("/rewards", {"code": "r", "name": "r", "points": 1})
    add_type(code="story", name="استوری", actor="user:1")
    BODIES["event"] = {"member": api.enrol()["id"], "type": "story"}
    BODIES["redemption"] = {"member": api.enrol(opening_points=9)["id"], "reward": "r"}
    BODIES["ticket"] = {"member": api.enrol()["id"], "kind": "question", "subject": "کارت", "text": "سلام"}
    ticket, closed = (api.post("/tickets", BODIES["ticket"]).json()["id"] for _twice in range(2))
    api.post(f"/tickets/{closed}/close")
    return {
        "ticket": ticket,
        "closed": closed,
        "redemption": api.post("/redemptions", BODIES["redemption"], key="r").json()["id"],
        "member": api.enrol()["id"],
        "purchase": api.buy(None, 1)["id"],
        "offer": coded,
        "gift_card": api.post("/gift_cards", {"amount": 10}, key="gift-card").json()["results"][0]["code"],
        "lead": api.post("/leads", {"phone": "09121110000", "name": "مینا"}).json()["id"],
        "draft": api.post("/offers", offer).json()["id"],
    }


@contextmanager
def undone():
    """What is done inside has not happened, so that the next may do it, too."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


def send(api, ids, method, path, body):
    return api.send(method, path.format(**ids), BODIES.get(body), key="k" if method == "POST" else None)


def test_the_matrix_has_every_operation():
    from api.schema import document

    paths = document()["paths"]
    known = {
        (method.upper(), re.sub(r"\{\w+\}", "*", path.removeprefix("/api/v1")))
        for path, operations in paths.items()
        for method in operations
    }
    rows = {(method, re.sub(r"\{\w+\}|(?<=s/)[a-z]$", "*", path)) for method, path, *_more in MATRIX}

    assert not known - rows, f"write a row into MATRIX, with the scopes that may: {sorted(known - rows)}"
    assert not rows - known, f"gone from the document: {sorted(rows - known)}"


@pytest.mark.parametrize(("method", "path", "body", "status", "scopes"), MATRIX)
class TestEveryOperation:
    def test_asks_for_a_key_of_the_club_and_for_its_scope(
        self, stocked, ids, other_api, method, path, body, status, scopes
    ):
        without = send(Api(stocked.club, None), ids, method, path, body)

        refused(without, 401, "unauthorized")
        assert without["WWW-Authenticate"] == "Bearer"
        refused(send(Api(stocked.club, other_api.raw_key), ids, method, path, body), 401, "unauthorized")
        for scope in SCOPES:
            with undone():
                response = send(api_of(stocked.club, scope), ids, method, path, body)
            if scope in scopes.split():
                assert response.status_code == status, response.content.decode()
            else:
                refused(response, 403, "forbidden")

    def test_finds_nothing_of_another_club(self, ids, other_api, method, path, body, status, scopes):
        """The very addresses that answer here are 404 there; lists are empty."""
        response = send(other_api, ids, method, path, body)

        if (
            "{" in path
            or path.rsplit("/", 1)[1] in {"t", "p", "x"}
            or body in {"coupons", "redemption", "event", "ticket"}
        ):
            refused(response, 404, "not_found")
        elif method == "GET" and path != "/programme":
            assert response.json() == {"results": [], "next": None}


def test_nested_ids_of_another_club_are_unknown_too(stocked, ids, other_api):
    api = api_of(stocked.club)
    member, purchase = ids["member"], ids["purchase"]
    phone = api.get(f"/members/{member}").json()["phone"]
    code = api.get(f"/members/{member}").json()["referral_code"]

    for named in (member, phone):
        refused(other_api.post("/purchases", {"member": named, "amount": 1}, key="k"), 404, "not_found")
        refused(other_api.post("/purchases/preview", {"member": named, "amount": 1}), 404, "not_found")
    refused(other_api.post(f"/purchases/{purchase}/refunds", {"reason": "ر"}, key="k"), 404, "not_found")
    body = {"member": None, "lines": [{"product": "p", "group": "x"}]}
    refused(other_api.post("/purchases", body, key="k"), 400, "validation_error", "lines[0].product", "lines[0].group")
    refused(
        other_api.post("/purchases", {"member": None, "amount": 1, "branch": "x"}, key="k"),
        400, "validation_error", "branch",
    )  # fmt: skip
    refused(
        other_api.post("/members", {"phone": "09120000000", "referred_by": code}),
        400,
        "validation_error",
        "referred_by",
    )
    refused(
        other_api.post("/products", {"code": "q", "name": "q", "price": 1, "groups": ["x"]}),
        400, "validation_error", "groups[0]",
    )  # fmt: skip
    for code_of in (member, phone):
        refused(other_api.post("/coupons/validate", {"code": "A", "member": code_of}), 404, "not_found")
    api.post("/coupons", {"offer": ids["offer"], "code": "OURS"}, key="ours")
    unknown = other_api.post("/coupons/validate", {"code": "OURS"}).json()
    assert unknown == {"valid": False, "offer": None, "reason": "coupon_unknown"}
    theirs = other_api.post("/offers", {**BODIES["offer"], "code_required": True}).json()["id"]
    refused(other_api.post("/coupons", {"offer": theirs, "count": 1, "member": member}, key="k"), 404, "not_found")
    gift = {"kind": "coupon", "offer": ids["offer"], "valid_days": 5}
    refused(
        other_api.post("/offers", {**BODIES["offer"], "benefit": gift, "stacking": "always"}),
        400, "validation_error", "benefit.offer",
    )  # fmt: skip
    refused(other_api.post("/offers/check", {**BODIES["offer"], "id": ids["offer"]}), 404, "not_found")
    refused(other_api.post("/offers/backtest", {"offer": {**BODIES["offer"], "id": ids["offer"]}}), 404, "not_found")
    assert other_api.post("/members", {"phone": phone}).status_code == 201  # one person, two clubs


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token {key}", "{key}", "Bearer {key}x", "Bearer x{key}", "Bearer ck_1_2",
     "Bearer کلید", "Bearer a\x00b", "Bearer " + "x" * 5_000],
)  # fmt: skip
def test_what_is_no_key_is_unauthorized(api, header):
    refused(api.get("/members", authorization=header.format(key=api.raw_key)), 401, "unauthorized")


def test_the_word_bearer_is_read_in_any_case(api):
    assert api.get("/members", authorization=f"bearer {api.raw_key}").status_code == 200


def test_a_revoked_key_is_unknown_from_the_next_request_on(api, club):
    with club_scope(club):
        revoke_api_key(ApiKey.objects.get().pk, actor="user:1", now=timezone.now())

    refused(api.get("/members"), 401, "unauthorized")


def test_a_key_costs_one_statement_and_no_session(api):
    api.get("/tiers")

    with CaptureQueriesContext(connection) as asked:
        response = api.get("/tiers")

    assert len(asked) == 2, [one["sql"] for one in asked]
    assert not response.cookies


def test_the_document_needs_no_key(club):
    response = Api(club, None).get("/schema")

    assert response.status_code == 200
    assert response.json()["openapi"].startswith("3.")
