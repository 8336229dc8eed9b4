"""The programs that `make run` looks after: started, watched, told of when they die, stopped in order.

Each leaves its number beside its log, so that the next `make run` can end what a killed one has left running.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.servers import command_line, tail

STOP_SECONDS = 15
RESTARTS, WITHIN_SECONDS = 3, 60.0
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class GivenUp(Exception):
    """A program keeps dying; the message holds the end of its log."""


@dataclass
class Child:
    """One program with its log. One that `must_live` is restarted when it dies; another ends by itself, unhurried."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    must_live: bool = True
    inherits: Sequence[int] = ()
    """Open files of ours, by number, that it takes over."""
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Run it in a session of its own, so that a Ctrl-C at the terminal reaches only us, who stop it in order."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=self.inherits,
                preexec_fn=self._prepare,  # safe: we have no threads
            )
        self.note.write_text("\0".join([str(self.process.pid), *self.command]))

    def _prepare(self) -> None:
        if not self.must_live:
            os.nice(10)
        if _libc is not None:  # Linux ends it with us, even when we are killed outright
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    @property
    def note(self) -> Path:
        """Where it stands which process this is."""
        return self.log.with_suffix(".pid")

    @property
    def number(self) -> int:
        assert self.process  # noqa: S101 - asked of one that was started
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def revive(self) -> str | None:
        """What to tell when it has died since the last look; it runs again then. Raises GivenUp at the fourth death."""
        if self.alive or self.process is None:
            return None
        status, now = self.process.returncode, time.monotonic()
        self.deaths = [*(death for death in self.deaths if now - death < WITHIN_SECONDS), now]
        story = f"{self.name} ended with status {status}. The end of {self.log}:\n{tail(self.log)}"
        if len(self.deaths) > RESTARTS:
            raise GivenUp(f"{story}\n{self.name} ended {len(self.deaths)} times within a minute.")
        _signal(self.number, signal.SIGKILL)  # what it had started, and what would be in the way of the next
        self.start()
        return f"{story}\n{self.name} is started again."


def stop_all(children: Sequence[Child]) -> None:
    """Ask all to end, last started first, and end by force whoever is still there after a while."""
    running = [child for child in reversed(children) if child.alive]
    for child in running:
        _signal(child.number, signal.SIGTERM)
    _wait_while(lambda: any(child.alive for child in running))
    for child in running:
        if child.alive:
            _signal(child.number, signal.SIGKILL)
        if child.process:
            child.process.wait()
        child.note.unlink(missing_ok=True)


def end_leftovers(logs: Path) -> bool:
    """End what a `make run` that was killed outright has left running, by the notes in this folder. False: nothing."""
    left = [number for note in logs.glob("*.pid") if (number := _running(note))]
    for request in (signal.SIGTERM, signal.SIGKILL):
        for number in left:
            _signal(number, request)
        _wait_while(lambda: any(command_line(number) for number in left))
    return bool(left)


def _running(note: Path) -> int:
    """The process of the note; 0 when it is gone, or its number has gone to some other since."""
    number, _, command = note.read_text().partition("\0")
    running = command_line(int(number)).replace(b"\0", b" ").strip() if number.isdigit() else b""
    return int(number) if running and running == os.fsencode(command.replace("\0", " ")) else 0


def _wait_while(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while fact() and time.monotonic() < deadline:
        time.sleep(0.05)


def _signal(number: int, request: signal.Signals) -> None:
    """To a program; the one it cannot refuse also to whatever it started."""
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if request == signal.SIGKILL else os.kill)(number, request)
