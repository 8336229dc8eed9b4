"""A lease on a folder: many share it, and the last to leave knows that it is the last.

An flock, so that the kernel gives it back for whoever crashes or is killed.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Lease:
    """A shared hold on `file`, from now until `release` or the end of this process."""

    def __init__(self, file: Path) -> None:
        """Waits while somebody who was the last is still tidying up."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._holder = os.getpid()
        self._descriptor: int | None = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self, when_last: Callable[[], None]) -> bool:
        """Give it back; the last holder runs `when_last` while newcomers wait. True for the last.

        A forked child shares its parent's hold and must not judge by it, so there it does nothing.
        """
        if self._descriptor is None or self._holder != os.getpid():
            return False
        descriptor, self._descriptor = self._descriptor, None
        try:
            # Turning a shared lock into an exclusive one drops the first before it tries the second. Two who leave at
            # once may thus both fail only if a third still holds it.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            when_last()
            return True
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)


@contextmanager
def alone(file: Path, *, wait: bool) -> Iterator[bool]:
    """Hold `file` exclusively. Without `wait`, gives False at once when somebody else has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
