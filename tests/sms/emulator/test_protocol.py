"""The emulator speaks Kavenegar's protocol as documented: keys, paths, shapes, and what it takes to send, with its price."""

import time

import pytest

from tests.sms.emulator.conftest import LINE, credit

TWO = {"receptor": ["09121234567", "09351112233"], "sender": [LINE, LINE], "message": ["یک", "دو"]}


# Keys, paths, shapes


@pytest.mark.parametrize(("key", "code"), [("nobody", 403), ("0", 403), ("disabled", 401), ("emulator", 200)])
def test_the_key_in_the_path_opens_the_account(call, key, code):
    assert call.code("account/info", key=key) == code


def test_key_zero_may_ask_the_date_only(call):
    assert call.entries("utils/getdate", key="0", verb="GET").keys() == {
        "datetime", "year", "month", "day", "hour", "minute", "second", "unixtime"
    }  # fmt: skip


@pytest.mark.parametrize("path", ["sms/nonsense", "sms/countpostalcode", "sms/sendbypostalcode", "x", "sms"])
def test_an_unknown_method_is_404(call, path):
    assert call.code(path) == 404


@pytest.mark.parametrize("suffix", ["json", "json/", "JSON"])
def test_paths_end_with_or_without_a_slash_in_any_case(call, suffix):
    assert call("SMS/Send", suffix=suffix, receptor="09121234567", message="x").status_code == 200


def test_the_answer_in_xml(call):
    answer = call("account/info", suffix="xml")

    assert answer.headers["Content-Type"].startswith("text/xml")
    assert "<status>200</status>" in answer.text
    assert "<remaincredit>100000000</remaincredit>" in answer.text


def test_get_and_post_are_the_same_but_for_arrays(call):
    assert call.entries("sms/send", verb="GET", receptor="09121234567", message="سلام")[0]["message"] == "سلام"
    assert call.code("sms/sendarray", verb="GET", **TWO) == 405
    assert call.code("line/blocked/add", verb="GET", linenumber=LINE, receptor="09121234567") == 405
    assert call.code("line/blocked/remove", verb="POST", linenumber=LINE, receptor="09121234567") == 405


# Sending


def test_a_message_as_the_service_shows_it(call):
    before = int(time.time())
    [entry] = call.send(message="س" * 71, sender=LINE)

    assert entry == {
        "messageid": entry["messageid"],
        "message": "س" * 71,
        "status": 10,
        "statustext": "رسیده به گیرنده",
        "sender": LINE,
        "receptor": "09121234567",
        "date": entry["date"],
        "cost": 2 * 1_270,
    }
    assert before <= entry["date"] <= time.time()


@pytest.mark.parametrize("receptor", ["09121234567", "9121234567", "+989121234567", "00989121234567"])
def test_receptors_in_four_forms(call, receptor):
    assert call.send(receptor)[0]["receptor"] == "09121234567"


@pytest.mark.parametrize("sender", ["10004346", "+9810004346", "009810004346", ""])
def test_senders_in_three_forms_or_none(call, sender):
    assert call.send(sender=sender)[0]["sender"] == LINE


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, 400),
        ({"receptor": "09121234567"}, 400),
        ({"receptor": "", "message": "x"}, 406),
        ({"receptor": "09121234567", "message": ""}, 406),
        ({"receptor": "0912", "message": "x"}, 411),
        ({"receptor": "09121234567,02188776655", "message": "x"}, 411),
        ({"receptor": "09121234567", "message": "x", "sender": "99999"}, 412),
        ({"receptor": "09121234567", "message": "   "}, 413),
        ({"receptor": "09121234567", "message": "x" * 901}, 413),
        ({"receptor": ",".join(["09121234567"] * 201), "message": "x"}, 414),
        ({"receptor": "09121234567", "message": "x", "date": "1000000000"}, 417),
        ({"receptor": "09121234567", "message": "x", "localid": "1,2"}, 419),
        ({"receptor": "09121234567", "message": "x", "localid": ""}, 419),
        ({"receptor": "09121234567", "message": "x", "tag": "unknown"}, 607),
        ({"receptor": "09121234567", "message": "x", "tag": "not a tag"}, 607),
    ],
)
def test_what_send_refuses(call, params, code):
    before = credit(call)

    assert call.code("sms/send", **params) == code
    assert call.emulator.messages_to("09121234567") == []
    assert credit(call) == before


def test_arrays_are_sent_together_and_answered_in_another_order(call):
    entries = call.entries("sms/sendarray", **TWO, localmessageids=[7, 8])

    assert [(entry["receptor"], entry["message"]) for entry in entries] == [
        ("09351112233", "دو"),
        ("09121234567", "یک"),
    ]
    assert "localid" not in entries[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"message": ["یک"]}, 419),
        ({"localmessageids": [1]}, 419),
        ({"localmessageids": ""}, 419),
        ({"localmessageids": "5,6"}, 200),
        ({"receptor": "09121234567"}, 400),
        ({"message": ["یک", ""]}, 413),
        ({"sender": [LINE, "99999"]}, 412),
        ({name: value * 101 for name, value in TWO.items()}, 414),
    ],
)
def test_what_arrays_refuse(call, changes, code):
    assert call.code("sms/sendarray", **TWO | changes) == code


def test_money_goes_down_by_what_messages_cost_and_ends_in_418(call):
    call.emulator.act("accounts", key="emulator", credit=3_000)

    assert call.send()[0]["cost"] == 1_270
    assert credit(call) == 1_730
    assert call.code("sms/send", receptor="09121234567,09351112233", message="سلام") == 418, "all or none"
    assert credit(call) == 1_730


def test_a_repeated_localid_sends_nothing_and_gives_the_first_record(call):
    [first] = call.send(message="یک", localid="77")
    before = credit(call)

    [again] = call.send(receptor="09351112233", message="دو", localid="77")

    assert (again["messageid"], again["message"], again["receptor"]) == (first["messageid"], "یک", "09121234567")
    assert credit(call) == before
    assert len(call.emulator.messages_to("")) == 1


def test_a_localid_is_known_in_its_own_account_only(call):
    call.send(localid="77")

    assert call.send(localid="77", key="emulator-2")[0]["messageid"] != call.send(localid="77")[0]["messageid"]


def test_numbers_of_messages_grow(call):
    ids = [call.send()[0]["messageid"] for _ in range(3)]

    assert ids == sorted(set(ids))


def test_test_mode_sends_to_the_owner_only(call):
    call.emulator.act("accounts", key="emulator", owner_only="09120000000")

    assert call.code("sms/send", receptor="09121234567", message="x") == 501
    assert call.code("sms/send", receptor="09120000000", message="x") == 200


def test_links_may_be_restricted(call):
    call.emulator.act("accounts", key="emulator", links_refused=True)

    assert call.code("sms/send", receptor="09121234567", message="https://example.ir") == 420
