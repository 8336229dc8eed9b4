"""What the benchmarks share: the servers of a run, and the web server of the README in front of them."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

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


class Browser:
    """One of the staff with a session, over one kept connection."""

    def __init__(self, port: int, club: Any, phone: str, password: str) -> None:
        from django.conf import settings

        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.host = f"{club.slug}.{settings.BASE_DOMAIN}"
        self.cookies: dict[str, str] = {}
        page = self.ask("GET", "/staff/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"csrfmiddlewaretoken": token[1] if token else "", "phone": phone, "password": password}
        self.ask("POST", "/staff/login/", urlencode(form))

    def ask(self, method: str, path: str, body: str = "") -> str:
        """The text of the answer; its cookies are kept."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        self.line.request(method, path, body or None, {"Host": self.host, "Cookie": cookie, **kind})
        answer = self.line.getresponse()
        text = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _equals, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if answer.status not in (200, 302):
            raise SystemExit(f"{method} {path}: {answer.status} {text[:300]}")
        return text


def beside_sql(http: list[float], sql: list[float]) -> dict[str, float]:
    """p50 and p95 of these seconds in milliseconds, and how many times the plain p50 the whole page takes."""
    pages, plain = statistics.quantiles(http, n=20), statistics.quantiles(sql, n=20)
    return {
        "p50_ms": round(pages[9] * 1000, 2),
        "p95_ms": round(pages[18] * 1000, 2),
        "sql_p50_ms": round(plain[9] * 1000, 2),
        "sql_p95_ms": round(plain[18] * 1000, 2),
        "ratio": round(pages[9] / plain[9], 1),
    }
