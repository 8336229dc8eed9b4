"""What programs send by mistake: always a problem that names the field, never a 500, nothing written."""

import json

import pytest

from club.members.models import Member
from club.purchases.models import Purchase
from core.models import AuditEntry, IdempotencyKey
from tests.api.conftest import Api, fresh_key, refused

BIGGER_THAN_BIGINT = 2**63
HUGE = "9" * 5_000


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "nonsense", "{'a': 1}", '{"a": 1,}', '{"a": 01}', "{} {}", "\ufeff{}", '{"a": "\n"}', "[" * 100_000,
        '{"a":' * 50_000, b"\xff\xfe{\x00}\x00", b'{"a": "\xff"}', "[]", "null", '"text"', "5", "true", "NaN", "[{}]",
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(api, text):
    response = api.post("/purchases/preview", text=text)

    # nothing at all is an empty object, of which the first field is missing
    refused(response, 400, "validation_error", "member" if text == "" else "body")


@pytest.mark.parametrize(
    "amount",
    ["NaN", "Infinity", "-Infinity", "1e309", "-1e309", "1e3", "1.0", "1.5", "-1", "-0.0", '"600000"', '"۶۰۰"', "true",
     "[]", "{}", str(BIGGER_THAN_BIGINT), str(10**15 + 1), HUGE, "1e99999999999999999999", "0." + "1" * 5_000],
)  # fmt: skip
def test_a_wrong_amount_is_refused_by_name(api, amount):
    text = f'{{"member": null, "amount": {amount}}}'

    refused(api.post("/purchases", text=text, key="k"), 400, "validation_error", "amount")
    refused(api.post("/purchases/preview", text=text), 400, "validation_error", "amount")

    assert not Purchase.objects.exists() and not IdempotencyKey.objects.exists()


def test_an_amount_in_another_notation_of_the_same_whole_is_no_whole(api):
    refused(api.post("/purchases", text='{"member": null, "amount": null}', key="k"), 400, "validation_error", "lines")


