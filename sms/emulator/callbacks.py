"""Telling the owner of a line: states of messages and messages that came in, again and again until it answers 200."""

import contextlib
import heapq
import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import requests

from sms.emulator.book import Book, Inbound, Message

log = logging.getLogger(__name__)
KEPT = 200
STATUS, INBOUND = "status", "inbound"
# For a line without addresses of its own: pairs of (status address, inbound address).
Addresses = Callable[[str], list[tuple[str, str]]]


@dataclass(order=True)
class Delivery:
    """One thing to tell one address."""

    due: float
    number: int
    kind: str = field(compare=False)
    url: str = field(compare=False)
    params: dict[str, str] = field(compare=False)
    tries: int = field(compare=False, default=0)
    answer: str = field(compare=False, default="")


class Teller:
    """A thread that keeps telling. Times are those of the book's clock."""

    def __init__(self, book: Book, addresses: Addresses) -> None:
        self.book = book
        self.addresses = addresses
        self.told: deque[Delivery] = deque(maxlen=KEPT)
        self._waiting: list[Delivery] = []
        self._numbers = itertools.count(1)
        self._wake = threading.Condition()
        self._stopped = False
        self._session = requests.Session()
        self._session.trust_env = False
        self._thread = threading.Thread(target=self._work, name="callbacks", daemon=True)
        book.on_status = self.tell_status
        book.on_inbound = self.tell_inbound

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """Tell nothing more."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._thread.join(timeout=10)
        self._session.close()  # a club's server keeps a thread for every line that is open

    def hurry(self) -> None:
        """Look again at once: the clock was moved."""
        with self._wake:
            self._wake.notify()

    @property
    def waiting(self) -> list[Delivery]:
        """What is still to be told, soonest first."""
        with self._wake:
            return sorted(self._waiting)

    def tell_status(self, message: Message) -> None:
        """A message has a new state."""
        params = {"messageid": str(message.messageid), "status": str(message.status)}
        for status_url, _ in self._addresses_of(message.sender):
            self._add(STATUS, status_url, params)

    def tell_inbound(self, inbound: Inbound) -> None:
        """A subscriber wrote."""
        params = {
            "from": inbound.phone,
            "to": inbound.line,
            "message": inbound.message,
            "messageid": str(inbound.messageid),
        }
        for _, inbound_url in self._addresses_of(inbound.line):
            self._add(INBOUND, inbound_url, params)

    def _addresses_of(self, number: str) -> list[tuple[str, str]]:
        line = self.book.lines.get(number)
        if line and (line.status_url or line.inbound_url):
            return [(line.status_url, line.inbound_url)]
        try:
            return self.addresses(number)
        except Exception as error:  # the club's database may be down: it will poll
            log.warning("no callback addresses for line %s: %s", number, type(error).__name__)
            return []

    def _add(self, kind: str, url: str, params: dict[str, str]) -> None:
        if not url:
            return
        with self._wake:
            heapq.heappush(self._waiting, Delivery(self.book.now(), next(self._numbers), kind, url, params))
            self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                if self._stopped:
                    return
                if not self._waiting or self._waiting[0].due > self.book.now():
                    self._wake.wait(0.5)
                    continue
                delivery = heapq.heappop(self._waiting)
            self._deliver(delivery)

    def _deliver(self, delivery: Delivery) -> None:
        delivery.tries += 1
        try:
            delivery.answer = str(self._ask(delivery))
        except (requests.RequestException, ValueError) as error:  # ValueError: nonsense for an address
            delivery.answer = type(error).__name__
        self.told.appendleft(delivery)
        if delivery.answer == "200":
            self._mark_read(delivery)
        elif delivery.tries < self.book.pace.retries:
            with self._wake:
                delivery.due = self.book.now() + self.book.pace.retry_seconds
                heapq.heappush(self._waiting, delivery)

    def _ask(self, delivery: Delivery) -> int:
        url, headers = reachable(delivery.url)
        response = self._session.post(url, data=delivery.params, headers=headers, timeout=5, allow_redirects=False)
        return response.status_code

    def _mark_read(self, delivery: Delivery) -> None:
        if delivery.kind != INBOUND:
            return
        with self.book.lock, contextlib.suppress(KeyError):
            self.book.inbound[int(delivery.params["messageid"])].is_read = True
            self.book.changes += 1


def reachable(url: str) -> tuple[str, dict[str, str]]:
    """The address as this machine reaches it: names below .localhost are itself, though not every resolver says so."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host != "localhost" and not host.endswith(".localhost"):
        return url, {}
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit(parts._replace(netloc=f"127.0.0.1{port}")), {"Host": parts.netloc}
