"""The servers of a fresh machine: found or started for as long as somebody uses them, stopped by whoever leaves last.

`manage.py` calls `ensure_servers` before settings load. Where DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL are set,
nothing here does anything. `python -m config.embedded [--throwaway] -- COMMAND` runs a command beside the servers,
`--reset` empties the data.
"""

import argparse
import atexit
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from config.lease import Lease, alone
from config.servers import Home, ServerTrouble, answers, missing, start, stop, throw_away_home

URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
A_START_SECONDS = 60  # a folder younger than this may belong to somebody who has not taken its lease yet
PROJECT = Path(__file__).resolve().parent.parent


def lasting_home() -> Home:
    """Where this checkout keeps its data between runs."""
    return Home(Path(os.environ.get("DATA_DIR", PROJECT / ".data")).resolve(), lasting=True)


def outside_servers(environment: Mapping[str, str]) -> bool:
    """True when the environment names all three servers; naming only some would mix two databases and is refused."""
    missing = [name for name in URLS if not environment.get(name)]
    if missing and len(missing) < len(URLS):
        raise ServerTrouble(f"Set all of {', '.join(URLS)}, or none of them; missing: {', '.join(missing)}.")
    return not missing


@contextmanager
def servers(home: Home) -> Iterator[dict[str, str]]:
    """The environment of servers that answer until the block ends, and go on for others who use them."""
    lease = Lease(home.lease)
    try:
        _start_once(home)
        yield {**home.urls(), **_fresh_machine_settings(home)}
    finally:
        lease.release(lambda: stop(home))


def revive(home: Home) -> list[str]:
    """Start again the servers that have died under those who use them; gives their names."""
    if not missing(home):
        return []
    with alone(home.door, wait=True):
        gone = missing(home)
        start(home)
    return gone


@contextmanager
def throw_away_servers() -> Iterator[dict[str, str]]:
    """The environment of new and empty servers; they and their data are gone when the block ends."""
    parent = Path(tempfile.gettempdir())
    _clear_leftovers(parent)
    home = throw_away_home(parent)
    try:
        with servers(home) as environment:
            yield environment
    finally:
        shutil.rmtree(home.root, ignore_errors=True)


def ensure_servers(*, throw_away: bool = False) -> None:
    """Put servers that answer into this process's environment until it ends. Exits with a message when it cannot."""
    try:
        if outside_servers(os.environ):
            return
        hold = throw_away_servers() if throw_away else servers(lasting_home())
        environment = hold.__enter__()
    except ServerTrouble as trouble:
        sys.exit(f"{trouble}")
    os.environ.update({name: value for name, value in environment.items() if name in URLS or name not in os.environ})
    holder = os.getpid()
    # At the very end, after other exit functions have closed their connections; a forked child leaves it alone.
    atexit.register(lambda: hold.__exit__(None, None, None) if os.getpid() == holder else None)
    for request in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(request) is signal.SIG_DFL:
            signal.signal(request, _exit_in_order)


def reset(home: Home) -> None:
    """Empty the data folder; refused while anything uses it."""
    with alone(home.lease, wait=False) as nobody_else:
        if not nobody_else:
            raise ServerTrouble("The data is in use: stop `make run` and every manage.py command first.")
        stop(home)
        for entry in home.root.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry not in (home.lease, home.door):  # others may be waiting on these very files
                entry.unlink()


def _start_once(home: Home) -> None:
    if answers(home):
        return
    with alone(home.door, wait=True):
        start(home)


def _fresh_machine_settings(home: Home) -> dict[str, str]:
    """What the settings want and a fresh machine has no file for; anything set outside wins."""
    secret = home.root / "secret_key"
    with alone(home.door, wait=True):
        if not secret.exists():
            secret.touch(0o600)
            secret.write_text(secrets.token_urlsafe(48))
    settings = {"SECRET_KEY": secret.read_text(), "HTTPS_ONLY": "false"}
    if home.lasting:
        settings["PUBLIC_URL"] = _address(home).read_text() if _address(home).exists() else fresh_url(8000)
    return settings


def fresh_url(port: int) -> str:
    """Below what address this port serves the clubs of a fresh machine."""
    return f"http://{os.environ.get('BASE_DOMAIN', 'localhost')}:{port}"


def tell_address(home: Home, url: str) -> None:
    """Commands write links to here from now on: those beside this `make run`, and those until the next."""
    _address(home).write_text(url)


def _address(home: Home) -> Path:
    return home.root / "public-url"


def _clear_leftovers(parent: Path) -> None:
    """Stop and remove throw-away servers whose user was killed before it could."""
    for root in parent.glob("club-" + "[0-9a-f]" * 8):
        try:
            made = root.stat()
        except FileNotFoundError:  # its user was quicker
            continue
        if made.st_uid != os.getuid() or time.time() - made.st_mtime < A_START_SECONDS or not (root / "lease").exists():
            continue
        with alone(root / "lease", wait=False) as nobody_else:
            if nobody_else:
                stop(Home(root, lasting=False))
                shutil.rmtree(root, ignore_errors=True)


def _exit_in_order(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run it to its end. Ctrl-C reaches it by itself, as it shares our terminal; other requests are handed on."""
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, preexec_fn=lambda: signal.signal(signal.SIGINT, ignored)
    )
    for request in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, lambda number, _: process.send_signal(number))
    status = process.wait()
    return status if status >= 0 else 128 - status


def main(arguments: list[str]) -> int:
    """The command line of this module; gives the exit status of the command it ran."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--throwaway", action="store_true", help="new and empty servers, gone afterwards")
    parser.add_argument("--reset", action="store_true", help="empty the data folder")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="what to run, after --")
    options = parser.parse_args(arguments)
    try:
        if options.reset:
            reset(lasting_home())
            return 0
        if not options.command:
            parser.error("give a command after --")
        if outside_servers(os.environ):
            return _run(options.command, {})
        with throw_away_servers() if options.throwaway else servers(lasting_home()) as environment:
            return _run(options.command, environment)
    except ServerTrouble as trouble:
        sys.exit(str(trouble))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
