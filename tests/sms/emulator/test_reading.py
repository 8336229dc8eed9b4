"""The emulator's outbox, its inbox, and the numbers that are blocked."""

import time

import pytest

from sms.emulator.book import DAY
from tests.sms.emulator.conftest import LINE


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
