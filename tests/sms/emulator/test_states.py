"""What becomes of a message at the emulator, as its clock goes, and how long its states are known."""

import time

import pytest

from sms.emulator.book import DAY, Pace
from sms.emulator.server import running_emulator
from tests.sms.emulator.conftest import Caller, credit


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
