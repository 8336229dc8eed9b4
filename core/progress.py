"""How far a command is, how fast and how long still: a bar on a terminal, a line every few seconds elsewhere."""

import time
from collections.abc import Callable
from typing import Any, Protocol

LINE_EVERY, BAR_EVERY = 5.0, 0.2  # seconds


class Counted(Protocol):
    """What is counted while it goes on."""

    @property
    def lines(self) -> int:
        """How many there are."""

    @property
    def done(self) -> int:
        """How many are over."""


class Meter:
    """Tells how far it is, each time it is called, if enough time has passed."""

    def __init__(self, out: Any, *, terminal: bool, what: str) -> None:
        self._out, self._terminal, self._what = out, terminal, what
        self._clock: Callable[[], float] = time.monotonic
        self._began = self._told = self._clock()

    def __call__(self, tally: Counted) -> None:
        now = self._clock()
        if now - self._told >= (BAR_EVERY if self._terminal else LINE_EVERY):
            self._told = now
            self._tell(tally, now)

    def end(self, tally: Counted) -> None:
        """The last word, whatever was told before."""
        self._tell(tally, self._clock())
        if self._terminal:
            self._out.write("")

    def _tell(self, tally: Counted, now: float) -> None:
        speed = tally.done / max(now - self._began, 0.001)
        left = int(max(tally.lines - tally.done, 0) / speed) if speed else 0
        share = min(tally.done / tally.lines, 1.0) if tally.lines else 1.0
        text = f"{share:4.0%}  {tally.done}/{tally.lines}  {speed:.0f} {self._what}/s  {left // 60}:{left % 60:02} left"
        if self._terminal:
            bar = ("█" * int(share * 30)).ljust(30, "░")
            self._out.write(f"\r{bar} {text}  ", ending="")
        else:
            self._out.write(text)
        self._out.flush()