LINE = {"unit_price": 1_000}
WRONG_PURCHASES = [
    ({}, ["member"]),
    ({"member": None}, ["lines"]),
    ({"member": None, "lines": []}, ["lines"]),
    ({"member": None, "lines": [LINE], "amount": 5}, ["lines"]),
    ({"member": None, "amuont": 5, "foo": 1}, ["amuont", "foo"]),
    ({"member": 0, "amount": 1}, ["member"]),
    ({"member": -3, "amount": 1}, ["member"]),
    ({"member": 1.5, "amount": 1}, ["member"]),
    ({"member": True, "amount": 1}, ["member"]),
    ({"member": BIGGER_THAN_BIGINT, "amount": 1}, ["member"]),
    ({"member": "021 8888 7777", "amount": 1}, ["member"]),
    ({"member": "", "amount": 1}, ["member"]),
    ({"member": {"id": 1}, "amount": 1}, ["member"]),
    ({"member": None, "lines": {}}, ["lines"]),
    ({"member": None, "lines": [LINE] * 501}, ["lines"]),
    ({"member": None, "lines": [5, None]}, ["lines[0]", "lines[1]"]),
    ({"member": None, "lines": [{}]}, ["lines[0].unit_price"]),
    ({"member": None, "lines": [LINE, {"unit_price": -1}]}, ["lines[1].unit_price"]),
    ({"member": None, "lines": [{"unit_price": 1.5}]}, ["lines[0].unit_price"]),
    ({"member": None, "lines": [{"unit_price": "1"}]}, ["lines[0].unit_price"]),
    ({"member": None, "lines": [{**LINE, "quantity": 0}]}, ["lines[0].quantity"]),
    ({"member": None, "lines": [{**LINE, "quantity": 1.5}]}, ["lines[0].quantity"]),
    ({"member": None, "lines": [{**LINE, "quantity": None}]}, ["lines[0].quantity"]),
    ({"member": None, "lines": [{**LINE, "vat_percent": 101}]}, ["lines[0].vat_percent"]),
    ({"member": None, "lines": [{**LINE, "vat_percent": 7.555}]}, ["lines[0].vat_percent"]),
    ({"member": None, "lines": [{**LINE, "vat_percent": "9"}]}, ["lines[0].vat_percent"]),
    ({"member": None, "lines": [{**LINE, "colour": "red"}]}, ["lines[0].colour"]),
    ({"member": None, "lines": [{**LINE, "name": "x" * 121}]}, ["lines[0].name"]),
    ({"member": None, "lines": [{**LINE, "name": 5}]}, ["lines[0].name"]),
    ({"member": None, "lines": [{"unit_price": 10**15, "quantity": 2}]}, ["lines"]),
    ({"member": None, "amount": 1, "pay_with": {"credit": 1}}, ["pay_with"]),
    ({"member": None, "amount": 1, "pay_with": 5}, ["pay_with"]),
    ({"member": None, "amount": 1, "pay_with": {"credit": "all"}}, ["pay_with.credit"]),
    ({"member": None, "amount": 1, "pay_with": {"points": -1}}, ["pay_with.points"]),
    ({"member": None, "amount": 1, "pay_with": {"points": 1.5}}, ["pay_with.points"]),
    ({"member": None, "amount": 1, "pay_with": {"cash": 1}}, ["pay_with.cash"]),
    ({"member": None, "amount": 1, "coupons": "X"}, ["coupons"]),
    ({"member": None, "amount": 1, "coupons": [5]}, ["coupons[0]"]),
    ({"member": None, "amount": 1, "channel": "fax"}, ["channel"]),
    ({"member": None, "amount": 1, "channel": []}, ["channel"]),
    ({"member": None, "amount": 1, "external_id": ""}, ["external_id"]),
    ({"member": None, "amount": 1, "external_id": "x" * 65}, ["external_id"]),
    ({"member": None, "amount": 1, "external_id": 5}, ["external_id"]),
    ({"member": None, "amount": 1, "payment_method": "x" * 33}, ["payment_method"]),
    ({"member": None, "amount": 1, "payment_method": "a\x00b"}, ["payment_method"]),
    ({"member": None, "amount": 1, "payment_method": "\ud800"}, ["payment_method"]),
    ({"member": None, "amount": 1, "branch": "\x00"}, ["branch"]),
    ({"member": None, "amount": 1, "delivery_price": -5}, ["delivery_price"]),
    ({"member": None, "amount": 1, "na\x00me\ud800": 5}, ["name"]),
    *[
        ({"member": None, "amount": 1, "occurred_at": moment}, ["occurred_at"])
        for moment in [
            "", "yesterday", "2026-11-22", "2026-11-22T10:00:00", "2026-13-01T10:00:00Z", "2026-02-30T10:00:00Z",
            "2026-11-22T25:00:00Z", "2026-11-22T10:00:00+99:00", "0001-01-01T00:00:00+03:30", "9999-12-31T23:59:59-12:00",
            "1405-09-01T10:00:00Z", "۲۰۲۶-11-22T10:00:00Z", 1_764_000_000, True, [], "2026-W47-7T10:00:00Z", "\ud800",
        ]
    ],
]  # fmt: skip


@pytest.mark.parametrize(("body", "fields"), WRONG_PURCHASES)
def test_a_wrong_purchase_is_refused_by_the_names_of_its_fields(api, body, fields):
    refused(api.post("/purchases", body, key="k"), 400, "validation_error", *fields)

    assert not Purchase.objects.exists() and not IdempotencyKey.objects.exists()


WRONG_MEMBERS = [
    ({}, ["phone"]),
    ({"phone": ""}, ["phone"]),
    ({"phone": "0912"}, ["phone"]),
    ({"phone": 9121234567}, ["phone"]),
    ({"phone": "0912123456\x00"}, ["phone"]),
    ({"phone": "9" * 41}, ["phone"]),
    ({"card": "x" * 33}, ["card"]),
    ({"card": "a\nb"}, ["card"]),
    ({"external_id": "x" * 65}, ["external_id"]),
    ({"email": "nobody"}, ["email"]),
    ({"email": "a" * 250 + "@example.com"}, ["email"]),
    ({"first_name": "x" * 61}, ["first_name"]),
    ({"first_name": 5}, ["first_name"]),
    ({"birth_date": "1370/01/01"}, ["birth_date"]),
    ({"birth_date": "1370-01-01"}, ["birth_date"]),
    ({"birth_date": "2990-01-01"}, ["birth_date"]),
    ({"birth_date": "2001-02-29"}, ["birth_date"]),
    ({"birth_date": 5}, ["birth_date"]),
    ({"gender": "other"}, ["gender"]),
    ({"tags": "vip"}, ["tags"]),
    ({"tags": None}, ["tags"]),
    ({"tags": [5]}, ["tags[0]"]),
    ({"tags": ["x" * 41]}, ["tags[0]"]),
    ({"tags": ["x"] * 51}, ["tags"]),
    ({"custom": {"pet": "cat"}}, ["custom.pet"]),
    ({"custom": []}, ["custom"]),
    ({"custom": {"\ud800": 1}}, ["custom."]),
    ({"custom": {"a": BIGGER_THAN_BIGINT}}, ["custom"]),
    ({"opening_points": -1}, ["opening_points"]),
    ({"opening_points": 1.5}, ["opening_points"]),
    ({"opening_credit": BIGGER_THAN_BIGINT}, ["opening_credit"]),
    ({"enrolled_at": "2990-01-01"}, ["enrolled_at"]),
    ({"enrolled_at": "2126-01-01"}, ["enrolled_at"]),
    ({"enrolled_at": None}, ["enrolled_at"]),
    ({"status": "blocked"}, ["status"]),
    ({"tier_floor": "gold"}, ["tier_floor"]),
]  # fmt: skip


