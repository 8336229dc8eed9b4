"""The emulator speaks Kavenegar's protocol: shapes, codes, money, times, as documented."""

import time

import pytest

from sms.emulator.book import DAY, Pace
from sms.emulator.server import running_emulator
from tests.sms.emulator.conftest import Caller

LINE = "10004346"
TWO = {"receptor": ["09121234567", "09351112233"], "sender": [LINE, LINE], "message": ["یک", "دو"]}


def credit(call):
    return call.entries("account/info")["remaincredit"]


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


# States and the clock


def status_of(call, messageid):
    return call.entries("sms/status", messageid=messageid)[0]["status"]


@pytest.fixture
def slow():
    """A provider whose clock has to be pushed."""
    with running_emulator(pace=Pace(queue_seconds=10, final_seconds=60)) as emulator:
        yield Caller(emulator)


def test_a_message_waits_is_handed_over_and_arrives(slow):
    [entry] = slow.send()
    assert entry["status"] == 1

    slow.emulator.act("clock", advance=11)
    assert status_of(slow, entry["messageid"]) == 4

    slow.emulator.act("clock", advance=50)
    assert status_of(slow, entry["messageid"]) == 10


@pytest.mark.parametrize(("ending", "final"), [("01", 10), ("02", 11), ("03", 14), ("04", 6), ("05", 4), ("67", 10)])
def test_the_last_two_digits_choose_the_end(call, ending, final):
    before = credit(call)
    [entry] = call.send(f"091212345{ending}")

    assert status_of(call, entry["messageid"]) == final
    assert before - credit(call) == (0 if final == 14 else 1_270), "a block gives the money back"


def test_states_are_known_for_48_hours_and_by_localid_for_12(call):
    [entry] = call.send(localid="77")
    [known] = call.entries("sms/statuslocalmessageid", localid="77")
    assert known == {
        "messageid": entry["messageid"], "localid": "77", "status": 10, "statustext": "رسیده به گیرنده"
    }  # fmt: skip

    call.emulator.act("clock", advance=12 * 3600 + 5)
    assert call.entries("sms/statuslocalmessageid", localid="77")[0]["status"] == 100
    assert status_of(call, entry["messageid"]) == 10

    call.emulator.act("clock", advance=36 * 3600)
    assert status_of(call, entry["messageid"]) == 100


def test_strangers_and_nonsense_are_100(call):
    [theirs] = call.send(key="emulator-2")

    states = call.entries("sms/status", messageid=f"{theirs['messageid']},1,nonsense")

    assert [state["status"] for state in states] == [100, 100, 100]
    assert call.entries("sms/statuslocalmessageid", localid="123")[0]["status"] == 100


def test_more_than_500_questions_are_414(call):
    many = ",".join(str(number) for number in range(501))

    assert call.code("sms/status", messageid=many) == 414
    assert call.code("sms/statuslocalmessageid", localid=many) == 414
    assert call.code("sms/select", messageid=many) == 414


def test_a_scheduled_message_can_be_called_back(call):
    before = credit(call)
    [entry] = call.send(date=int(time.time()) + 3600)
    [other] = call.send()
    assert entry["status"] == 2

    states = call.entries("sms/cancel", messageid=f"{entry['messageid']},{other['messageid']}")

    assert [state["status"] for state in states] == [13, 10]
    assert before - credit(call) == other["cost"]


def test_a_scheduled_message_leaves_when_its_time_comes(call):
    [entry] = call.send(date=int(time.time()) + 3600)

    call.emulator.act("clock", advance=3601)

    assert status_of(call, entry["messageid"]) == 10


def test_in_debug_mode_every_message_is_cancelled(slow):
    before = credit(slow)
    slow.entries("account/config", debugmode="enabled")

    [entry] = slow.send()

    assert status_of(slow, entry["messageid"]) == 13
    assert credit(slow) == before


def test_states_by_receptor_of_a_day(call):
    [entry] = call.send()
    now = int(time.time())

    assert call.entries("sms/statusbyreceptor", receptor="09121234567", startdate=now - 100) == [
        {"messageid": entry["messageid"], "receptor": "09121234567", "status": 10, "statustext": "رسیده به گیرنده"}
    ]
    assert call.code("sms/statusbyreceptor", receptor="09121234567", startdate=now, enddate=now + 2 * DAY) == 417


# Codes by template


def lookup(call, **changes):
    return call("verify/lookup", **{"receptor": "09121234567", "template": "login-code", "token": "482913"} | changes)


