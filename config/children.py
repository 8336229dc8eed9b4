"""The programs that `make run` looks after: started, watched, told of when they die, stopped in order."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.servers import tail

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

    def _prepare(self) -> None:
        if not self.must_live:
            os.nice(10)
        if _libc is not None:  # Linux ends it with us, even when we are killed outright
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

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
        self.start()
        return f"{story}\n{self.name} is started again."


def stop_all(children: Sequence[Child]) -> None:
    """Ask all to end, last started first, and end by force whoever is still there after a while."""
    running = [child for child in reversed(children) if child.alive]
    for child in running:
        _signal_group(child, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while any(child.alive for child in running) and time.monotonic() < deadline:
        time.sleep(0.05)
    for child in running:
        if child.alive:
            _signal_group(child, signal.SIGKILL)
        if child.process:
            child.process.wait()


def _signal_group(child: Child, number: signal.Signals) -> None:
    if child.process is None:
        return
    try:
        if number == signal.SIGKILL:  # and whatever it started
            os.killpg(child.process.pid, number)
        else:
            child.process.send_signal(number)
    except ProcessLookupError:
        pass
