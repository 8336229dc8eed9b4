"""`make run`: everything a fresh machine needs to use the club, in one terminal, until Ctrl-C.

Servers, migrations, web, worker, scheduler, the SMS provider's emulator and two demo clubs. Says what it does while it
does it; the programs' own words are in the `logs` folder of the data.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

import psycopg2
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.children import Child, GivenUp, end_leftovers, stop_all
from config.demo.cast import CLUBS, logins
from config.embedded import PROJECT, fresh_url, lasting_home, outside_servers, revive, servers, tell_address
from config.ports import CannotRun, hold, listening, port_number
from config.servers import ServerTrouble, tail
from core.tenancy.roles import libpq_url

WEB_SECONDS, COMPANY_SECONDS = 180, 20
MANAGE = [sys.executable, str(PROJECT / "manage.py")]


def main() -> int:
    """Serve until Ctrl-C; 0 then, 1 when something is in the way or a program keeps dying."""
    children: list[Child] = []
    try:
        for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(request, _stop)
        port = port_number(os.environ.get("PORT", "8000"), "PORT")
        host = os.environ.get("HOST", "127.0.0.1")
        with only_run():
            if end_leftovers(lasting_home().logs):
                say("Ended what a make run that was killed had left running.")
            with hold(host, port), _environment(port) as environment:
                _serve(children, environment, host=host, port=port)
    except (CannotRun, ServerTrouble, GivenUp, ImproperlyConfigured) as trouble:
        say(str(trouble))
        return 1
    except Stopped:
        say("Stopped.")
    return 0


def _serve(children: list[Child], environment: Mapping[str, str], *, host: str, port: int) -> None:
    first = port_number(os.environ.get("KAVENEGAR_EMULATOR_PORT", "8090"), "KAVENEGAR_EMULATOR_PORT")
    line = listening(first, but_not=port)
    emulator_port = line.getsockname()[1]
    base = fresh_url(port)
    emulator = f"http://127.0.0.1:{emulator_port}"
    environment = {
        "SMS_GATEWAY": "kavenegar",
        "LIST_CLUBS": "true",
        "KAVENEGAR_BASE_URL": emulator,
        "KAVENEGAR_EMULATOR_PORT": str(emulator_port),
        "KAVENEGAR_API_KEY": "emulator",
        "KAVENEGAR_SENDER": "10004346",
        "PUBLIC_URL": base,
        **environment,
    }
    try:
        _migrate(environment)
        say("Starting web, worker, scheduler and the SMS emulator ...")
        web, worker, beat, company = programs(environment, host=host, port=port, line=line)
        seed = Child("seed_demo", [*MANAGE, "seed_demo", "-v", "0"], new_log("seed_demo"), environment, must_live=False)
        with_demo = env.flag("DEMO", True)
        # These at first: on a small machine the others would hold them up.
        _start(children, web, *([seed] if with_demo else []))
        _wait_for_web(web, f"http://127.0.0.1:{port}/healthz")
        _start(children, worker, company, *([] if with_demo else [beat]))
        _wait_for_company(seed if with_demo else None, environment, emulator)
        greeting = welcome(logins(base) if with_demo else EMPTY, emulator=emulator)
        say(greeting)
        _watch(children, seed, beat, greeting)
    finally:
        _ignore_more_requests()
        if children:
            say("Stopping ...")
        stop_all(children)


def _start(children: list[Child], *fresh: Child) -> None:
    for child in fresh:
        children.append(child)
        child.start()


def programs(environment: Mapping[str, str], *, host: str, port: int, line: socket.socket) -> list[Child]:
    """What has to live as long as `make run` does.

    A worker of the web that is told to end while it starts does not hear it, and the web would wait for it for ever.
    """
    python, celery = sys.executable, [sys.executable, "-m", "celery", "-A", "config.celery"]
    # fmt: off
    commands = {
        "web": [python, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "2",
                "--blocking-threads", "8", "--log-level", "warning", "--workers-kill-timeout", "3",
                "config.wsgi:application"],
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
        "beat": [*celery, "beat", "--loglevel", "INFO"],
        "emulator": [*MANAGE, "kavenegar_emulator", "--listener", str(line.fileno())],
    }
    # fmt: on
    return [
        Child(name, command, new_log(name), environment, inherits=[line.fileno()] if name == "emulator" else [])
        for name, command in commands.items()
    ]


def _migrate(environment: Mapping[str, str]) -> None:
    say("Migrating the database ...")
    done = subprocess.run(
        [*MANAGE, "migrate", "--noinput", "--verbosity", "0"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = "\n".join((done.stderr or done.stdout).splitlines()[-15:])
        raise CannotRun(f"The database could not be migrated:\n{reason}")


def _wait_for_web(web: Child, url: str) -> None:
    deadline = time.monotonic() + WEB_SECONDS
    while not answers(url):
        if not web.alive:
            raise CannotRun(f"The web server does not start. The end of {web.log}:\n{tail(web.log)}")
        if time.monotonic() > deadline:
            raise CannotRun(f"No answer from {url} in {WEB_SECONDS} s. The end of {web.log}:\n{tail(web.log)}")
        time.sleep(0.1)


def _wait_for_company(seed: Child | None, environment: Mapping[str, str], emulator: str) -> None:
    """Until the demo logins work and the phone shows SMS; the filling goes on. After a while, go on without them."""
    deadline = time.monotonic() + COMPANY_SECONDS
    while time.monotonic() < deadline:
        if (seed is None or not seed.alive or _demo_clubs_are_open(environment)) and answers(emulator):
            return
        time.sleep(0.1)


def _demo_clubs_are_open(environment: Mapping[str, str]) -> bool:
    """Each is made with its staff in one transaction, so that a club that is there can be logged into."""
    url = {**os.environ, **environment}["DATABASE_OWNER_URL"]
    try:
        connection = psycopg2.connect(libpq_url(url), connect_timeout=5)
    except psycopg2.OperationalError:
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM core_club WHERE slug = ANY(%s)", [[club.slug for club in CLUBS]])
            return bool(cursor.fetchone() == (len(CLUBS),))
    finally:
        connection.close()


def _watch(children: list[Child], seed: Child, beat: Child, greeting: str) -> None:
    """Tell how the filling goes on, and look after the servers and the programs, until somebody says stop.

    The scheduler waits for the end of the filling: a job that ends what is due today would write into the midst of a
    history that is still months back.
    """
    told, embedded = 0, not outside_servers(os.environ)
    while True:
        for name in revive(lasting_home()) if embedded else []:
            say(f"{name} had died and is started again; its log is in {shown(lasting_home().logs)}.")
        if seed in children:
            ended = not seed.alive
            told = _tell_progress(seed.log, told)
            if ended:
                children.remove(seed)
                _start(children, beat)
                say(_how_it_ended(seed, greeting if told else ""))
        for child in children:
            story = child.revive() if child.must_live else None
            if story:
                say(story)
        time.sleep(0.3)


def _how_it_ended(seed: Child, greeting: str) -> str:
    if seed.process and seed.process.returncode:
        return f"The demo clubs could not be filled. The end of {shown(seed.log)}:\n{tail(seed.log)}"
    return f"The demo clubs are filled.\n{greeting}"


def _tell_progress(log: Path, told: int) -> int:
    """Print the whole lines that were added to a log since `told` bytes; gives how many are told now."""
    with log.open("rb") as lines:
        lines.seek(told)
        fresh = lines.read()
    whole = fresh[: fresh.rfind(b"\n") + 1]
    for line in whole.decode(errors="replace").splitlines():
        say(f"  demo: {line}")
    return told + len(whole)


EMPTY = """  There is no demo (DEMO=0). A club of your own:
    .venv/bin/python manage.py create_club SLUG --name NAME --owner-phone PHONE"""


def welcome(doors: str, *, emulator: str) -> str:
    """Where to go from here; `doors`: the addresses and logins of clubs, or how to make one."""
    home = lasting_home()
    return f"""
