"""Trouble on demand: what the provider does wrong next, for tests and for showing how the club bears it."""

import json
import threading
import time
from dataclasses import dataclass, field, replace

from sms.emulator import wire

MODES = ("code", "timeout", "html", "broken_json", "no_return", "close", "twice")


@dataclass
class Fault:
    """One kind of trouble and how often it is still to come; `times` below zero means until it is taken away."""

    mode: str
    code: int = 409
    times: int = 1
    path: str = ""
    """Only calls whose method begins so: `sms/send`; empty for all."""
    accept: bool = False
    """The call is carried out all the same; only its answer is lost."""
    seconds: float = 15.0
    """How long a time-out keeps the caller waiting."""


@dataclass
class Faults:
    """The trouble that waits."""

    waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Something shall go wrong. ValueError for a mode we do not know."""
        if fault.mode not in MODES:
            raise ValueError(f"mode is one of {', '.join(MODES)}")
        with self._lock:
            self.waiting.append(fault)

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self.waiting.clear()

    def next_for(self, path: str) -> Fault | None:
        """The trouble for this call, one time less now."""
        with self._lock:
            for fault in self.waiting:
                if path.lower().startswith(fault.path.lower()):
                    fault.times -= 1
                    if fault.times == 0:
                        self.waiting.remove(fault)
                    return fault
        return None


def spoiled(fault: Fault, answer: wire.Answer | None = None) -> wire.Answer | None:
    """The wrong answer in place of the right one; None when there is none at all and the connection is to be dropped.

    `twice` says each entry of the right one two times.
    """
    if fault.mode == "twice" and answer:
        said = json.loads(answer.body)
        said["entries"] = [entry for entry in said["entries"] or [] for _each in range(2)]
        return replace(answer, body=json.dumps(said, ensure_ascii=False).encode())
    if fault.mode == "code":
        return wire.answer(fault.code, None)
    if fault.mode == "html":
        page = "<html><body><h1>502 Bad Gateway</h1></body></html>"
        return wire.Answer(502, "text/html; charset=utf-8", page.encode())
    if fault.mode == "broken_json":
        return wire.Answer(200, "application/json", b'{"return":{"status":200,"message":"\xd8')
    if fault.mode == "no_return":
        return wire.Answer(200, "application/json", b'{"entries":[]}')
    if fault.mode == "timeout":
        time.sleep(fault.seconds)
    return None
