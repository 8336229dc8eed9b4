"""Trouble on demand, callbacks with repetition, memory across starts, and the phones' page."""

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest
import requests

from sms.emulator.callbacks import reachable
from sms.emulator.server import running_emulator
from tests.sms.emulator.conftest import Caller

LINE = "10004346"


def wait_for(fact, seconds=60):  # on a busy machine; a quiet one needs a moment
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


@pytest.mark.parametrize("code", [409, 429, 451])
def test_a_code_once_and_then_all_is_well(call, code):
    call.emulator.act("failures", mode="code", code=code)

    assert call.code("sms/send", receptor="09121234567", message="x") == code
    assert call.emulator.messages_to("09121234567") == []
    assert call.code("sms/send", receptor="09121234567", message="x") == 200


def test_a_page_of_html(call):
    call.emulator.act("failures", mode="html")

    answer = call("sms/send", receptor="09121234567", message="x")

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


@pytest.mark.parametrize("mode", ["broken_json", "no_return"])
def test_an_answer_that_cannot_be_read(call, mode):
    call.emulator.act("failures", mode=mode)

    answer = call("sms/send", receptor="09121234567", message="x")

    assert answer.status_code == 200
    with pytest.raises((ValueError, KeyError)):
        json.loads(answer.content)["return"]


def test_a_caller_who_has_hung_up_leaves_no_trace_in_the_log(emulator, capfd):
    host, port = emulator.base_url.removeprefix("http://").split(":")
    others = set(threading.enumerate())  # of tests before, whose callers have not hung up yet
    with emulator.book.lock:  # so that the answer comes too late
        line = socket.create_connection((host, int(port)))
        line.sendall(b"GET /v1/emulator/sms/send.json?receptor=09121234567&message=x HTTP/1.1\r\n\r\n")
        wait_for(lambda: emulator.calls)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # hang up at once
        line.close()
    wait_for(lambda: not any("process_request" in thread.name for thread in set(threading.enumerate()) - others))

    assert emulator.messages_to("09121234567")
    assert capfd.readouterr().err == ""


def test_a_timeout_that_took_the_message_all_the_same(call):
    call.emulator.act("failures", mode="timeout", accept=True)

    with pytest.raises(requests.ReadTimeout):
        call("sms/send", receptor="09121234567", message="x", localid="7", timeout=0.3)

    wait_for(lambda: call.emulator.messages_to("09121234567"))
    assert call.entries("sms/statuslocalmessageid", localid="7")[0]["status"] == 10


def test_a_connection_that_is_closed_without_a_word(call):
    call.emulator.act("failures", mode="close")

    with pytest.raises(requests.ConnectionError):
        call("sms/send", receptor="09121234567", message="x")

    assert call.emulator.messages_to("09121234567") == []


def test_trouble_of_one_method_until_it_is_taken_away(call):
    call.emulator.act("failures", mode="code", code=409, times=-1, path="sms/send")

    assert [call.code("sms/send", receptor="09121234567", message="x") for _ in range(3)] == [409] * 3
    assert call.code("account/info") == 200

    call.emulator.act("failures", verb="DELETE")
    assert call.code("sms/send", receptor="09121234567", message="x") == 200


def test_the_door_says_what_is_wrong(call):
    url = call.emulator.base_url

    assert requests.post(f"{url}/_/failures", json={"mode": "nonsense"}, timeout=60).status_code == 400
    assert requests.post(f"{url}/_/nonsense", json={}, timeout=60).status_code == 404
    assert requests.get(f"{url}/_/messages?receptor=12", timeout=60).status_code == 400
    assert requests.post(f"{url}/_/accounts", json={"key": "x", "nonsense": 1}, timeout=60).status_code == 400


def test_the_calls_that_came_are_listed_without_keys(call):
    call.send(localid="7")

    listed = requests.get(f"{call.emulator.base_url}/_/calls", timeout=60).text

    assert "sms/send" in listed
    assert "/v1/emulator" not in listed


# Callbacks


