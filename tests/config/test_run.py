"""`make run`: ports, the programs it looks after, and the whole of it once."""

import contextlib
import math
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import requests

from config import children
from config.children import Child, GivenUp, end_leftovers, stop_all
from config.embedded import PROJECT
from config.ports import CannotRun, free_port, hold, is_free, listening, port_number
from config.run import answers, programs
from config.servers import Home, command_line, postmaster
from tests.live import some_port

EMBEDDED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def child(tmp_path: Path, script: str) -> Child:
    return Child("helper", [sys.executable, "-c", script], tmp_path / "helper.log", {})


def wait_for(fact: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


def wait_for_death(one: Child) -> None:
    assert one.process
    one.process.wait(60)


@pytest.mark.parametrize("text", ["", "http", "0", "65536", "-1", "۸۰۰۰", "8000.0"])
def test_nonsense_for_a_port_is_refused_by_name(text: str) -> None:
    with pytest.raises(CannotRun, match="PORT="):
        port_number(text, "PORT")


def test_a_taken_port_is_seen_and_the_next_free_one_found(taken: int) -> None:
    assert not is_free(taken)
    assert free_port(taken) > taken


def test_of_two_who_choose_a_port_at_once_each_gets_one_of_its_own(taken: int) -> None:
    with listening(taken, but_not=taken + 1) as one, listening(taken, but_not=taken + 1) as other:
        ports = one.getsockname()[1], other.getsockname()[1]

        assert not {taken, taken + 1} & set(ports)
        assert ports[0] != ports[1]
        socket.create_connection(("127.0.0.1", ports[1])).close()


GRANIAN = ["-m", "granian", "--interface", "wsgi", "--workers", "2", "--log-level", "warning"]
HELLO = """
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the web's processes do not share a port")
def test_a_held_port_is_the_web_servers_alone(tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(HELLO)
    port = some_port()
    command = [sys.executable, *GRANIAN, "--port", str(port), "--working-dir", str(tmp_path), "hello:application"]
    web = Child("web", command, tmp_path / "web.log", {})
    with hold("127.0.0.1", port):
        with pytest.raises(CannotRun, match=f"Port {port} is taken"):
            hold("127.0.0.1", port)
        web.start()
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/"))
            for _ in range(20):  # none is lost to the holder
                assert urllib.request.urlopen(f"http://127.0.0.1:{port}/").read() == b"hello"
            assert not is_free(port)
        finally:
            stop_all([web])
    assert is_free(port)


def test_a_program_that_dies_is_reported_with_its_last_words_and_started_again(tmp_path: Path) -> None:
    one = child(tmp_path, "import sys; print('the reason'); sys.exit(3)")
    one.start()
    wait_for_death(one)

    story = one.revive()

    assert story
    assert "helper ended with status 3" in story
    assert "the reason" in story
    assert one.process
    wait_for_death(one)


def test_a_program_that_keeps_dying_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "WITHIN_SECONDS", math.inf)  # a busy machine takes longer than a minute
    one = child(tmp_path, "print('no hope')")
    one.start()
    for _ in range(3):
        wait_for_death(one)
        assert one.revive()
    wait_for_death(one)

    with pytest.raises(GivenUp, match="no hope"):
        one.revive()


def test_a_program_that_lives_has_no_story_and_all_are_stopped(tmp_path: Path) -> None:
    programs = [child(tmp_path, "import time; time.sleep(60)") for _ in range(2)]
    for one in programs:
        one.start()

    assert [one.revive() for one in programs] == [None, None]
    stop_all(programs)

    assert not any(one.alive for one in programs)


STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


def test_what_a_killed_run_has_left_is_ended_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "STOP_SECONDS", 1)
    left, stranger = child(tmp_path, STUBBORN), child(tmp_path, STUBBORN)
    stranger.log = tmp_path / "stranger.log"
    for one in (left, stranger):
        one.start()
        wait_for(lambda one=one: "up" in one.log.read_text())  # type: ignore[misc]
    stranger.note.write_text(f"{stranger.number}\0some\0other program")  # that had the number before it

    assert end_leftovers(tmp_path)
    wait_for(lambda: not left.alive)  # it lets go of its memory, which is what was waited for, before it is gone
    assert stranger.alive
    assert not end_leftovers(tmp_path)
    stop_all([stranger])


def test_a_program_that_died_takes_along_what_it_had_started(tmp_path: Path) -> None:
    script = (
        f"import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).pid, flush=True)"
    )
    one = child(tmp_path, f"{script}; time.sleep(600)")
    one.start()
    wait_for(lambda: "up" in one.log.read_text())
    started = int(re.findall(r"\d+", one.log.read_text())[0])
    os.kill(one.number, signal.SIGKILL)
    wait_for_death(one)
    assert command_line(started)

    assert one.revive()

    wait_for(lambda: not command_line(started))
    stop_all([one])


LOADING = "import sys, time; print('loading', 'celery' in sys.modules, flush=True); time.sleep(600)"


@pytest.fixture
def loading_for_ever(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing that speaks to PostgreSQL comes to the end of its imports."""
    (tmp_path / "psycopg2.py").write_text(LOADING)
    return {"PYTHONPATH": str(tmp_path), **dict.fromkeys(EMBEDDED, "postgres:///x"), "SECRET_KEY": "x"}


def test_ctrl_c_before_make_run_has_loaded_itself_is_no_traceback(
    environment: dict[str, str], loading_for_ever: dict[str, str]
) -> None:
    run = make_run({**environment, **loading_for_ever})
    heard = read_until(run, "loading")
    assert "loading False" in heard, "celery is slow to load, and nobody minds Ctrl-C so early"

    run.send_signal(signal.SIGINT)

    assert run.communicate(timeout=60)[0] == "Stopped.\n"
    assert run.returncode == 0


def test_a_web_that_is_told_to_end_while_it_starts_ends(
    loading_for_ever: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "logs").mkdir()
    monkeypatch.setattr(children, "STOP_SECONDS", 60)
    with socket.socket() as line:
        web = programs(loading_for_ever, host="127.0.0.1", port=some_port(), line=line)[0]
    web.start()
    wait_for(lambda: web.log.read_text().count("loading") == 2)

    stop_all([web])

    assert web.process
    assert web.process.returncode == 0, "by itself, not by force"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in EMBEDDED}
    return {
        **own,
        "DATA_DIR": str(tmp_path / "data"),
        "PORT": str(some_port()),
        "KAVENEGAR_EMULATOR_PORT": str(some_port()),
    }


