"""`python -m config` is `make run`, minding Ctrl-C from its first moment on, before it has even loaded itself."""

import os
import signal
import sys
from types import FrameType


def main() -> int:
    """Run it; gives its exit status."""
    for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, _leave)
    from config.run import main as run

    return run()


def _leave(number: int, frame: FrameType | None) -> None:
    print("Stopped.", flush=True)
    os._exit(0)  # nothing is begun yet; whoever is importing must not catch this


if __name__ == "__main__":
    sys.exit(main())