Ready. Ctrl-C stops it all; the data stays in {shown(home.root)} (make reset empties it).

{doors}

  The phone the SMS arrive on   {emulator}/
  Logs                          {shown(home.logs)}
"""


@contextlib.contextmanager
def only_run() -> Iterator[None]:
    """Hold the place of the one `make run` of this data; a second one is told so."""
    home = lasting_home()
    home.root.mkdir(parents=True, exist_ok=True)
    with (home.root / "make-run").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(f"`make run` is already running on {shown(home.root)}; stop that one first.") from None
        yield


@contextlib.contextmanager
def _environment(port: int) -> Iterator[Mapping[str, str]]:
    if outside_servers(os.environ):
        say("Using the PostgreSQL and the Redis named in the environment.")
        lasting_home().logs.mkdir(parents=True, exist_ok=True)
        yield {}
        return
    say("Starting PostgreSQL and Valkey ...")
    tell_address(lasting_home(), fresh_url(port))
    with servers(lasting_home()) as environment:
        yield {name: value for name, value in environment.items() if name not in os.environ}


def answers(url: str) -> bool:
    """Whether a page is served there, whatever it says."""
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def new_log(name: str) -> Path:
    """An empty log for this run; the one before is kept beside it."""
    log = lasting_home().logs / f"{name}.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    log.touch()
    return log


def shown(path: Path) -> str:
    """A path as short as it can be told from the checkout."""
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


def say(text: str) -> None:
    """One thing to the person at the terminal, at once; one who has closed it is no reason to end out of order."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


class Stopped(Exception):
    """Somebody pressed Ctrl-C or asked us to end."""


def _stop(number: int, frame: FrameType | None) -> None:
    _ignore_more_requests()
    raise Stopped


def _ignore_more_requests() -> None:
    """An impatient second Ctrl-C must not break the stopping in order."""
    for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, signal.SIG_IGN)