def make_run(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def read_until(process: subprocess.Popen[str], expected: str) -> str:
    assert process.stdout
    heard = ""
    for line in process.stdout:
        heard += line
        if expected in line:
            return heard
    pytest.fail(f"ended without saying {expected!r}:\n{heard}")


def processor_seconds() -> float:
    """What our ended children have used, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def command_lines(home: Home) -> list[bytes]:
    """The programs that run with something of the home; its sockets may lie elsewhere."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes())
    return [line for line in found if bytes(home.root) in line or bytes(home.sockets) in line]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for programs in /proc")
@pytest.mark.parametrize("begun", [b"valkey-server", b"initdb", b"postgres\0-D"])
def test_ctrl_c_while_the_servers_start_leaves_none_behind(
    environment: dict[str, str], tmp_path: Path, begun: bytes
) -> None:
    home = Home(tmp_path / "data", lasting=True)
    run = make_run(environment)
    try:
        wait_for(lambda: any(begun in line for line in command_lines(home)))
    finally:
        run.send_signal(signal.SIGINT)
        heard = run.communicate(timeout=120)[0]

    assert heard.endswith("Stopped.\n")
    assert command_lines(home) == []


@pytest.mark.slow
def test_make_run_answers_refuses_a_second_start_and_ends_in_order(environment: dict[str, str], tmp_path: Path) -> None:
    home = Home(tmp_path / "data", lasting=True)
    for _ in range(2):  # the second start finds the data of the first
        before = processor_seconds()
        first = make_run(environment)
        try:
            greeting = read_until(first, "Logs")
            base = f"http://localhost:{environment['PORT']}"
            assert f".localhost:{environment['PORT']}/staff/login/" in greeting
            with urllib.request.urlopen(f"{base}/healthz") as page:
                assert page.status == 200
            with urllib.request.urlopen(f"http://127.0.0.1:{environment['KAVENEGAR_EMULATOR_PORT']}/") as phone:
                assert phone.status == 200

            assert (home.root / "public-url").read_text() == base

            second = subprocess.run(
                [sys.executable, "-m", "config"],
                cwd=PROJECT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert second.returncode == 1
            assert "already running" in second.stdout
        finally:
            first.send_signal(signal.SIGINT)
            rest = first.communicate(timeout=120)[0]

        assert first.returncode == 0
        assert rest.endswith("Stopped.\n")
        assert "Traceback" not in greeting + rest
        assert processor_seconds() - before < 60  # half of it by the clock, on two processors with nothing else to do
        assert is_free(int(environment["PORT"]))
        assert not (home.data / "postmaster.pid").exists()


def create_club(environment: dict[str, str]) -> None:
    command = ["create_club", "narvan", "--name", "کافه نارون", "--owner-phone", "09120000001"]
    subprocess.run([sys.executable, "manage.py", *command], cwd=PROJECT, env=environment, check=True)


def ask_for_a_code(environment: dict[str, str], phone: str) -> None:
    """As a member's browser does."""
    url, host = f"http://127.0.0.1:{environment['PORT']}/login/", {"Host": f"narvan.localhost:{environment['PORT']}"}
    with requests.Session() as browser:
        page = browser.get(url, headers=host, timeout=60)
        token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page.text)[0]
        form = {"csrfmiddlewaretoken": token, "phone": phone}
        cookies = {"csrftoken": page.cookies["csrftoken"]}
        assert browser.post(url, form, headers=host, cookies=cookies, timeout=60, allow_redirects=False).ok


def messages_to(environment: dict[str, str], phone: str) -> list[object]:
    url = f"http://127.0.0.1:{environment['KAVENEGAR_EMULATOR_PORT']}/_/messages?receptor={phone}"
    return list(requests.get(url, timeout=60).json()["messages"])


@pytest.mark.slow
def test_servers_that_are_killed_are_started_again_and_sms_arrive(environment: dict[str, str], tmp_path: Path) -> None:
    home = Home(tmp_path / "data", lasting=True)
    run = make_run({**environment, "DEMO": "0"})
    try:
        assert "create_club" in read_until(run, "Logs")
        create_club(environment)
        for name, phone in (("PostgreSQL", "09120001001"), ("Valkey", "09120001002")):
            connection = redis.Redis(unix_socket_path=str(home.valkey_socket))
            pid = postmaster(home) if name == "PostgreSQL" else connection.info("server")["process_id"]  # type: ignore[index]
            assert pid
            os.kill(pid, signal.SIGKILL)
            read_until(run, f"{name} had died and is started again")

            wait_for(lambda: requests.get(f"http://127.0.0.1:{environment['PORT']}/healthz", timeout=60).ok)
            ask_for_a_code(environment, phone)
            wait_for(lambda phone=phone: messages_to(environment, phone))  # type: ignore[misc]
    finally:
        run.send_signal(signal.SIGINT)
        rest = run.communicate(timeout=120)[0]

    assert rest.endswith("Stopped.\n")
    assert run.returncode == 0  # a worker that lost its broker may have ended with a trace, which is shown
    assert command_lines(home) == []


def test_make_run_names_another_port_when_its_own_is_taken(
    environment: dict[str, str], taken: int, tmp_path: Path
) -> None:
    run = make_run({**environment, "PORT": str(taken)})

    heard = run.communicate(timeout=120)[0]

    assert run.returncode == 1
    assert re.search(rf"Port {taken} is taken .*make run PORT=\d+", heard)
    assert "Traceback" not in heard
    assert not (tmp_path / "data/postgres").exists()