def test_a_code_by_template_is_a_list_of_one_that_starts_at_5(call):
    [entry] = lookup(call).json()["entries"]

    assert entry["message"] == "کد ورود شما: 482913\nاین کد را به کسی ندهید."
    assert entry["status"] == 5


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"template": "nobody"}, 424),
        ({"template": "waiting"}, 424),
        ({"template": "mute"}, 432),
        ({"token": "two words"}, 431),
        ({"token": "under_score"}, 431),
        ({"token": "x" * 101}, 431),
        ({"token10": "a b c d e f"}, 200),
        ({"token10": "a b c d e f g"}, 431),
        ({"token": "abc", "type": "call"}, 428),
        ({"token": "123", "type": "call"}, 200),
        ({"token": ""}, 406),
        ({"receptor": "12"}, 411),
    ],
)
def test_rules_of_templates(call, changes, code):
    call.emulator.act("templates", name="waiting", text="%token", approved=False)
    call.emulator.act("templates", name="mute", text="بدون کد")

    assert lookup(call, **changes).json()["return"]["status"] == code


def test_templates_need_the_advanced_service(call):
    call.emulator.act("accounts", key="emulator", advanced=False)

    assert lookup(call).json()["return"]["status"] == 426


def test_a_code_reaches_who_blocked_the_line(call):
    call.emulator.act("inbound", **{"from": "09121234567", "to": LINE, "message": "11"})

    lookup(call)
    call.send()

    assert [(message["kind"], message["status"]) for message in call.emulator.messages_to("09121234567")] == [
        ("sms", 14), ("lookup", 10)
    ]  # fmt: skip


# Reading


def test_the_outbox_needs_an_allowed_address(call):
    [entry] = call.send()
    now = int(time.time())
    assert call.entries("sms/select", messageid=entry["messageid"]) == [entry]
    assert call.entries("sms/latestoutbox") == [entry]
    assert call.entries("sms/selectoutbox", startdate=now - 60) == [entry]
    [count] = call.entries("sms/countoutbox", startdate=now - 60)
    assert (count["sumcount"], count["sumpart"], count["cost"]) == (1, 1, 1_270)
    assert call.code("sms/latestoutbox", pagesize=501) == 400
    assert call.code("sms/selectoutbox", startdate=now - 5 * DAY) == 417

    call.emulator.act("accounts", key="emulator", ip_allowed=False)

    assert call.code("sms/select", messageid=entry["messageid"]) == 407
    assert call.code("sms/latestoutbox") == 407


def test_reading_unread_replies_marks_them_read(call):
    for text in ("سلام", "خوبم"):
        call.emulator.act("inbound", **{"from": "09121234567", "to": LINE, "message": text})
    assert call.entries("sms/countinbox", startdate=int(time.time()) - 60, isread=0)[0]["sumcount"] == 2

    first = call.entries("sms/receive", linenumber=LINE, isread=0)

    assert [(row["message"], row["sender"], row["receptor"]) for row in first] == [
        ("سلام", "09121234567", LINE), ("خوبم", "09121234567", LINE)
    ]  # fmt: skip
    assert call.entries("sms/receive", linenumber=LINE, isread=0) == []
    paged = call("sms/inboxpaged", linenumber=LINE, isread=1).json()
    assert len(paged["entries"]) == 2
    assert paged["metadata"] == {"totalcount": "2", "currentpage": "1", "totalpages": "1", "pagesize": "200"}
    assert call.code("sms/receive", linenumber="99999", isread=0) == 412


@pytest.mark.parametrize("text", ["11", "۱۱", "لغو۱۱", "لغو ۱۱", "لغو11"])
def test_eleven_blocks_the_line_and_twelve_opens_it(call, text):
    write = {"from": "09121234567", "to": LINE}
    call.emulator.act("inbound", **write, message=text)

    assert call.send()[0]["status"] == 14
    assert call.send(sender="10008663")[0]["status"] == 10, "the other line is open"
    listed = call("line/blocked/list", linenumber=LINE).json()
    assert [(row["number"], row["blockreason"]) for row in listed["entries"]] == [("09121234567", 2)]
    call.entries("line/blocked/remove", verb="DELETE", linenumber=LINE, receptor="09121234567")
    assert call.send()[0]["status"] == 14, "who wrote eleven is not unblocked by us"

    call.emulator.act("inbound", **write, message="۱۲")
    assert call.send()[0]["status"] == 10


def test_numbers_are_blocked_and_unblocked_by_the_service(call):
    def status(path, **how):
        return call.entries(f"line/blocked/{path}", linenumber=LINE, receptor="09121234567", **how)

    assert status("exists")[0]["status"] == "NotExists"
    assert status("add")[0]["status"] == "Active"
    assert status("add")[0]["status"] == "AlreadyExists"
    assert status("exists")[0]["status"] == "Active"
    status("remove", verb="DELETE")
    assert status("exists")[0]["status"] == "NotExists"
    many = ",".join(["09121234567"] * 201)
    assert call.code("line/blocked/add", linenumber=LINE, receptor=many) == 604
