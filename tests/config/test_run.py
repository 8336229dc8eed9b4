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
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import children
from config.children import Child, GivenUp, stop_all
from config.embedded import PROJECT
from config.run import CannotRun, free_port, is_free, listening, port_number
from config.servers import Home
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
        [sys.executable, "-m", "config.run"],
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


def command_lines(folder: Path) -> list[bytes]:
    """The programs that run with something of the folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes())
    return [line for line in found if bytes(folder) in line]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for programs in /proc")
@pytest.mark.parametrize("begun", [b"valkey-server", b"initdb", b"postgres\0-D"])
def test_ctrl_c_while_the_servers_start_leaves_none_behind(
    environment: dict[str, str], tmp_path: Path, begun: bytes
) -> None:
    run = make_run(environment)
    try:
        while not any(begun in line for line in command_lines(tmp_path)):
            assert run.poll() is None
    finally:
        run.send_signal(signal.SIGINT)
        heard = run.communicate(timeout=120)[0]

    assert heard.endswith("Stopped.\n")
    assert command_lines(tmp_path) == []


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

            second = subprocess.run(
                [sys.executable, "-m", "config.run"],
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


def test_make_run_names_another_port_when_its_own_is_taken(
    environment: dict[str, str], taken: int, tmp_path: Path
) -> None:
    run = make_run({**environment, "PORT": str(taken)})

    heard = run.communicate(timeout=120)[0]

    assert run.returncode == 1
    assert re.search(rf"Port {taken} is taken .*make run PORT=\d+", heard)
    assert "Traceback" not in heard
    assert not (tmp_path / "data/postgres").exists()