class Club:
    """A web server that takes callbacks and answers what it is told to."""

    def __init__(self):
        self.got: list[tuple[str, dict[str, str]]] = []
        self.answers: list[int] = []
        self.hosts: list[str] = []
        club = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                club.hosts.append(self.headers["Host"])
                club.got.append((self.path, {name: values[0] for name, values in form.items()}))  # what is waited for
                self.send_response(club.answers.pop(0) if club.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = f"http://nowhere.localhost:{self.server.server_address[1]}"


@pytest.fixture
def club_server():
    server = Club()
    yield server
    server.server.shutdown()
    server.server.server_close()


def test_states_are_told_by_the_line_of_the_message(call, club_server):
    call.emulator.act("lines", number=LINE, status_url=f"{club_server.url}/status")

    [entry] = call.send()
    call.send(sender="10008663")

    wait_for(lambda: club_server.got)
    assert club_server.got == [("/status", {"messageid": str(entry["messageid"]), "status": "10"})]
    assert club_server.hosts == [club_server.url.removeprefix("http://")], "names below localhost are this machine"


def test_an_answer_other_than_200_is_asked_again_after_two_minutes_and_30_times_at_most(call, club_server):
    club_server.answers = [500] * 40
    call.emulator.act("lines", number=LINE, status_url=f"{club_server.url}/status")
    teller = call.emulator.teller
    call.send()

    for tries in range(1, 30):
        # Its next time is known only after the answer to this one has come back.
        wait_for(lambda tries=tries: [waiting.tries for waiting in teller.waiting] == [tries])
        assert len(club_server.got) == tries
        assert 60 < teller.waiting[0].due - call.emulator.book.now() <= 120
        call.emulator.act("clock", advance=121)
    wait_for(lambda: len(teller.told) == 30)
    teller.stop()  # whatever it was about to do is done

    assert teller.waiting == []
    assert len(club_server.got) == 30
    assert {str(got) for got in club_server.got} == {str(club_server.got[0])}


def test_a_reply_is_told_and_is_read_once_it_was_taken(call, club_server):
    call.emulator.act("lines", number=LINE, inbound_url=f"{club_server.url}/in")

    inbound = call.emulator.act("inbound", **{"from": "09121234567", "to": LINE, "message": "لغو ۱۱"})

    wait_for(lambda: club_server.got)
    expected = {"from": "09121234567", "to": LINE, "message": "لغو ۱۱", "messageid": str(inbound["messageid"])}
    assert club_server.got == [("/in", expected)]
    wait_for(lambda: call.entries("sms/receive", linenumber=LINE, isread=1))


def test_a_reply_that_reached_nobody_stays_unread(call):
    call.emulator.act("lines", number=LINE, inbound_url="http://127.0.0.1:1/in")

    call.emulator.act("inbound", **{"from": "09121234567", "to": LINE, "message": "سلام"})

    wait_for(lambda: call.emulator.teller.told)
    assert len(call.entries("sms/receive", linenumber=LINE, isread=0)) == 1


def test_an_address_of_nonsense_keeps_no_other_line_from_being_told(call, club_server):
    call.emulator.act("lines", number=LINE, status_url="http://x.localhost:port/status")
    call.emulator.act("lines", number="10008663", status_url=f"{club_server.url}/status")

    call.send()
    call.send(sender="10008663")

    wait_for(lambda: club_server.got)
    assert [told.answer for told in call.emulator.teller.told][-1] == "ValueError"


def test_lines_without_addresses_are_asked_for(club_server):
    with running_emulator(addresses=lambda line: [(f"{club_server.url}/{line}", "")]) as emulator:
        Caller(emulator).send()

        wait_for(lambda: club_server.got)

    assert club_server.got[0][0] == f"/{LINE}"


def test_addresses_that_cannot_be_found_harm_nobody():
    def broken(line):
        raise OSError

    with running_emulator(addresses=broken) as emulator:
        assert Caller(emulator).send()[0]["status"] == 10


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://naroon.localhost:8000/x", ("http://127.0.0.1:8000/x", {"Host": "naroon.localhost:8000"})),
        ("https://club.example.ir/x", ("https://club.example.ir/x", {})),
    ],
)
def test_names_below_localhost_are_reached_on_this_machine(url, expected):
    assert reachable(url) == expected


# Memory


