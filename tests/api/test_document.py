"""The OpenAPI document says what the code does: every operation is sent random and wrong input drawn from it."""

import itertools
import json
import os
import re
from dataclasses import dataclass

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import URLPattern
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.parameters import ParameterLocation

from api import urls
from api.schema import document
from core.models import Club
from core.tenancy.middleware import forget_hosts
from tests.api.conftest import api_of, fresh_key, fresh_phone
from tests.conftest import fresh_club

load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "missing_required_header",
        "unsupported_method",
    ]
)
REFUSES_WRONG_DATA = CHECKS.get_by_names(["negative_data_rejection"])
DOCUMENT = document()
OPERATIONS = sorted((path, method.upper()) for path, operations in DOCUMENT["paths"].items() for method in operations)


def test_every_address_is_in_the_document():
    routes = {
        "/api/v1/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(one.pattern))
        for one in urls.urlpatterns
        if isinstance(one, URLPattern)
    }

    assert set(DOCUMENT["paths"]) == routes - {"/api/v1/schema"}


def test_the_document_names_each_operation_once_and_how_keys_are_sent():
    operations = [one for path in DOCUMENT["paths"].values() for one in path.values()]

    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) == len(OPERATIONS)
    assert all(one["security"] == [{"ApiKey": []}] for one in operations)
    assert DOCUMENT["components"]["securitySchemes"]["ApiKey"]["scheme"] == "bearer"


def test_the_document_is_openapi_3():
    validate_schema(json.loads(json.dumps(DOCUMENT, default=str)))


def test_every_reference_in_the_document_leads_somewhere():
    text = json.dumps(DOCUMENT, default=str)

    assert set(re.findall(r"#/components/schemas/(\w+)", text)) <= set(DOCUMENT["components"]["schemas"])


@dataclass
class Prepared:
    """A club that has one of everything, so that some of what is drawn meets something."""

    club: Club
    ids: dict[str, object]
    document: schemathesis.schemas.BaseSchema


@pytest.fixture(scope="module")
def prepared(django_db_setup, django_db_blocker):
    """Made and committed once for all operations: what each of them does is undone with its test."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(DOCUMENT, default=str)))
    schema.app = get_wsgi_application()
    schema.location = "/api/v1/schema"
    with django_db_blocker.unblock():
        club = fresh_club()
        ids = one_of_everything(api_of(club))
    # A WSGI request outside Django's test client would close the connection that holds the test's transaction.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield Prepared(club, ids, schema)
    for signal in signals:
        signal.connect(close_old_connections)


def one_of_everything(api):
    """What stands in addresses, by its name there."""
    api.post("/tiers", {"code": "0", "name": "t", "rank": 0, "threshold": 0})
    for path in ("/groups", "/branches"):
        api.post(path, {"code": "0", "name": "x"})
    api.post("/products", {"code": "0", "name": "x", "price": 5_000, "groups": ["0"]})
    api.patch("/programme", {"credit_percent": 10, "effective_from": "2020-01-01"})
    member = api.enrol(phone=fresh_phone())
    purchases = [api.buy(member["id"], 900_000)["id"] for _ in range(3)]
    discount = {"name": "x", "trigger": "purchase", "benefit": {"kind": "discount_amount", "amount": 1}}
    offer = api.post("/offers", {**discount, "code_required": True, "status": "live"}).json()["id"]
    api.post("/coupons", {"offer": offer, "code": "0"}, key=fresh_key())
    api.post("/rewards", {"code": "0", "name": "x", "points": 1})
    rich = api.enrol(opening_points=10**6)["id"]
    redemption = api.post("/redemptions", {"member": rich, "reward": "0"}, key=fresh_key()).json()["id"]
    ticket = {"member": member["id"], "kind": "question", "subject": "x", "text": "x"}
    return {
        "ticket_id": api.post("/tickets", ticket).json()["id"],
        "member_id": member["id"],
        "purchase_id": purchases[0],
        "offer_id": offer,
        "redemption_id": redemption,
        "code": "0",
    }


def is_body_wrong(case):
    """Whether the body is what makes the request wrong: paths and headers are partly our own."""
    wrong = {place for place, part in case.meta.components.items() if part.mode.is_negative}
    return wrong == {ParameterLocation.BODY}


# How much is drawn for each scope, of right and of wrong ones each; `LONG=1` draws more.
DRAWN = {"manage": 10, "pos": 3, "read": 2}
TIMES = 20 if "LONG" in os.environ else 1


@pytest.mark.slow
@pytest.mark.parametrize("scope", DRAWN)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_what_is_drawn_from_the_document_never_breaks_the_server(prepared, db, path, method, scope):
    """By a key of each scope: what it may not do is refused as the document says, too."""
    api = api_of(prepared.club, scope)
    operation = prepared.document[path][method]
    turns = itertools.count()

    def send(case):
        if next(turns) % 3:  # two of three go to what is there
            case.path_parameters = {
                name: prepared.ids.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
        headers = {"Host": api.host, "Authorization": f"Bearer {api.raw_key}"}
        if "Idempotency-Key" in (case.headers or {}) and next(turns) % 2:
            headers["Idempotency-Key"] = fresh_key()
        forget_hosts()
        # Wrong data of who may not do it at all is refused for that, and only that is said.
        wrong_data = REFUSES_WRONG_DATA if is_body_wrong(case) and scope == "manage" else []
        case.call_and_validate(headers=headers, checks=CHECKED + wrong_data)

    modes = schemathesis.GenerationMode
    for mode in (modes.POSITIVE, modes.NEGATIVE):
        try:
            drawn = operation.as_strategy(generation_mode=mode)
        except hypothesis.errors.Unsatisfiable:
            continue
        run = hypothesis.given(case=drawn)(lambda case: send(case))
        hypothesis.settings(
            max_examples=DRAWN[scope] * TIMES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )(run)()