@pytest.mark.parametrize(("person", "fields"), WRONG_MEMBERS)
def test_a_wrong_member_is_refused_by_the_names_of_its_fields(api, person, fields):
    body = (
        person if {"phone", "card", "external_id"} & set(person) or not person else {"phone": "09121234567", **person}
    )

    refused(api.post("/members", body, key="k"), 400, "validation_error", *fields)

    assert not Member.objects.exists() and not IdempotencyKey.objects.exists()


@pytest.mark.parametrize(
    ("changes", "fields"), [row for row in WRONG_MEMBERS if row[0] not in ({}, {"tier_floor": "gold"})]
)
def test_a_wrong_change_of_a_member_changes_nothing(api, changes, fields):
    member = api.enrol(phone="09120000000")
    path = f"/members/{member['id']}"

    if list(changes) == ["phone"] and changes["phone"] == "":
        fields = ["phone"]
    refused(api.patch(path, {"last_name": "نو", **changes}), 400, "validation_error", *fields)

    assert api.get(path).json() == member


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=-1", "limit"), ("limit=ten", "limit"), ("limit=1.5", "limit"),
        ("limit=", "limit"),
        ("cursor=", "cursor"),
        ("updated_after=", "updated_after"),
        ("limit=" + HUGE, "limit"), ("limit=NaN", "limit"), ("limit=%00", "limit"),
        ("cursor=x", "cursor"), ("cursor=%00", "cursor"), ("cursor=" + "A" * 301, "cursor"), ("cursor=bnVsbA", "cursor"),
        ("cursor=W251bGwsbnVsbCwxLjVd", "cursor"), ("cursor=W251bGwsbnVsbCwtMV0", "cursor"), ("cursor=WzEsMiwzXQ", "cursor"),
        ("cursor=W251bGwsbnVsbCxbXV0", "cursor"), ("cursor=کد", "cursor"), ("cursor=W1tdLCJ4Iiwx", "cursor"),
        ("updated_after=never", "updated_after"), ("updated_after=2026-11-22T10:00", "updated_after"),
        ("updated_after=0001-01-01", "updated_after"), ("updated_after=%00", "updated_after"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/members", "/purchases", "/tiers"])
def test_a_wrong_parameter_of_a_list_is_refused_by_name(api, path, query, field):
    refused(api.get(f"{path}?{query}"), 400, "validation_error", field)


@pytest.mark.parametrize(
    "query",
    [
        "phone=0912",
        "phone=",
        "card=",
        "card=%20",
        "phone=abc",
        "phone=%00",
        "q=%00",
        "card=%00",
        "q=" + "x" * 101,
        "card=" + "9" * 33,
    ],
)
def test_a_wrong_search_is_refused_by_name(api, query):
    refused(api.get(f"/members?{query}"), 400, "validation_error", query.partition("=")[0])


@pytest.mark.parametrize("query", ["q=%25", "q=_", "q='", "q=%5C", "q=%F0%9F%99%82", "q=%ED%A0%80", "q=%E2%80%8C"])
def test_an_odd_search_finds_nobody(api, query):
    api.enrol(first_name="سارا")

    assert api.get(f"/members?{query}").json() == {"results": [], "next": None}


def test_an_offset_whose_plus_was_not_escaped_is_understood(api):
    api.enrol()

    assert len(api.get("/members?updated_after=2020-01-01T00:00:00+03:30").json()["results"]) == 1


@pytest.mark.parametrize(
    "path",
    ["/members/0", "/members/9223372036854775808", f"/members/{HUGE}", "/members/1/ledger", "/members/1/purchases",
     "/purchases/0", "/purchases/9223372036854775808", "/members/-1", "/members/1.0", "/members/abc", "/purchases/%D9%A1",
     "/", "", "/nothing", "/members/", "/v2", "/offer", "/members/%00"],
)  # fmt: skip
def test_an_address_of_nothing_is_a_problem(api, path):
    api.enrol()

    refused(api.get(path), 404, "not_found")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v2/members", "/api/v1/members/x/y/z"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_addresses_beside_the_api_are_problems_too(club, path, method, settings):
    settings.DEBUG = True  # where Django would explain itself on a page of its own

    refused(Api(club, None).client.generic(method, path, headers={"host": f"{club.slug}.localhost"}), 404, "not_found")


def test_a_host_of_no_club_is_a_problem(club, other_club):
    api = Api(club, None)
    api.host = "nobody.localhost"

    refused(api.get("/members"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/members", "GET, POST, HEAD"), ("DELETE", "/members", "GET, POST, HEAD"),
        ("POST", "/programme", "GET, PATCH, HEAD"), ("GET", "/purchases/preview", "POST"),
        ("OPTIONS", "/members", "GET, POST, HEAD"), ("TRACE", "/members", "GET, POST, HEAD"), ("GET", "/tiers/x", "PATCH, DELETE"),
        ("POST", "/schema", "GET, HEAD"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scope", ["read", "pos", "manage"])
def test_a_method_that_is_not_there_is_405_for_every_key(club, scope, method, path, allowed):
    from tests.api.conftest import api_of

    response = api_of(club, scope).send(method, path)

    refused(response, 405, "method_not_allowed")
    assert response["Allow"] == allowed


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""],
)
def test_a_body_of_another_kind_is_415(api, kind):
    refused(api.post("/members", text='{"phone": "09121234567"}', kind=kind), 415, "unsupported_media_type")
    assert not Member.objects.exists()


def test_json_may_say_its_charset_and_the_answer_is_json_whatever_is_asked_for(api):
    response = api.post(
        "/members?format=xml",
        text='{"phone": "09121234567"}',
        kind="Application/JSON; charset=utf-8",
        accept="text/html",
    )

    assert (response.status_code, response["Content-Type"]) == (201, "application/json")


def test_a_body_that_is_too_large_is_413(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000

    refused(api.post("/members", {"phone": "09121234567", "source": "x" * 1_000}), 413, "payload_too_large")


def test_a_name_sent_twice_is_refused_by_name(api):
    refused(
        api.post("/purchases/preview", text='{"member": null, "amount": 1, "amount": 2}'),
        400,
        "validation_error",
        "amount",
    )
    refused(
        api.post("/purchases/preview", text='{"member": null, "lines": [{"unit_price": 1, "unit_price": 1}]}'),
        400, "validation_error", "unit_price",
    )  # fmt: skip


def test_detail_is_in_the_clubs_language_and_code_is_not(api):
    problem = refused(api.get("/members/77", accept_language="en-US"), 404, "not_found")

    assert (problem["detail"], problem["title"]) == ("پیدا نشد.", "Not Found")


def test_sums_beyond_a_bigint_are_a_refusal(api):
    member = api.enrol()
    api.patch("/programme", {"rial_per_point": 1, "effective_from": "2020-01-01"})
    api.post("/tiers", {"code": "t", "name": "t", "rank": 1, "threshold": 0, "points_factor": 100})
    api.patch(f"/members/{member['id']}", {"tier_floor": "t"})
    body = {"member": member["id"], "amount": 10**15}

    answers = [api.post("/purchases", body, key=fresh_key()) for _ in range(95)]

    assert {answer.status_code for answer in answers} == {201, 400}
    refused(answers[-1], 400, "validation_error")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tiers", {"code": "a", "name": "a", "rank": 1, "threshold": 1}),
        ("/products", {"code": "a", "name": "a", "price": 1}),
        ("/groups", {"code": "a", "name": "a"}),
        ("/branches", {"code": "a", "name": "a"}),
    ],
)
@pytest.mark.parametrize("key", ["", "a b", "x" * 65])
def test_a_key_of_the_wrong_form_is_refused_even_where_none_is_needed(api, path, body, key):
    before = AuditEntry.objects.count()

    refused(api.post(path, body, key=key), 400, "idempotency_key_missing")
    assert AuditEntry.objects.count() == before


def test_the_document_of_a_body_and_its_reading_agree_on_names():
    from api import bodies

    schema = json.loads(json.dumps(bodies.NEW_PURCHASE.schema()))

    assert set(schema["properties"]) == set(bodies.NEW_PURCHASE.fields)
    assert schema["required"] == ["member"]
    assert schema["additionalProperties"] is False
