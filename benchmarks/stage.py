"""What the benchmarks share: the servers of a run, and the web server of the README in front of them."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def database() -> Iterator[dict[str, str]]:
    """The servers named in the environment, or embedded ones of its own that write to disk as in production."""
    from config.embedded import outside_servers, servers
    from config.servers import Home

    if outside_servers(os.environ):
        yield {}
        return
    root = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with servers(Home(root / "data", lasting=True)) as environment:
            yield {**environment, "HTTPS_ONLY": "false"}
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def web(workers: int) -> Iterator[tuple[int, int]]:
    """The server of the README, on a free port; (port, process id)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", "8", "--log-level", "error", "config.wsgi:application"]
    process = subprocess.Popen(command, cwd=PROJECT, start_new_session=True)
    try:
        for _try in range(300):
            with contextlib.suppress(OSError):
                asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                asking.request("GET", "/healthz")
                if asking.getresponse().status == 200:
                    break
            time.sleep(0.1)
        else:
            raise SystemExit("the web server does not answer")
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
