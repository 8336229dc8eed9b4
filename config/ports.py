"""The ports of `make run`: read as typed, found free, and held from then on."""

import contextlib
import socket
import sys


class CannotRun(Exception):
    """Something of this machine is in the way; the message says what, and what to do."""


def port_number(text: str, name: str) -> int:
    """A port as typed; nonsense is refused by the name of the variable."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotRun(f"{name}={text} is not a port: a whole number up to 65535.")
    return int(text)


def hold(host: str, port: int) -> socket.socket:
    """Keep the port for the web server: it may listen there as long as we hold it, another `make run` may not.

    The web's processes share the port (SO_REUSEPORT), and would share it with a second web just as well: two that are
    started at once would answer by turns, each from its own database.
    """
    holder = _bound(port, host)
    if holder is None:
        raise CannotRun(f"Port {port} is taken by another program. Choose another: make run PORT={free_port(port + 1)}")
    if sys.platform == "linux":  # from now on only who shares may come in, and nobody is asked to share before
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    else:
        holder.close()
    return holder


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether we could listen there."""
    trial = _bound(port, host)
    if trial:
        trial.close()
    return trial is not None


def _bound(port: int, host: str) -> socket.socket | None:
    trial = socket.socket()
    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the last web's ended lines are not in the way
    try:
        trial.bind((host, port))
    except PermissionError:
        trial.close()
        raise CannotRun(f"Port {port} needs more rights than you have. Choose one above 1023.") from None
    except OSError:
        trial.close()
        return None
    return trial


def free_port(first: int) -> int:
    """The first free port from this one on, to name it; by the time it is used it may be taken."""
    for port in range(first, min(first + 100, 65536)):
        if is_free(port):
            return port
    raise CannotRun(f"No free port from {first} on.")


def listening(first: int, *, but_not: int) -> socket.socket:
    """The first free port from this one on, ours from now on: who starts at the same time gets the next."""
    for port in range(first, min(first + 100, 65536)):
        if port != but_not and is_free(port):
            with contextlib.suppress(OSError):
                return socket.create_server(("127.0.0.1", port))
    raise CannotRun(f"No free port from {first} on.")
