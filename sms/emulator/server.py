"""The emulator over HTTP: the provider's REST protocol, the phones' page, the panel, and a JSON door."""

import json
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sms.emulator import asking, door, keeping, pages, reading, sending, states, wire
from sms.emulator.book import Account, Book, Pace, Template
from sms.emulator.callbacks import Addresses, Teller
from sms.emulator.faults import Faults, spoiled
from sms.emulator.wire import Answer

METHOD_MODULES = (sending, states, reading)  # imported for the methods they register
DEMO_KEYS = ("emulator", "emulator-2")
DISABLED_KEY = "disabled"
DEMO_LINES = ("10004346", "10008663", "30005006")
OTP_TEMPLATE = Template("login-code", "کد ورود شما: %token\nاین کد را به کسی ندهید.")
LONGEST_BODY = 4_000_000
CALLS_KEPT = 1_000


class Emulator:
    """One provider on one port. `start` and `stop` it, or use `running_emulator`."""

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        listener: socket.socket | None = None,
        state: Path | None = None,
        pace: Pace | None = None,
        keys: tuple[str, ...] = DEMO_KEYS,
        addresses: Addresses = lambda number: [],
        poll_seconds: float = 0.1,
    ) -> None:
        self.book = Book(pace)
        self.faults = Faults()
        self.calls: deque[dict[str, Any]] = deque(maxlen=CALLS_KEPT)
        self.teller = Teller(self.book, addresses)
        self.state = state
        self.key = keys[0]
        self._saved_changes = 0
        self._stopping = threading.Event()
        self._open_accounts(keys)
        if state:
            keeping.load(self.book, state)
        self._server = _Server((host, port), listener)
        self._server.emulator = self
        self._serving = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": poll_seconds}, daemon=True
        )
        self._ticking = threading.Thread(target=self._tick, daemon=True)

    @property
    def base_url(self) -> str:
        """Where it answers; what KAVENEGAR_BASE_URL is set to."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        """Answer from now on."""
        self.teller.start()
        self._serving.start()
        self._ticking.start()

    def stop(self) -> None:
        """Answer no more, and keep what there is."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self.teller.stop()
        self._ticking.join()  # it may be saving just now, what has changed since
        self._save()

    def wait(self) -> None:
        """Stay until stopped."""
        self._stopping.wait()

    # What tests say instead of HTTP.

    def act(self, name: str, /, *, verb: str = "POST", **body: Any) -> Any:
        """Use the JSON door from within the process."""
        answer = door.open_door(self, verb=verb, name=name, body=body)
        result = json.loads(answer.body)
        if answer.status != 200:
            raise ValueError(result["error"])
        return result

    def messages_to(self, receptor: str) -> list[dict[str, Any]]:
        """What this phone was sent, the last one first."""
        found: list[dict[str, Any]] = self.act("messages", verb="GET", receptor=receptor)["messages"]
        return found

    def _open_accounts(self, keys: tuple[str, ...]) -> None:
        for key in keys:
            self.book.add_account(Account(key, lines=list(DEMO_LINES)))
        self.book.add_account(Account(DISABLED_KEY, enabled=False))
        self.book.templates[OTP_TEMPLATE.name] = OTP_TEMPLATE

    def _tick(self) -> None:
        saved_at = time.monotonic()
        while not self._stopping.wait(0.2):
            with self.book.lock:
                self.book.settle()
            if time.monotonic() - saved_at > 2:
                self._save()
                saved_at = time.monotonic()

    def _save(self) -> None:
        if self.state and self.book.changes != self._saved_changes:
            changes = self.book.changes
            keeping.save(self.book, self.state)
            self._saved_changes = changes


@contextmanager
def running_emulator(**settings: Any) -> Iterator[Emulator]:
    """An emulator on a free port for the time of the block; quick, so that tests do not wait."""
    settings.setdefault("pace", Pace(queue_seconds=0.0, final_seconds=0.0))
    settings.setdefault("poll_seconds", 0.01)
    emulator = Emulator(**settings)
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    emulator: Emulator

    def __init__(self, address: tuple[str, int], listener: socket.socket | None) -> None:
        super().__init__(address, Handler, bind_and_activate=listener is None)
        if listener:
            self.socket.close()
            self.socket, self.server_address = listener, listener.getsockname()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who has hung up meanwhile is daily life; anything else is told with its trace."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection of one caller."""

    protocol_version = "HTTP/1.1"
    server_version = "KavenegarEmulator"
    timeout = 60

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_DELETE = do_HEAD = do_GET  # noqa: N815

    @property
    def emulator(self) -> Emulator:
        """The provider behind this server."""
        server = self.server
        assert isinstance(server, _Server)  # noqa: S101 - no other makes us
        return server.emulator

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        body = self._body()
        if body is None:
            return
        if parts.path.lower().startswith("/v1/"):
            answer = self._protocol(parts.path, query | _form(body))
        elif parts.path.startswith("/_/"):
            name = parts.path.removeprefix("/_/").strip("/")
            answer = door.open_door(self.emulator, verb=self.command, name=name, body=query | _json(body))
        else:
            answer = pages.page(self.emulator, verb=self.command, path=parts.path, query=query, form=_form(body))
        self._write(answer)

    def _protocol(self, path: str, params: dict[str, str]) -> Answer | None:
        _, key, method, suffix = _parts_of(path)
        self.emulator.calls.append({"verb": self.command, "method": method, "params": params})
        fault = self.emulator.faults.next_for(method)
        if fault and not fault.accept and fault.mode != "twice":
            return spoiled(fault)
        xml = suffix == "xml"
        try:
            if suffix not in {"json", "xml"}:
                raise wire.Refused(404)
            with self.emulator.book.lock:
                entries = asking.perform(self.emulator.book, verb=self.command, key=key, path=method, params=params)
                answer = wire.answer(wire.ACCEPTED, entries, xml=xml)
        except wire.Refused as refused:
            answer = wire.answer(refused.code, None, xml=xml)
        return spoiled(fault, answer) if fault else answer

    def _body(self) -> bytes | None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if not 0 <= length <= LONGEST_BODY:
            self.close_connection = True
            self._write(wire.answer(414, None))
            return None
        return self.rfile.read(length)

    def _write(self, answer: Answer | None) -> None:
        if answer is None:  # a provider that never answers
            self.close_connection = True
            return
        self.send_response(answer.status)
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
        headers |= {"Cache-Control": "no-store"} | answer.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name http.server calls
        """Nothing: the path holds the key; `/_/calls` shows what came."""


def _parts_of(path: str) -> tuple[str, str, str, str]:
    """`/v1/KEY/sms/send.json/` in its parts: version, key, method, suffix."""
    pieces = path.strip("/").split("/", 2)
    version, key, rest = [*pieces, "", ""][:3]
    method, _, suffix = rest.rpartition(".")
    return version, unquote(key), method.lower() if method else rest.lower(), suffix.lower() if method else ""


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
