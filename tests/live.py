"""The club's own pages over HTTP, for browsers, tills and providers that a test lets speak to them."""

import contextlib
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import LiveServerThread

from config.ports import free_port


class Server(ThreadedWSGIServer):
    """Django's, but with an end: after `server_close` no request is under way and no database connection is open.

    Clients keep their lines open, and each line has a thread with a connection of its own: it would outlive the test.
    """

    daemon_threads = False  # so that closing waits for them
    request_queue_size = 256

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._lines: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._lines.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self._lines.discard(request)
        super().close_request(request)

    def server_close(self) -> None:
        for line in list(self._lines):
            with contextlib.suppress(OSError):  # its client may have gone before
                line.shutdown(socket.SHUT_RD)  # an answer under way still goes out
        super().server_close()


def some_port() -> int:
    """A free port for a program that wants to be told one: at random, below those that the system hands out."""
    return free_port(random.SystemRandom().randrange(20_000, 30_000))


def as_it_is(application: Callable[..., Any]) -> Callable[..., Any]:
    """The application with nothing before it: it serves its static files itself, and says how long they stay good."""
    return application


@contextmanager
def served() -> Iterator[int]:
    """The port on which the clubs are served; each by its own host."""
    thread = LiveServerThread("127.0.0.1", as_it_is)
    thread.server_class = Server
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None, thread.error
    try:
        yield thread.port
    finally:
        thread.terminate()