def test_a_second_start_still_knows_what_was_sent(tmp_path):
    file = tmp_path / "folder" / "state.json"
    with running_emulator(state=file) as emulator:
        [first] = Caller(emulator).send(localid="7")
        emulator.act("inbound", **{"from": "09351112233", "to": LINE, "message": "11"})
        emulator.act("templates", name="other", text="%token")

    with running_emulator(state=file) as emulator:
        call = Caller(emulator)
        assert [message["messageid"] for message in emulator.messages_to("09121234567")] == [first["messageid"]]
        assert call.send(localid="7")[0]["messageid"] == first["messageid"]
        assert call.send("09351112233")[0]["status"] == 14
        assert call.send()[0]["messageid"] > first["messageid"]
        assert call.code("verify/lookup", receptor="09121234567", template="other", token="1") == 200
        assert call.entries("account/info")["remaincredit"] < 100_000_000


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 0}', '{"version": 1}', '{"version": 1, "accounts": 5}']
)
def test_a_broken_memory_is_begun_anew(tmp_path, content):
    file = tmp_path / "state.json"
    file.write_text(content)

    with running_emulator(state=file) as emulator:
        assert Caller(emulator).send()[0]["status"] == 10


# Pages


def test_a_phone_shows_its_messages_and_nothing_of_others(call):
    call.send(message="<b>سلام</b> http://naroon.localhost:8000/p/1 خداحافظ")
    call.send("09351112233", message="برای دیگری")

    page = requests.get(f"{call.emulator.base_url}/?receptor=۰۹۱۲۱۲۳۴۵۶۷", timeout=60).text

    assert "&lt;b&gt;سلام&lt;/b&gt;" in page
    assert 'href="http://naroon.localhost:8000/p/1"' in page
    assert "برای دیگری" not in page
    assert 'data-status="10"' in page
    assert "۰۹۱۲ ۱۲۳ ۴۵۶۷" in page


def test_the_code_stands_out(call):
    call.send(message="کد ورود: 482913\n@naroon.localhost #482913")

    assert '<b class="sms-code">482913</b>' in requests.get(f"{call.emulator.base_url}/", timeout=60).text


def test_the_part_that_changes_can_be_fetched_alone(call):
    call.send()

    part = requests.get(f"{call.emulator.base_url}/?receptor=09121234567&part=1", timeout=60).text

    assert part.startswith('<li class="sms-in"')


@pytest.mark.parametrize("path", ["/", "/?receptor=09121234567", "/?receptor=nonsense", "/panel"])
def test_pages_hold_nothing_inline(call, path):
    call.send()
    call.emulator.act("failures", mode="html", path="sms/cancel")

    answer = requests.get(call.emulator.base_url + path, timeout=60)

    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    for forbidden in (" style=", "<style", " onclick=", "<script>", "javascript:"):
        assert forbidden not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/assets/phone.css", 200),
        ("/assets/phone.js", 200),
        ("/static/css/app.css", 200),
        ("/assets/../server.py", 404),
        ("/static/../manage.py", 404),
        ("/static/%2e%2e/manage.py", 404),
        ("/nonsense", 404),
    ],
)
def test_files_come_from_their_folders_only(call, path, status):
    connection = requests.Request("GET", call.emulator.base_url).prepare()
    connection.url = call.emulator.base_url + path  # as it stands: requests would tidy the dots away

    assert requests.Session().send(connection, timeout=60).status_code == status


def test_a_reply_can_be_typed_on_the_phone(call):
    call.send()

    form = {"receptor": "09121234567", "line": LINE, "message": "لغو۱۱"}
    page = requests.post(f"{call.emulator.base_url}/reply", data=form, timeout=60)

    assert page.url.endswith("/?receptor=09121234567")
    assert '<li class="sms-out"' in page.text
    assert call.send()[0]["status"] == 14


def test_the_panel_changes_accounts_lines_templates_and_trouble(call):
    def post(act, **form):
        answer = requests.post(f"{call.emulator.base_url}/panel/{act}", data=form, timeout=60)
        assert answer.status_code == 200
        return answer.text

    post("account", key="emulator", credit="۵٬۰۰۰", lines="10004346", enabled="on", advanced="on", ip_allowed="on")
    assert call.entries("account/info")["remaincredit"] == 5_000
    post("template", name="new-one", text="کد %token", approved="on")
    assert call.code("verify/lookup", receptor="09121234567", template="new-one", token="1") == 200
    post("failure", mode="code:451", times="-1")
    assert call.code("account/info") == 451
    assert "451" in post("failure", mode="html") or "۴۵۱" in post("failure", mode="html")
    post("well")
    assert call.code("account/info") == 200
    assert "note-bad" in post("account", key="", credit="1")
    assert "note-bad" in post("account", key="x", credit="many")
    assert "note-bad" in post("nonsense")
